#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc makes compiled files of ONNX files, says what is in both, and refuses with every reason.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
cc=$NEURON_BUILD/runtime/tools/neuron-cc
make_onnx=$NEURON_BUILD/tests/make_onnx

fail() {
    echo "neuron_cc: $*" >&2
    cat out err >&2
    exit 1
}

# expect STATUS ARGUMENTS...: runs neuron-cc, with its output in the files out and err.
expect() {
    wanted=$1
    shift
    "$cc" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$wanted" ] || fail "neuron-cc $*: exit status $status, not $wanted"
}

# has FILE TEXT: the file has a line with the text.
has() {
    grep -qF -e "$2" "$1" || fail "no \"$2\" in $1"
}

"$make_onnx" classifier net.onnx || fail "make_onnx"
"$make_onnx" shapes shapes.onnx || fail "make_onnx"
"$make_onnx" refused refused.onnx || fail "make_onnx"

expect 0 compile net.onnx -o net.neff --batch 4
has out "input     image float32[4,1,8,8]"
has out "output    scores float32[4,3]"
has out "weights   "
has out "before folding and fusing"
expect 0 info net.neff
has out "name      net"
has out "conv2d           1"
if grep -q "relu" out; then fail "the activation was not fused"; fi
expect 0 info net.onnx --shape image=2x1x8x8
has out "relu             1"
expect 0 compile net.onnx --output=named.neff --batch=1 --name classifier
expect 0 info named.neff
has out "name      classifier"


expect 0 analyze net.onnx --batch 4
has out "BatchNormalization          1        0       1"
expect 0 compile shapes.onnx -o shapes.neff --batch 5
has out "output    y float32[5,2]"
has out "operators 2"

expect 1 compile refused.onnx -o refused.neff
has err "2 parts cannot be imported"
has err "a (Erf, opset 13): there is no such operator here"
has err "y (LSTM, opset 13): there is no such operator here"
[ ! -e refused.neff ] || fail "a refused model left a file"
expect 1 analyze refused.onnx
has out "Erf                         1        1"
has err "y (LSTM, opset 13)"
expect 1 compile net.onnx -o open.neff
has err "dimension 0 (N) is open"
expect 1 compile net.onnx -o wrong.neff --shape image=2x3x8x8
has err "is 1 in the file, and cannot be 3"
expect 1 compile missing.onnx -o missing.neff
has err "missing.onnx: cannot be opened"
expect 1 compile net.onnx -o no/such/folder/net.neff --batch 1
head -c 100 net.onnx >cut.onnx
expect 1 analyze cut.onnx --batch 1
has err "does not parse"
expect 1 info net.onnx.neff

expect 2 compile net.onnx
expect 2 frobnicate
expect 2
expect 0 --help
has out "usage: neuron-cc"
expect 0 --version
has out "neuron-cc 0."
