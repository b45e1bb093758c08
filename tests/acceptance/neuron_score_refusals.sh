#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What neuron-score refuses: one line each, nothing left behind, an earlier output untouched.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

"$make_model" m.neff 8 6 0 || fail "no model"
"$make_model" two.neff 8 6 0 2 || fail "no model of two inputs"
"$npy_tool" make x.npy 100 6
echo old >y.npy
run() {
    "$score" --model m.neff --output y.npy --input "$@"
}

# Usage.
refuses 2 "--model is missing" "$score"
refuses 2 "'--modle' is no option" "$score" --modle m.neff
refuses 2 "--split-size 0" run x.npy --split-size 0
refuses 2 "'x.npy' stands alone" "$score" x.npy
expect 0 "$score" --help
grep -q '^usage: neuron-score' out || fail "no help"
expect 0 "$score" --version
grep -q '^neuron-score [0-9]' out || fail "no version"
expect 1 sh -c '"$1" --help >/dev/full' sh "$score"

# The input.
refuses 1 "none.npy cannot be opened: No such file" run none.npy
refuses 1 "no regular file" run .
: >empty.npy
refuses 1 "the file is empty" run empty.npy
refuses 1 "m.neff: not an npy file" run m.neff
head -c 2000 x.npy >short.npy
refuses 1 "holds 1872 bytes behind the header, but its shape takes 2400" run short.npy
head -c 60 x.npy >shorter.npy
refuses 1 "ends inside its header" run shorter.npy
{ cat x.npy; echo; } >long.npy
refuses 1 "copy or save it again" run long.npy
sed 's/<f4/>f4/' x.npy >big.npy
refuses 1 "not little endian" run big.npy
sed "s/'<f4'/'|O8'/" x.npy >objects.npy
refuses 1 "Python objects" run objects.npy
"$npy_tool" make wide.npy 100 7
refuses 1 "float32[100,7]" run wide.npy
grep -qF "float32[8,6]" err || fail "the line does not have both shapes"
sed 's/<f4/<i4/' x.npy >integers.npy
refuses 1 "int32[100,6]" run integers.npy

# The model.
refuses 1 "none.neff" "$score" --model none.neff --input x.npy --output y.npy
refuses 1 "x.npy" "$score" --model x.npy --input x.npy --output y.npy
refuses 1 "2 inputs" "$score" --model two.neff --input x.npy --output y.npy

# The cores.
refuses 1 "9" run x.npy --device-ids nc:9
refuses 1 "x" run x.npy --device-ids 0,x
refuses 1 "RANK=4: must be a number from 0 to 3" env RANK=4 WORLD_SIZE=4 \
    "$score" --model m.neff --input x.npy --output y.npy

# The output.
to() {
    "$score" --model m.neff --input x.npy --output "$@"
}
refuses 1 "is a folder" to .
refuses 1 "names no file" to folder/
refuses 1 "nowhere/y.npy.part cannot be created: No such file" to nowhere/y.npy
refuses 1 "no regular file" to /dev/null
refuses 1 "would replace the input" to ./x.npy
cp m.neff kept.neff
refuses 1 "would replace the model" "$score" --model m.neff --input x.npy --output m.neff
cp m.neff m2.npy.part
refuses 1 "would replace the model" "$score" --model m2.npy.part --input x.npy --output m2.npy
cmp -s m.neff kept.neff || fail "the model was touched"
echo notes >notes.part
refuses 1 "no unfinished output" to notes
[ "$(cat notes.part)" = notes ] || fail "a file of somebody else was changed"
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked
    chmod 500 locked
    refuses 1 "Permission denied" to locked/y.npy
    rmdir locked
fi

[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
absent y.npy.part notes nowhere

# The line of a job that is done is part of its work.
expect 1 sh -c '"$1" --model m.neff --input x.npy --output z.npy >/dev/full' sh "$score"
grep -q 'the output is complete, but' err || fail "a lost report is not reported"
"$npy_tool" check z.npy 100 6 || fail "no output without its report"

# An array of somebody's own under the name of the part file is left alone.
"$npy_tool" make foreign.npy.part 3 2
cp foreign.npy.part kept.part
refuses 1 "is no unfinished output" "$score" --model m.neff --input x.npy --output foreign.npy
cmp -s foreign.npy.part kept.part || fail "a foreign array was overwritten"
