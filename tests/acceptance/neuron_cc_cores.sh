#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc compiles for several cores, says so, and runs and measures such files on as many.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"
HWLOC_SYNTHETIC="core:4 pu:1"
export HWLOC_SYNTHETIC

"$make_onnx" classifier net.onnx && "$make_onnx" names names.onnx || fail "make_onnx"
"$npy_tool" make x.npy 2 3 && "$npy_tool" make y.npy 2 3 || fail "npy_tool"

expect 0 compile net.onnx -o one.neff --batch 4
matches out '^cores     1$'
expect 0 compile net.onnx -o stages.neff --batch 4 --num-neuroncores 3
[ ! -s err ] || fail "a note about a pipeline"
matches out '^cores     3$'
matches out '^stage     3: operators [0-9]+ to [0-9]+, weights [0-9]+ bytes, flops [0-9]+$'
expect 0 compile net.onnx -o wide.neff --batch 4 --num-neuroncores=2 --split=wide
matches out '^cores     2, wide$'
matches err '^neuron-cc: note: wide.neff: no layer is large enough to be cut'
[ "$(wc -l <err)" -eq 1 ] || fail "more than one note"
if grep -q '^stage' out; then fail "a wide model has stages"; fi
expect 0 info stages.neff
matches out '^cores     3$'
matches out '^stage     1: operators 1 to '

# A run gives what it gives on one core, to the last bit: these operators round alike everywhere.
both="--input left:0=x.npy --input right=y.npy"
expect 0 compile names.onnx -o names1.neff --batch 2
expect 0 compile names.onnx -o names2.neff --batch 2 --num-neuroncores 2
expect 0 compile names.onnx -o namesw.neff --batch 2 --num-neuroncores 4 --split wide
for file in names1 names2 namesw; do
    # shellcheck disable=SC2086 # a list of words
    expect 0 run $file.neff $both --output-dir $file
    cmp -s names1/product.npy $file/product.npy || fail "$file: another product"
    cmp -s names1/sum_of_all_0.npy $file/sum_of_all_0.npy || fail "$file: another sum"
done

for file in stages wide; do
    expect 0 bench $file.neff --runs 9
    matches out '^cores     [23], the first is [0-9]+ of the machine$'
    matches out '^runs      9 one by one, then 9 in [0-9.]+ s, [46] at a time$'
    matches out '^latency   [0-9.]+ ms least'
    matches out '^share     [0-9.]+% of the peak of all cores$'
    expect 1 bench $file.neff --runs 1 --profile
    matches err 'takes [23] cores, and --profile and --trace look at one'
done

# Cores that there are not, and cores in an order of their own.
# shellcheck disable=SC2086 # a list of words
NEURON_RT_VISIBLE_CORES=1 "$cc" run names2.neff $both --output-dir none >out 2>err &&
    fail "ran two stages on one core"
matches err 'NEURON_RT_VISIBLE_CORES names 1 core, and the model takes 2'
[ ! -e none/product.npy ] || fail "refused, and left an output"
NEURON_RT_VISIBLE_CORES=1-3 "$cc" bench names2.neff --runs 1 >out 2>err || fail "not on two of three"
matches out '^cores     2, the first is 1 of the machine$'

# shellcheck disable=SC2086 # a list of words
HWLOC_SYNTHETIC="core:2 pu:1" "$cc" run namesw.neff $both --output-dir none >out 2>err &&
    fail "ran on four of two cores"
has err 'neuron-cc: the model takes 4 cores, and this process may use 2 at once: compile it for fewer'
[ "$(wc -l <err)" -eq 1 ] || fail "not one line"
HWLOC_SYNTHETIC="core:2 pu:1" "$cc" bench stages.neff --runs 1 >out 2>err &&
    fail "measured three of two cores"
has err 'the model takes 3 cores, and this process may use 2 at once'

# Numbers that cannot be.
expect 1 compile net.onnx -o none.neff --batch 4 --num-neuroncores 64
matches err 'cannot be cut into 64 stages'
[ ! -e none.neff ] || fail "refused, and left a file"
expect 2 compile net.onnx -o none.neff --num-neuroncores 65
expect 2 compile net.onnx -o none.neff --split wide
expect 2 run stages.neff --num-neuroncores 2 --output-dir none
