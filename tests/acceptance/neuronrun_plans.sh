#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plans for machines that we do not have.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# plan MACHINE "CORES/DEVICES..." OPTIONS...
plan() {
    machine=$1
    wanted=$2
    shift 2
    expect 0 env HWLOC_SYNTHETIC="$machine" "$neuronrun" --dry-run "$@"
    got=$(sed '1d;$d' "$folder/out" | awk '{ printf "%s%s/%s", NR == 1 ? "" : " ", $2, $3 }')
    [ "$got" = "$wanted" ] || fail "$machine $*: $got instead of $wanted"
}

four='numa:4 core:4 pu:2'
plan "$four" '0-3/0 4-7/1 8-11/2 12-15/3' -np 4
plan "$four" '0-7/0-1 8-15/2-3' -np 2
plan "$four" '0-2/0 4-6/1 8-10/2 12-14/3' -np 4 -c 3
plan "$four" '0-2/0 4-6/1' -np 2 --cores-per-rank=3
plan "$four" '0-5/0-1 6-10/1-2 11-15/2-3' -np 3 --uneven
plan "$four" '0-7/0-1 8-15/2-3' -c 8
plan 'numa:2 core:3 pu:1' '0-1/0 2-3/0-1 4-5/1' -np 3
plan 'numa:2 core:2 pu:1' '0/0 1/0 2/1 3/1 0/0' -np 5 -O
plan 'core:6 pu:1' '0-2/0 3-5/0' -np 2

# As many ranks on each device.
plan "$four" '0-1/0 2-3/0 4-5/1 6-7/1 8-9/2 10-11/2 12-13/3 14-15/3' --procs-per-device 2
plan "$four" '0-3/0 4-7/1 8-11/2 12-15/3' --procs-per-device=1 -np 4
plan "$four" '0/0 1/0 4/1 5/1 8/2 9/2 12/3 13/3' --procs-per-device 2 -c 1
plan 'numa:2 core:3 pu:1' '0-1/0 2/0 3-4/1 5/1' --procs-per-device 2 --uneven
plan 'numa:2 core:1 pu:1' '0/0 0/0 1/1 1/1' --procs-per-device 2 -O
refuse() {
    text=$1
    shift
    expect 125 "$neuronrun" --dry-run "$@"
    expect_text err "$text"
    expect_lines err 1
}
export HWLOC_SYNTHETIC='numa:2 core:6 pu:1'
refuse 'device 0 has 6 usable cores: give 1, 2, 3 or 6, or --uneven' --procs-per-device 4
refuse 'device 0 has 6 usable cores, too few for 7 ranks' --procs-per-device 7
refuse 'device 0 has 6 usable cores, too few for 4 ranks of 2 cores' --procs-per-device 4 -c 2
refuse '-np 3 and --procs-per-device 2 do not agree: 2 devices would have 4 ranks' \
    --procs-per-device 2 -np 3
refuse '--procs-per-device 0: give a whole number from 1' --procs-per-device 0
unset HWLOC_SYNTHETIC

NEURON_RT_VISIBLE_CORES=2-8
export NEURON_RT_VISIBLE_CORES
plan "$four" '2-3/0 4-7/1 8/2' --procs-per-device 1
NEURON_RT_VISIBLE_CORES=2-7
plan "$four" '2/0 3/0 4-5/1 6-7/1' --procs-per-device 2
NEURON_RT_VISIBLE_CORES=2-5
export NEURON_RT_VISIBLE_CORES
plan "$four" '2-3/0 4-5/1' -np 2
unset NEURON_RT_VISIBLE_CORES
NEURON_RT_NUM_CORES=4
export NEURON_RT_NUM_CORES
plan "$four" '0-1/0 2-3/0' -np 2
plan "$four" '0/0 4/1 8/2 12/3' --procs-per-device 1
unset NEURON_RT_NUM_CORES

expect 0 env HWLOC_SYNTHETIC='numa:8 core:128 pu:1' "$neuronrun" --dry-run
expect_lines out 1026
expect 125 env HWLOC_SYNTHETIC="$four" "$neuronrun" --dry-run -np 3
expect_text err '1, 2, 4, 8 or 16'
expect 125 env HWLOC_SYNTHETIC="$four" "$neuronrun" --dry-run -np 5 -c 4
expect_text err '20 cores, but 16'
expect 125 env HWLOC_SYNTHETIC="$four" "$neuronrun" --dry-run -c 17 -O

# The same on an invented machine with real ranks: ranges as planned, and no two alike.
export HWLOC_SYNTHETIC="$four"
expect 0 "$neuronrun" -np 8 -- sh -c 'echo $NEURON_RT_VISIBLE_CORES'
[ "$(sort -n "$folder/out" | tr '\n' ' ')" = '0-1 2-3 4-5 6-7 8-9 10-11 12-13 14-15 ' ] ||
    fail "ranges: $(cat "$folder/out")"

# Where core 1 is taken, two ranks of two cores still share no device with it.
hold='echo held; while [ ! -e "$0" ]; do sleep 0.02; done'
NEURON_RT_VISIBLE_CORES=1 "$neuronrun" -- sh -c "$hold" "$folder/end" "$marker" >"$folder/held" &
wait_until 10 'the holder does not start' test -s "$folder/held"
expect 0 "$neuronrun" -np 2 -c 2 -- sh -c 'echo $NEURON_RT_VISIBLE_CORES'
[ "$(sort -n "$folder/out" | tr '\n' ' ')" = '4-5 6-7 ' ] || fail "ranges: $(cat "$folder/out")"
expect 0 "$neuronrun" --procs-per-device 1 -c 2 -- sh -c 'echo $NEURON_RT_VISIBLE_CORES'
[ "$(sort -n "$folder/out" | tr '\n' ' ')" = '2-3 4-5 8-9 12-13 ' ] ||
    fail "a rank left its device: $(cat "$folder/out")"
expect 125 "$neuronrun" --procs-per-device 2 true
expect_text err 'core 1 held by pid'
expect 125 "$neuronrun" -np 2 -c 8 true
expect_text err 'core 1 held by pid'
expect 125 env NEURON_RT_VISIBLE_CORES=0-3 "$neuronrun" -np 2 true

# As many ranks as fit are as many as find free cores.
expect 0 "$neuronrun" -- sh -c 'echo $NEURON_RT_VISIBLE_CORES of $WORLD_SIZE'
[ "$(sort -u "$folder/out" | grep -c ' of 15$')" -eq 15 ] || fail "free ranks: $(cat "$folder/out")"
touch "$folder/end"
wait

# Between cores that are held, each rank finds a run of its own.
export HWLOC_SYNTHETIC="core:8 pu:1"
rm "$folder/end" "$folder/held"
NEURON_RT_VISIBLE_CORES=3-4 "$neuronrun" -np 1 -- sh -c "$hold" "$folder/end" "$marker" >"$folder/held" &
wait_until 10 'the holder does not start' test -s "$folder/held"
for wanted in '-np 2 -c 3:0-2 5-7 ' '-np 2 -c 2:0-1 5-6 ' '-np 4 -c 1:0 1 2 5 '; do
    # shellcheck disable=SC2086 # options
    expect 0 "$neuronrun" ${wanted%%:*} -- sh -c 'echo $NEURON_RT_VISIBLE_CORES'
    [ "$(sort -n "$folder/out" | tr '\n' ' ')" = "${wanted#*:}" ] ||
        fail "between held cores, ${wanted%%:*}: $(cat "$folder/out")"
done
touch "$folder/end"
wait

# A list of cores with a gap is refused here as it is by the runtime.
expect 125 env NEURON_RT_VISIBLE_CORES=0-1,5 "$neuronrun" -np 1 true
expect_text err 'without a gap'
expect 125 env NEURON_RT_VISIBLE_CORES=2-1 "$neuronrun" -np 1 true
expect_text err 'NEURON_RT_VISIBLE_CORES'
expect_text err 'core 1 stands behind a higher one'
expect_text err 'this machine has cores 0-7'
expect 125 env NEURON_RT_VISIBLE_CORES=0,0 "$neuronrun" -np 1 true
expect_text err 'core 0 stands there twice'
expect 125 env NEURON_RT_VISIBLE_CORES=9 "$neuronrun" -np 1 true
expect_text err 'core 9, but the machine has 8 cores, 0-7'

# Legacy groups are not for ranks: said once, and taken out unless -x names them.
shown='echo ${NEURONCORE_GROUP_SIZES-unset}'
with_groups() {
    env NEURONCORE_GROUP_SIZES=4,4 "$neuronrun" "$@"
}
expect 0 with_groups -np 4 -- sh -c "$shown"
[ "$(sort -u "$folder/out")" = unset ] || fail "groups reach a rank: $(cat "$folder/out")"
expect_lines err 1
expect_text err 'NEURONCORE_GROUP_SIZES is deprecated: the ranks run without it'
expect 0 with_groups -np 4 -x NEURONCORE_GROUP_SIZES -- sh -c "$shown"
[ "$(sort -u "$folder/out")" = 4,4 ] || fail "-x does not hand groups on: $(cat "$folder/out")"
expect_text err 'the ranks get it as -x says'
expect 0 with_groups -np 4 -x NEURONCORE_GROUP_SIZES=2 -- sh -c "$shown"
[ "$(sort -u "$folder/out")" = 2 ] || fail "-x does not set groups: $(cat "$folder/out")"
expect 0 with_groups --dry-run -np 2
expect_lines err 1
expect 0 "$neuronrun" -np 4 -x NEURONCORE_GROUP_SIZES=2 -- sh -c "$shown"
expect_lines err 0
expect 125 env NEURONCORE_GROUP_SIZES=4,x "$neuronrun" -np 1 true
expect_text err 'NEURONCORE_GROUP_SIZES=4,x: "x" is no group'
expect_lines err 1
