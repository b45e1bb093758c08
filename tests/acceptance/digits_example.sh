#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The digits example builds against the installed package, draws and learns, and refuses bad input.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example digits
cd "$work/build" || exit 1

run "gradient test" ./digits-gradient-test

# Rows depend on the seed and their number alone.
run "draw" ./digits-draw --rows 3000 --seed 5 --images x.npy --labels y.npy
run "draw again" ./digits-draw --rows 3000 --seed 5 --images x2.npy --labels y2.npy
run "draw fewer" ./digits-draw --rows 300 --seed 5 --images x300.npy --labels y300.npy
run "draw others" ./digits-draw --rows 3000 --seed 6 --images x3.npy --labels y3.npy
cmp x.npy x2.npy || fail "one seed draws different images"
cmp y.npy y2.npy || fail "one seed draws different labels"
cmp -s x.npy x3.npy && fail "two seeds draw the same images"
tail -c +129 x300.npy | cmp -n $((300 * 1024)) - x.npy 0 128 || fail "fewer rows are other rows"

# Learning works, and is repeatable.
run "train" ./digits-train --images x.npy --labels y.npy --epochs 3 --weights a.weights
accuracy=$(sed -n 's/^epoch  3 .*held out //p' "$work/log")
awk "BEGIN { exit !($accuracy >= 0.7) }" || fail "accuracy $accuracy after three passes"
run "train again" ./digits-train --images x.npy --labels y.npy --epochs 3 --weights b.weights
cmp a.weights b.weights || fail "one seed trains different weights"

# A CSV is read by training and conversion alike.
awk 'BEGIN {
    for (row = 0; row < 40; row += 1) {
        for (pixel = 0; pixel < 64; pixel += 1)
            printf "%d,", (pixel * (row % 10 + 1) + row) % 17
        print row % 10
    }
}' >rows.csv
run "train on a CSV" ./digits-train --csv rows.csv --check-csv rows.csv --epochs 1 \
    --weights c.weights
run "convert" ./digits-convert --csv rows.csv --images cx.npy --labels cy.npy
run "train on the same as arrays" ./digits-train --images cx.npy --labels cy.npy \
    --check-images cx.npy --check-labels cy.npy --epochs 1 --weights d.weights
cmp c.weights d.weights || fail "a CSV and its arrays train different weights"

# What is wrong is said in one line: 2 for a wrong command line, 1 for everything else.
refuse 2 "--images is missing" ./digits-draw --labels y.npy
refuse 2 "--rows is \"0\"" ./digits-draw --images x9.npy --labels y9.npy --rows 0
refuse 2 "--rows is \"12k\"" ./digits-draw --images x9.npy --labels y9.npy --rows=12k
refuse 2 "\"--row\" is no option" ./digits-draw --row 3
refuse 2 "--seed needs a value" ./digits-draw --images x9.npy --labels y9.npy --seed
refuse 2 "--seed is given twice" ./digits-draw --seed 1 --seed 2
refuse 2 "from a CSV, or else" ./digits-train --weights e.weights --csv rows.csv --images x.npy
refuse 2 "--at-least is \"nan\"" ./digits-check --scores x.npy --labels y.npy --at-least nan
refuse 1 "No such file" ./digits-train --csv missing.csv --weights e.weights
refuse 1 "No such file" ./digits-draw --images no/x.npy --labels y.npy
refuse 1 "labels for the" ./digits-train --images x300.npy --labels y.npy --weights e.weights
refuse 1 "float32 [rows,1,side,side]" \
    ./digits-train --images y.npy --labels y.npy --weights e.weights
refuse 1 "float32 [rows,10]" ./digits-check --scores x.npy --labels y.npy
sed '3s/^[0-9]*/17/' rows.csv >high.csv
refuse 1 "high.csv:3:" ./digits-convert --csv high.csv --images x9.npy --labels y9.npy
: >empty.csv
refuse 1 "has no rows" ./digits-train --csv empty.csv --weights e.weights
head -c 100000 x.npy >cut.npy
refuse 1 "bytes of elements" ./digits-train --images cut.npy --labels y.npy --weights e.weights
head -c 1000 a.weights >cut.weights
refuse 1 "cut or with more" ./digits-compile --weights cut.weights --output e.neff
(head -c 1000 a.weights && printf X && tail -c +1002 a.weights) >changed.weights
refuse 1 "checksum is wrong" ./digits-compile --weights changed.weights --output e.neff
(head -c 12 a.weights && printf '\377\377' && tail -c +15 a.weights) >large.weights
refuse 1 "image side is 65535" ./digits-compile --weights large.weights --output e.neff
refuse 1 "no file of weights" ./digits-compile --weights x.npy --output e.neff
for left in e.weights e.neff x9.npy y9.npy *.part; do
    [ ! -e "$left" ] || fail "$left is left behind by a failure"
done
