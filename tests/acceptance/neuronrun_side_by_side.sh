#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs side by side: the second takes even cuts of what is free, or waits, or is refused.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
# A machine of eight cores; its ranks are not bound.
export HWLOC_SYNTHETIC='numa:2 core:4 pu:1'

# hold NAME OPTIONS...: a job that runs until the file $folder/NAME.end is there.
hold() {
    name=$1
    shift
    "$neuronrun" "$@" -- sh -c 'echo $NEURON_RT_VISIBLE_CORES >"$0.up"
        until [ -e "$0.end" ]; do sleep 0.02; done' "$folder/$name" "$marker" &
    wait_until 10 "$name does not start" test -s "$folder/$name.up"
}
cores='echo $NEURON_RT_VISIBLE_CORES'

expect 0 "$neuronrun" --ps
[ "$(cat "$folder/out")" = 'no jobs' ] || fail "jobs: $(cat "$folder/out")"
expect 0 env NEURON_RT_LEASE_DIRECTORY="$folder/none" "$neuronrun" --ps
[ ! -e "$folder/none" ] || fail '--ps made a folder'
expect 125 env NEURON_RT_LEASE_DIRECTORY="$neuronrun" "$neuronrun" --ps
expect_lines err 1

# Half of the machine is taken: two ranks get two cores each, four one each.
hold half -np 1 -c 4
expect 0 "$neuronrun" -np 2 -- sh -c "$cores"
[ "$(sort "$folder/out" | tr '\n' ' ')" = '4-5 6-7 ' ] || fail "not halves: $(cat "$folder/out")"
expect 0 "$neuronrun" -np 4 -- sh -c "$cores"
[ "$(sort "$folder/out" | tr -d '\n')" = 4567 ] || fail "not quarters: $(cat "$folder/out")"
# Three are free: two ranks get one core each, and one is left over.
hold one -np 1 -c 1
expect 0 "$neuronrun" -np 2 -- sh -c "$cores"
[ "$(sort "$folder/out" | tr -d '\n')" = 56 ] || fail "not of three: $(cat "$folder/out")"
touch "$folder/one.end"
wait_until 10 'a core is not free again' "$neuronrun" -q -np 1 -c 4 true 2>/dev/null
expect 0 "$neuronrun" -np 1 -c 4 -- sh -c "$cores"
expect_text out 4-7
# More ranks than are free, or more cores: refused, with the holder.
for wish in '-np 8' '-np 1 -c 5' '-np 2 -c 3'; do
    # shellcheck disable=SC2086
    expect 125 "$neuronrun" $wish true
    expect_text err 'held by pid '
    expect_text err '; --wait waits for them'
    expect_lines err 1
done
! grep -q ') of ' "$folder/err" || fail 'our own name is told'

# Who holds what, without reading the machine.
expect 0 "$neuronrun" --ps
expect_lines out 2
grep -q "^ *[0-9]*  $(id -un)  *20..-..-.. ..:..:..      1  0-3  *(invented machine) $neuronrun -np 1" \
    "$folder/out" || fail "no job in $(cat "$folder/out")"

# Time over is the refusal, below the line that says for whom it waits.
expect 125 "$neuronrun" --wait=0.2 -np 8 true
expect_text err 'waiting: '
expect_lines err 2
! grep -q -e '--wait waits' "$folder/err" || fail 'advice that was taken'
# A signal ends the wait.
"$neuronrun" --wait -np 8 true 2>"$folder/err" &
launch=$!
wait_until 10 'no line of waiting' grep -q 'waiting: .* held by pid ' "$folder/err"
kill -TERM $launch
code=0
wait $launch || code=$?
[ $code -eq 143 ] || fail "exit code $code of a wait that was ended"
# Who waits gets the cores once they are free: all of them.
"$neuronrun" --wait -np 8 -- sh -c "$cores" >"$folder/out" 2>"$folder/err" &
launch=$!
wait_until 10 'no line of waiting' grep -q 'waiting: ' "$folder/err"
[ ! -s "$folder/out" ] || fail 'it did not wait'
touch "$folder/half.end"
wait $launch || fail "exit code $? after a wait"
[ "$(sort "$folder/out" | tr -d '\n')" = 01234567 ] || fail "cores: $(cat "$folder/out")"
wait
# Nothing to wait for costs nothing and says nothing.
expect 0 "$neuronrun" --wait=5 -np 2 true
expect_lines err 0
# What can never fit is refused at once.
expect 125 "$neuronrun" --wait -np 9 true
expect_lines err 1
none_marked || fail "processes are left: $(marked)"
