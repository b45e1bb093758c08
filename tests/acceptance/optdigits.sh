#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real handwriting: trained on the rows of 30 people, the main job scores those of 13 others.
data=$NEURON_SOURCE/../shared/data
if [ ! -r "$data/optdigits-train.csv" ] || [ ! -r "$data/optdigits-test.csv" ]; then
    echo "skipped: there is no $data with the optdigits rows"
    exit 77
fi
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example digits
cd "$work/build" || exit 1

run "train" ./digits-train --csv "$data/optdigits-train.csv" --check-csv "$data/optdigits-test.csv" \
    --weights optdigits.weights --channels-1 16 --channels-2 32 --hidden 64 --shift 0.5 --epochs 30
run "convert" ./digits-convert --csv "$data/optdigits-test.csv" --images x.npy --labels y.npy
run "compile" ./digits-compile --weights optdigits.weights --output optdigits.neff --batch 16
run "score" "$work/prefix/bin/neuronrun" -np 2 --oversubscribe -- \
    "$work/prefix/bin/neuron-score" --model optdigits.neff --input x.npy --output scores.npy
run "check" ./digits-check --scores scores.npy --labels y.npy --at-least 0.96
cat "$work/log"
grep -q '(1[0-9]* of 1797 rows)$' "$work/log" || fail "not all rows were scored"
