#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# After a failure all ranks start again together, as often as allowed; or the others go on.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# Rank 1 fails at its first start; rank 0 and its child would run for ever then.
once='echo $RANK $NEURON_RESTART_COUNT $NEURON_RT_VISIBLE_CORES $NEURONRUN_LEASE
[ $NEURON_RESTART_COUNT = 0 ] || exit 0
[ $RANK = 0 ] || { until [ -e "$1" ]; do sleep 0.02; done; exit 3; }
: >"$1"
sh -c "trap : TERM; while :; do sleep 0.02; done" $0 2>/dev/null & wait'
expect 0 "$neuronrun" -np 2 -O --grace 0.2 --max-restarts 5 -- sh -c "$once" "$marker" \
    "$folder/up"
expect_text err 'restart 1 of 5 in 1 s: rank 1 (pid '
expect_text err 'exited with code 3 after'
expect_text err '1 other rank was stopped'
expect_lines err 1
expect_lines out 4
none_marked || fail "left after a restart: $(marked)"
# The same cores, by the same reservation.
[ "$(cut -d ' ' -f 1,3- "$folder/out" | sort -u | wc -l)" -eq 2 ] || fail "$(cat "$folder/out")"

# The last failure is the job's.
expect 4 "$neuronrun" -np 1 --max-restarts 1 -- sh -c 'exit $((3 + NEURON_RESTART_COUNT))'
expect_text err 'restart 1 of 1'
expect_text err 'exited with code 4'
expect 3 "$neuronrun" -q -np 1 --max-restarts 1 -- sh -c 'exit 3'
expect_lines err 0

# What another start does not cure.
expect 127 "$neuronrun" -np 2 -O --max-restarts 3 "$folder/none"
expect_lines err 1
expect 125 "$neuronrun" -np 1 --max-restarts 3 --wdir "$folder/none" true
expect_lines err 1
expect 124 "$neuronrun" -np 1 --max-restarts 3 --timeout 0.2 sleep $marker
expect_lines err 1

# The time-out counts for all attempts, and ends the wait between two; so does a signal.
expect 124 "$neuronrun" -np 2 -O --max-restarts 9 --timeout 0.4 false
expect_text err 'restart 1 of 9'
expect_text err '--timeout'
expect_lines err 2
: >"$folder/err" # what it holds so far is waited for below
"$neuronrun" -np 2 -O --max-restarts 9 -- sh -c 'exit 1' "$marker" >"$folder/out" 2>"$folder/err" &
launch=$!
wait_until 10 'no restart' grep -q 'restart 1 of 9' "$folder/err"
kill -TERM $launch
code=0
wait $launch || code=$?
[ $code -eq 143 ] || fail "exit code $code after SIGTERM between two attempts"
expect_lines err 1

# Signals reach the ranks of a later attempt.
"$neuronrun" -np 2 -O --max-restarts 1 -- sh -c '[ $NEURON_RESTART_COUNT = 1 ] || exit 1
trap "exit 6" USR1; echo ready; while :; do sleep 0.02; done' "$marker" >"$folder/out" \
    2>"$folder/err" &
launch=$!
wait_until 10 'no second attempt' grep -q ready "$folder/out"
kill -USR1 $launch
code=0
wait $launch || code=$?
[ $code -eq 6 ] || fail "exit code $code after SIGUSR1 in the second attempt"

# --on-failure continue: the others run to their ends; the code is that of the first that failed.
others='[ $RANK != 2 ] || exit 5
until [ -e "$0.$RANK" ]; do sleep 0.02; done; echo done; exit $((RANK % 2 * 7))'
"$neuronrun" -np 4 -O --on-failure continue -- sh -c "$others" "$folder/go" >"$folder/out" \
    2>"$folder/err" &
launch=$!
wait_until 10 'the failure is not said' grep -q '3 other ranks go on' "$folder/err"
touch "$folder/go.0" "$folder/go.1" "$folder/go.3"
code=0
wait $launch || code=$?
[ $code -eq 5 ] || fail "exit code $code instead of the first one's"
expect_lines out 3
expect_text err '3 of 4 ranks failed, rank 2 first'
for rank in 1 2 3; do
    [ "$(grep -c "rank $rank (pid" "$folder/err")" -eq 1 ] || fail "rank $rank is not named once"
done
expect_lines err 4
# The last one to fail is named, too; one that fails alone once, whether others go on or not.
other='[ $RANK != 0 ] || kill -SEGV $$
until grep -q "1 other rank goes on" "$0"; do sleep 0.02; done; exit $1'
expect 139 "$neuronrun" -np 2 -O --on-failure continue -- sh -c "$other" "$folder/err" 4
expect_text err 'rank 0 (pid '
expect_text err 'rank 1 (pid '
expect_text err '2 of 2 ranks failed, rank 0 first'
expect_lines err 3
expect 139 "$neuronrun" -np 2 -O --on-failure continue -- sh -c "$other" "$folder/err" 0
expect_text err '1 of 2 ranks failed, rank 0'
expect_lines err 2
expect 3 "$neuronrun" -np 2 -O --on-failure continue --max-restarts 1 -- sh -c \
    '[ $NEURON_RESTART_COUNT = 0 ] || exit 3; [ $RANK != 0 ] || exit 6
until grep -q "1 other rank goes on" "$0"; do sleep 0.02; done' "$folder/err"
expect_text err 'restart 1 of 1 in 1 s: 1 of 2 ranks failed, rank 0'
expect_text err '2 of 2 ranks failed, rank '
expect 6 "$neuronrun" -np 1 --on-failure continue -- sh -c 'exit 6'
expect_text err 'exited with code 6'
expect_lines err 1
expect 6 "$neuronrun" -q -np 2 -O --on-failure continue -- sh -c 'exit 6'
expect_lines err 0
expect 127 "$neuronrun" -np 4 -O --on-failure continue "$folder/none"
expect_lines err 1
expect 0 "$neuronrun" -np 4 -O --on-failure continue true
expect_lines err 0
none_marked || fail "processes are left: $(marked)"
