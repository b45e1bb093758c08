#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ranks laid out as the user wishes, and the map that is drawn of them.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# The examples of the page are what they say: "| options | cores of the ranks |".
HWLOC_SYNTHETIC='pack:2 numa:2 l3:2 core:2 pu:2'
export HWLOC_SYNTHETIC
grep '^| `-' "$NEURON_SOURCE/docs/rank-placement.md" | tr -d '`' >"$folder/examples"
[ "$(wc -l <"$folder/examples")" -ge 15 ] || fail "the page has too few examples"
while IFS='|' read -r _ options wanted _; do
    # shellcheck disable=SC2086 # options
    expect 0 "$neuronrun" --dry-run $options
    got=$(sed '1d;$d' "$folder/out" | awk '{ printf " %s", $2 }')
    [ "${wanted% }" = "$got" ] || fail "$options:$got instead of$wanted"
done <"$folder/examples"

refuse() {
    text=$1
    shift
    expect 125 "$neuronrun" --dry-run "$@"
    expect_text err "$text"
    expect_lines err 1
    [ ! -s "$folder/out" ] || fail "a refused plan is shown: $*"
}
refuse 'a rank of 3 cores fits into no L3: 2 cores can be used' --map-by l3:PE=3
refuse 'there is room for 4, each inside one NUMA node' -np 5 --map-by numa:PE=4
refuse 'L3 1 has 2 usable cores for 1 rank; give -c 1' -np 9 --map-by l3
refuse 'this job may not use core 16, but cores 0-15' --cpu-set 1,16
refuse '--cpu-set: ' --cpu-set 3-1
refuse '--cpu-set: ' --cpu-set x
refuse 'rank 0 would have cores 0,2' -np 1 --cpu-set 0,2 --bind-to none
refuse '80000 ranks: no job has more than 65536' -O -n 40000 true : -n 40000 true
refuse 'room for 4, each inside one package' -np 5 --map-by package:PE=4
NEURON_RT_VISIBLE_CORES=0-3
export NEURON_RT_VISIBLE_CORES
refuse 'this job may not use core 4, but cores 0-3' --cpu-set 2-4
unset NEURON_RT_VISIBLE_CORES
NEURON_RT_NUM_CORES=5 expect 0 "$neuronrun" --dry-run --map-by package
expect_text out '5 ranks on 5 of 16'

# The map of a plan, in text of 80 columns without escapes, for programs, and as a picture.
expect 0 "$neuronrun" --dry-run --display-map -np 4 --map-by numa -c 3 --cpu-set 0-6,8-14
expect_text out '4 ranks on 12 of 14 usable cores'
expect_text out 'package 1'
expect_text out 'NUMA node 3'
expect_text out 'L3 3    cores 6-7      |1|x|'
expect_text out 'x not for this job'
! grep -q "$(printf '\033')" "$folder/out" || fail "colours without a terminal"
expect 0 env HWLOC_SYNTHETIC='pack:2 core:64 pu:1' "$neuronrun" --dry-run --display-map
[ "$(awk '{ if (length($0) > most) most = length($0) } END { print most }' "$folder/out")" -le 80 ] ||
    fail "lines over 80 columns"
expect_text out '|124|125|126|127|'
expect 0 "$neuronrun" --dry-run --display-map -np 20 -O
expect_text out '|0+|1+|'
expect 0 "$neuronrun" --dry-run --display-map --smt -np 32
expect_text out '32 ranks on 32 of 32 usable hardware threads'

expect 0 "$neuronrun" --dry-run --display-map=json -np 2 --map-by package
"$NEURON_BUILD/tests/json_check" "$folder/out" || fail "the map is no JSON"
expect_text out '"format": "neuronrun map"'
expect_text out '{"rank": 1, "cores": [8, 9, 10, 11, 12, 13, 14, 15], "cpus": [16, 18,'
expect 0 "$neuronrun" --display-map=json -np 2 -- echo printed by a rank
[ "$(head -n 1 "$folder/out")" = '{' ] || fail "the map does not come first"
[ "$(grep -c 'printed by a rank' "$folder/out")" -eq 2 ] || fail "no job behind the map"

# Colours are for a terminal that shows them.
coloured() {
    env -u NO_COLOR TERM="$1" script -qec "'$neuronrun' --dry-run --display-map -np 2" \
        "$folder/typed" >/dev/null </dev/null || fail "no map on a terminal"
    grep -c "$(printf '\033')" "$folder/typed"
}
[ "$(coloured xterm)" -gt 0 ] || fail "no colours on a terminal"
[ "$(coloured dumb)" -eq 0 ] || fail "colours on a dumb terminal"

expect 0 "$neuronrun" --dry-run "--display-map=svg:$folder/map.svg" -np 4
[ ! -s "$folder/out" ] || fail "a picture prints"
grep -q '</svg>' "$folder/map.svg" || fail "no whole picture"
[ "$(grep -c 'class="r"' "$folder/map.svg")" -eq 16 ] || fail "not every core has its rank"
[ "$(find "$folder" -name 'map.svg*' | wc -l)" -eq 1 ] || fail "parts of the picture are left"
refuse 'cannot write' "--display-map=svg:$folder/none/map.svg"
# What is no plain file is written to, never replaced.
mkfifo "$folder/pipe"
"$neuronrun" --dry-run "--display-map=svg:$folder/pipe" -np 4 &
grep -q '</svg>' "$folder/pipe" || fail "no picture in the pipe"
[ -p "$folder/pipe" ] || fail "the pipe was replaced"
refuse 'No space left' --display-map=svg:/dev/full
[ -c /dev/full ] || fail "the device was replaced"
expect 125 "$neuronrun" "--display-map=svg:$folder/none/map.svg" -np 1 -- echo started
[ ! -s "$folder/out" ] || fail "started without its map"

# Where others hold cores, what is free is cut anew by the same wishes.
hold='echo held; while [ ! -e "$0" ]; do sleep 0.02; done'
"$neuronrun" --cpu-set 0,5 -np 2 -- sh -c "$hold" "$folder/end" "$marker" >"$folder/held" &
wait_until 10 'the holder does not start' test -s "$folder/held"
ranges() {
    wanted=$1
    shift
    expect 0 "$neuronrun" "$@" -- sh -c 'echo $RANK:$NEURON_RT_VISIBLE_CORES'
    [ "$(sort -n "$folder/out" | tr '\n' ' ')" = "$wanted " ] || fail "$*: $(cat "$folder/out")"
}
ranges '0:1-2 1:8-9 2:4,6 3:10-11' -np 4 --map-by package:PE=2
ranges '0:1-3 1:4,6-7' -np 2 --map-by numa -c 3
ranges '0:1 1:2 2:3' -np 3 --map-by core
expect 125 "$neuronrun" -np 4 --map-by numa -c 4 -- true
expect_text err 'held by pid'
expect 125 "$neuronrun" --cpu-set 0,5 -np 1 -- true
expect_text err 'held by pid'
touch "$folder/end"
wait

# Two ranks on the threads of one core hold it together, and a program finds it.
ranges '0:0 1:0 2:1 3:1' -np 4 --smt -c 1 --cpu-set 0-1
