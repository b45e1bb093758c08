#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc makes compiled files of ONNX files, says what is in both, and refuses with every reason.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"

"$make_onnx" classifier net.onnx || fail "make_onnx"
"$make_onnx" shapes shapes.onnx || fail "make_onnx"
"$make_onnx" refused refused.onnx || fail "make_onnx"
"$make_onnx" beside beside.onnx || fail "make_onnx"
head -c 48 /dev/zero >weights.bin

expect 0 compile net.onnx -o net.neff --batch 4
has out "input     image float32[4,1,8,8]"
has out "output    scores float32[4,3]"
has out "weights   "
has out "operators 5, of 8 before folding and fusing"
expect 0 info net.neff
has out "name      net"
has out "input     image float32[4,1,8,8]"
has out "output    scores float32[4,3]"
has out "flops     21052 a run"
has out "conv             1"
has out "batch     of any size"
if grep -q "relu" out; then fail "the activation was not fused"; fi
expect 0 info net.onnx --shape image=2x1x8x8
has out "flops     "
has out "relu             1"
expect 0 compile net.onnx --output=named.neff --batch=1 --name classifier
expect 0 info named.neff
has out "name      classifier"


expect 0 analyze net.onnx --batch 4
has out "BatchNormalization          1        0       0"
expect 0 compile shapes.onnx -o shapes.neff --batch 5
has out "output    y float32[5,2]"
has out "operators 2"

"$make_onnx" names names.onnx || fail "make_onnx"
expect 0 compile names.onnx -o shared.neff --batch 4 --shared-input right --shape right=1x3
has out "input     left:0 float32[4,3]"
has out "input     right float32[1,3] shared"
expect 0 info shared.neff
has out "input     right float32[1,3] shared"
expect 0 info names.onnx --batch=4 --shape=right=1x3 --shared-input=right
has out "input     right float32[1,3] shared"
if grep -q "left.*shared" out; then fail "left is not shared"; fi
expect 0 compile names.onnx -o mixing.neff --batch 4 --shape right=4x3 --shared-input right
expect 0 info mixing.neff
has out "batch     as compiled alone: add of float32[4,3] and float32[4,3]"
# What nobody said is found where there is no other way.
expect 0 compile names.onnx -o found.neff --batch 4 --shape right=1x3
expect 0 info found.neff
has out "input     right float32[1,3] shared"
has out "batch     of any size"
if grep -q "left.*shared" out; then fail "left is not shared"; fi
expect 1 compile names.onnx -o none.neff --batch 4 --shared-input product
has err "it is to be shared, and the file has no such input"
expect 1 compile names.onnx -o none.neff --shared-input left:0 --shared-input right --batch 4
has err "dimension 0 (N) is open"
[ ! -e none.neff ] || fail "a refused model left a file"

expect 1 compile refused.onnx -o refused.neff
has err "neuron-cc: refused.onnx: 2 parts cannot be imported:"
[ "$(wc -l <err)" -eq 3 ] || fail "not one line for each part"
has err "a (NonZero, opset 13): the shape of its result depends on the data of a run"
has err "y (Scan, opset 13): it is control flow on the data of a run"
[ ! -e refused.neff ] || fail "a refused model left a file"
expect 1 analyze refused.onnx
has out "NonZero                     1        1"
has err "y (Scan, opset 13)"
expect 1 compile net.onnx -o open.neff
has err "dimension 0 (N) is open"
[ "$(wc -l <err)" -eq 1 ] || fail "one part is refused twice"
expect 1 compile net.onnx -o wrong.neff --shape image=2x3x8x8
has err "is 1 in the file, and cannot be 3"
refuse 1 'image.*: dimension 0 is 2 in the shape given for it, and --batch 4 does nothing' \
    compile net.onnx -o wrong.neff --shape image=2x1x8x8 --batch 4
[ "$(wc -l <err)" -eq 1 ] || fail "a batch that does nothing is not refused in one line"
expect 1 compile missing.onnx -o missing.neff
has err "missing.onnx: cannot be opened"
expect 1 compile net.onnx -o no/such/folder/net.neff --batch 1
head -c 100 net.onnx >cut.onnx
expect 1 analyze cut.onnx --batch 1
has err "does not parse"
expect 1 info net.onnx.neff

# Nothing that is read is overwritten, nothing is written through a link, and no terminal is driven.
cp net.onnx kept.onnx
expect 1 compile net.onnx -o net.onnx --batch 1
has err "net.onnx would overwrite net.onnx, which is read"
ln kept.onnx linked.onnx
expect 1 compile kept.onnx -o linked.onnx --batch 1
expect 1 bench net.onnx --batch 1 --runs 1 --trace net.onnx
cmp net.onnx kept.onnx || fail "the model was overwritten"
# Nor are weights that lie in a file beside the model.
expect 0 compile beside.onnx -o beside.neff --batch 2
cp weights.bin kept.bin
refuse 1 '^neuron-cc: weights.bin holds weights of beside.onnx, which would be overwritten' \
    compile beside.onnx -o weights.bin --batch 2
refuse 1 'holds weights of beside.onnx' \
    compile beside.onnx -o none.neff --batch 2 --no-inline-weights --weights-out weights.bin
refuse 1 'holds weights of beside.onnx' bench beside.onnx --batch 2 --runs 1 --trace weights.bin
cmp weights.bin kept.bin || fail "the weights were overwritten"
mkdir passes
echo precious >victim
ln -s ../victim passes/00-imported.txt
expect 0 compile net.onnx -o net.neff --batch 1 --dump-passes passes
[ "$(cat victim)" = precious ] || fail "written through a link"
grep -q conv passes/00-imported.txt || fail "no graph in passes/00-imported.txt"
expect 0 compile net.onnx -o escape.neff --batch 1 --name "$(printf 'a\033[2J')"
expect 0 info escape.neff
has out "name      a?[2J"
expect 1 bench net.onnx --batch 1000000000 --runs 1
has err "MB: use a smaller batch"

# A batch that no machine has the memory for is no file; one that this machine lacks it for is one.
refuse 1 'a run takes at least [0-9]+ GB of memory, and a process can have 131072: .* smaller batch' \
    compile net.onnx -o none.neff --batch 1000000000000
refuse 1 'a run takes at least [0-9]+ GB' \
    compile net.onnx -o none.neff --batch 10000000000000000 --dump-passes none.passes
expect 0 compile net.onnx -o large.neff --batch 100000000000 --auto-cast all
matches err '^neuron-cc: note: large.neff: a run takes [0-9]+ MB, and this machine has [0-9]+ MB'

expect 2 compile net.onnx
expect 2 frobnicate
expect 2
expect 0 --help
has out "usage: neuron-cc"
has out "-O1, -O2, -O3, --optlevel N"
expect 0 --version
has out "neuron-cc 0."
