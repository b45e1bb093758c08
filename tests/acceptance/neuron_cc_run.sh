#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc run takes npy files through a model once, and says what does not fit, writing nothing.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"
other=
trap '[ -z "$other" ] || kill "$other"; rm -rf "$work"' EXIT

# refuse_run TEXT ARGUMENTS...: `run` fails with the text in its first line, and makes no folder.
refuse_run() {
    text=$1
    shift
    expect 1 run "$@" --output-dir none
    head -n 1 err | grep -qF -e "$text" || fail "neuron-cc run $*: not refused with \"$text\""
    [ ! -e none ] || fail "neuron-cc run $*: refused, and left a folder"
}

"$make_onnx" names names.onnx || fail "make_onnx"
"$make_onnx" clash clash.onnx || fail "make_onnx"
"$make_onnx" refused refused.onnx && "$make_onnx" classifier net.onnx || fail "make_onnx"
"$npy_tool" make x.npy 5 3 && "$npy_tool" make y.npy 5 3 && "$npy_tool" make y4.npy 4 3 &&
    "$npy_tool" make wide.npy 5 4 || fail "npy_tool"
LC_ALL=C sed 's/<f4/<i4/' x.npy >integers.npy
LC_ALL=C sed 's/<f4/>f4/' x.npy >big.npy
LC_ALL=C sed 's/False/True /' x.npy >fortran.npy

# An open dimension is that of the arrays; names become names of files.
both="--input left:0=x.npy --input right=y.npy"
expect 0 run names.onnx $both --output-dir first
has out "first/sum_of_all_0.npy float32[5,3]"
has out "first/product.npy float32[5,3]"
[ "$(ls first)" = "product.npy
sum_of_all_0.npy" ] || fail "first: $(ls first)"
"$npy_tool" twice first/sum_of_all_0.npy 5 3 || fail "the sum is wrong"

# The same bytes each time, from the compiled file too, into a folder that is there.
expect 0 compile names.onnx -o names.neff --batch 5
mkdir second
expect 0 run names.neff $both --output-dir second/
expect 0 run names.neff $both --output-dir second
for name in sum_of_all_0 product; do
    cmp -s "first/$name.npy" "second/$name.npy" || fail "$name.npy differs"
done
[ "$(ls second | wc -l)" -eq 2 ] || fail "second: $(ls second)"
# By what is in it, whatever it is called.
cp names.onnx network
expect 0 run network $both --output-dir third
cmp -s first/product.npy third/product.npy || fail "product.npy differs"

for model in names.onnx names.neff; do
    refuse_run "input right is missing; give it as --input right=FILE.npy" $model --input left:0=x.npy
    refuse_run "integers.npy is int32[5,3]; the input left:0 is float32[5,3]" \
        $model --input left:0=integers.npy --input right=y.npy
    refuse_run "missing.npy cannot be opened" $model --input left:0=missing.npy --input right=y.npy
    refuse_run "not an npy file" $model --input left:0=names.onnx --input right=y.npy
    refuse_run "not little endian" $model --input left:0=big.npy --input right=y.npy
    refuse_run "Fortran order" $model --input left:0=fortran.npy --input right=y.npy
done
refuse_run "wide.npy is float32[5,4]; the input right is float32[5,3]" \
    names.neff --input left:0=x.npy --input right=wide.npy
refuse_run "dimension 1 is 3 in the file, and cannot be 4" \
    names.onnx --input left:0=x.npy --input right=wide.npy
refuse_run "there is no input up; the model has 2, the first is left:0" names.neff $both --input up=x.npy
refuse_run "input up: a shape is given for it, and the file has no such input" \
    names.onnx $both --input up=x.npy
refuse_run "y4.npy is float32[4,3]; the input right is float32[5,3]" \
    names.neff --input left:0=x.npy --input right=y4.npy
refuse_run "names.neff is compiled, and has its shapes" names.neff $both --batch 5
refuse_run "the outputs sum/of_all:0 and sum_of_all_0 would both be written to none/sum_of_all_0.npy" \
    clash.onnx $both
refuse_run "2 parts cannot be imported" refused.onnx
has err "a (NonZero, opset 13): the shape of its result depends on the data of a run"
refuse_run "nothing.neff: No such file" nothing.neff

expect 1 run names.neff $both --output-dir no/such/folder
has err "the folder no/such/folder cannot be made: No such file"
expect 1 run names.neff $both --output-dir x.npy
has err "x.npy is no folder"

# A core that another has is not taken; then nothing is written either. In a folder of its own, where
# the first note of an owner is that of the other one.
NEURON_RT_LEASE_DIRECTORY=$work/held
HWLOC_SYNTHETIC="pack:1 core:2 pu:1"
export HWLOC_SYNTHETIC
mkdir held
NEURON_RT_VISIBLE_CORES=1 "$cc" bench net.onnx --batch 256 --seconds 60 >other 2>&1 &
other=$!
tries=0
until find held -name '*-owners' -size +0 | grep -q .; do
    tries=$((tries + 1))
    [ $tries -lt 1000 ] || fail "no core was claimed: $(cat other)"
    sleep 0.01
done
NEURON_RT_VISIBLE_CORES=1 "$cc" run names.neff $both --output-dir none >out 2>err
[ $? -eq 1 ] || fail "two run on one core"
grep -q "pid $other" err || fail "the holder of the core is not named"
[ ! -e none ] || fail "a run without a core left a folder"
expect 0 run names.neff $both --output-dir second
kill "$other"
other=
unset HWLOC_SYNTHETIC
NEURON_RT_LEASE_DIRECTORY=$work/leases
NEURON_RT_VISIBLE_CORES=999999 "$cc" run names.neff $both --output-dir none >out 2>err
[ $? -eq 1 ] || fail "ran on a core that there is not"
has err "999999"
[ ! -e none ] || fail "a run that failed left a folder"

# An output that cannot be put into its place keeps all others from theirs.
mkdir -p blocked/product.npy
expect 1 run names.neff $both --output-dir blocked
has err "blocked/product.npy: it exists and is no regular file"
[ "$(ls blocked)" = product.npy ] || fail "blocked: $(ls blocked)"

# A program for other hardware is told from a file that is damaged.
# Kind of package 2, a header of 1024 bytes, 512 bytes behind it, version 2.3.
{
    printf '\2\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\2\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0'
    head -c 1496 /dev/zero
} >foreign.neff
refuse_run "foreign.neff is a NEFF of version 2.3 for NeuronCores" foreign.neff
cp foreign.neff foreign.onnx
refuse_run "is a NEFF of version 2.3 for NeuronCores" foreign.onnx

[ -z "$(ls tmp)" ] || fail "left in TMPDIR: $(ls tmp)"

expect 2 run names.neff $both
expect 2 run names.neff --input left:0=x.npy --input left:0=y.npy --output-dir none
has err "left:0 has two files"
expect 2 run names.neff --input left --output-dir none
