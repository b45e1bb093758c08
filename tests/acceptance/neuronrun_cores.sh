#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ranks are bound to the cores that they are told; launches side by side get different ones.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
need_cores 2

ranges='echo $NEURON_RT_VISIBLE_CORES; grep Cpus_allowed_list /proc/self/status | cut -f 2'
expect 0 "$neuronrun" -np 2 -c 1 -- sh -c "$ranges"
expect_lines out 4
[ "$(sort -u "$folder/out" | wc -l)" -eq 2 ] || fail "not two ranges: $(cat "$folder/out")"

# One core less to choose from: the caller's own mask counts.
expect 0 taskset -c 1 "$neuronrun" -- sh -c "$ranges"
[ "$(sort -u "$folder/out")" = 1 ] || fail "not on CPU 1 only: $(cat "$folder/out")"
expect 125 taskset -c 1 "$neuronrun" -np 2 true
expect 0 taskset -c 0,1 env NEURON_RT_VISIBLE_CORES=1 "$neuronrun" -- sh -c "$ranges"
[ "$(sort -u "$folder/out")" = 1 ] || fail "not on core 1 only: $(cat "$folder/out")"

# Shared cores: bound all the same, round robin.
expect 0 taskset -c 0,1 "$neuronrun" -np 4 -O -- sh -c 'echo $RANK $NEURON_RT_VISIBLE_CORES'
[ "$(sort "$folder/out" | tr '\n' ,)" = '0 0,1 1,2 0,3 1,' ] || fail "$(cat "$folder/out")"

# Two launches at once; a third one finds no core, and is told who has them.
hold() {
    taskset -c 0,1 "$neuronrun" -np 1 -c 1 -- sh -c \
        'echo $NEURON_RT_VISIBLE_CORES $NEURONRUN_LEASE; while [ ! -e "$0" ]; do sleep 0.02; done' \
        "$folder/end" >"$folder/$1" &
}
has_started() {
    [ -s "$folder/first" ] && [ -s "$folder/second" ]
}
hold first
hold second
wait_until 10 'two launches do not start' has_started
[ "$(cut -d ' ' -f 1 "$folder/first")" != "$(cut -d ' ' -f 1 "$folder/second")" ] ||
    fail "two launches on the same core"
expect 125 taskset -c 0,1 "$neuronrun" -np 1 -c 1 true
expect_text err 'pid '
holder=$(sed -n 's/.*pid \([0-9]*\).*/\1/p' "$folder/err")
cut -d ' ' -f 2 "$folder/first" "$folder/second" | grep -q "^$holder:" ||
    fail "pid $holder holds no core: $(cat "$folder/err")"
expect_lines err 1
touch "$folder/end"
wait

# A launch inside a rank has the rank's cores, no others.
inside='"$0" -- sh -c "echo inner \$RANK of \$WORLD_SIZE: \$NEURON_RT_VISIBLE_CORES"'
expect 0 "$neuronrun" -np 2 -c 1 -- sh -c "$inside" "$neuronrun"
[ "$(grep -c 'inner 0 of 1: ' "$folder/out")" -eq 2 ] || fail "nested: $(cat "$folder/out")"
[ "$(sort -u "$folder/out" | wc -l)" -eq 2 ] || fail "nested share: $(cat "$folder/out")"
expect 125 "$neuronrun" -np 2 -c 1 -- "$neuronrun" -np 2 true
expect 0 "$neuronrun" -np 4 -O -- "$neuronrun" -np 2 -O true
