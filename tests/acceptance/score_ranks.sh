#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The output is the same to the bit, however many ranks and cores share the rows: for numbers of
# rows around what fills a batch, a core, all cores, and up to three times that.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"
neuronrun="$NEURON_BUILD/launcher/neuronrun"

batch=4
columns=24
"$make_model" m.neff $batch $columns 2 || fail "no model"

for rows in 1 2 3 4 5 8 9 15 16 17 24 27; do
    "$npy_tool" make x.npy $rows $columns
    rm -f reference.npy
    expect 0 "$neuronrun" -np 1 -c 1 -- "$score" --model m.neff --input x.npy --output reference.npy
    for shape in "-np 1 -c 2" "-np 2 -c 1" "-np 2 -c 2"; do
        rm -f y.npy
        # shellcheck disable=SC2086 # options
        expect 0 "$neuronrun" $shape -- "$score" --model m.neff --input x.npy --output y.npy
        cmp -s y.npy reference.npy || fail "$rows rows by neuronrun $shape give other bits"
    done
done

# The rows were told apart: no two of the reference are the same.
[ "$(tail -c +129 reference.npy | od -An -v -tx1 -w$((columns * 4)) | sort -u | wc -l)" -eq \
    $rows ] || fail "rows of the output repeat"
