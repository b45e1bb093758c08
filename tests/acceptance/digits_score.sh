#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The trained network, compiled and run by neuron-score, tells digits apart that it never saw.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example digits
cd "$work/build" || exit 1

run "draw" ./digits-draw --rows 5000 --seed 1001 --images x.npy --labels y.npy
run "compile" ./digits-compile --weights "$NEURON_SOURCE/examples/digits/digits.weights" \
    --output digits.neff --batch 32
run "score" "$work/prefix/bin/neuron-score" --model digits.neff --input x.npy --output scores.npy
run "check" ./digits-check --scores scores.npy --labels y.npy --at-least 0.97
grep -q '^accuracy 0.9[0-9]* ([0-9]* of 5000 rows)$' "$work/log" || fail "no line on the accuracy"

# The scores belong to their rows: with the labels of other rows, one in ten is right by chance.
run "draw others" ./digits-draw --rows 5000 --seed 1002 --images x2.npy --labels y2.npy
refuse 1 "below the 0.97" ./digits-check --scores scores.npy --labels y2.npy --at-least 0.97
