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
refuses 1 "./y.npy: not an npy file" run .
mkdir shards
refuses 1 "shards" run shards
refuses 1 "none*.npy" run 'none*.npy'
refuses 1 "/dev/null" run /dev/null
: >empty.npy
refuses 1 "the file is empty" run empty.npy
refuses 1 "m.neff is of no known kind" run m.neff
cp m.neff model.npy
refuses 1 "model.npy: not an npy file" run model.npy
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
refuses 1 "nowhere/y.npy cannot be created: No such file" to nowhere/y.npy
refuses 1 "no regular file" to /dev/null
refuses 1 "would replace the input" to ./x.npy
cp m.neff kept.neff
refuses 1 "would replace the model" "$score" --model m.neff --input x.npy --output m.neff
cmp -s m.neff kept.neff || fail "the model was touched"
cp m.neff m2.npy.part
refuses 1 "m2.npy" "$score" --model m2.npy.part --input x.npy --output m2.npy
cmp -s m2.npy.part kept.neff || fail "the model was overwritten as a part file"
# Under the name of the journal stands something of somebody else.
echo notes >notes.journal
refuses 1 "notes.journal" to notes
[ "$(cat notes.journal)" = notes ] || fail "a file of somebody else was changed"
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked
    chmod 500 locked
    refuses 1 "Permission denied" to locked/y.npy
    rmdir locked
fi

[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
absent y.npy.part y.npy.journal y.npy.server notes nowhere

# The line of a job that is done is part of its work.
expect 1 sh -c '"$1" --model m.neff --input x.npy --output z.npy >/dev/full' sh "$score"
grep -q 'the output is complete, but' err || fail "a lost report is not reported"
"$npy_tool" check z.npy 100 6 || fail "no output without its report"

# Two outputs that are one, and more that make no sense together.
refuses 2 "--output NAME=y.npy" to y.npy --output ./y.npy
refuses 2 "--rows" to y.npy --rows 9:3
refuses 1 "rows" to y.npy --rows 50:101
refuses 2 "--on-error" to y.npy --on-error maybe
refuses 2 "--max-errors" to y.npy --max-errors 101%
refuses 2 "--lease-timeout" to y.npy --lease-timeout 0
[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
