#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signals to neuronrun go on to all ranks, and those that do not heed them are killed.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# start GRACE COMMAND: runs two ranks of it, and waits until both have said that they are ready.
start() {
    : >"$folder/out" # what an earlier launch said does not count
    "$neuronrun" --grace "$1" -np 2 -O -- sh -c "$2; echo ready; while :; do sleep 0.02; done" \
        "$marker" >"$folder/out" 2>"$folder/err" &
    launch=$!
    wait_until 10 'ranks do not start' is_ready
}
is_ready() {
    [ "$(grep -c ready "$folder/out")" -eq 2 ]
}
# finish CODE
finish() {
    code=0
    wait "$launch" || code=$?
    [ "$code" -eq "$1" ] || fail "exit code $code instead of $1"
    none_marked || fail "processes are left: $(marked)"
}

start 10 ':'
kill -TERM "$launch"
finish 143
start 10 'trap "echo got; exit 7" TERM'
kill -TERM "$launch"
finish 143
[ "$(grep -c got "$folder/out")" -eq 2 ] || fail 'a rank did not get SIGTERM'
start 0.5 'trap "" TERM'
kill -TERM "$launch"
finish 143
start 10 ':'
kill -HUP "$launch"
finish 129

# The second request does not wait for the grace; a copy of the first one is none.
start 60 'trap "echo got" TERM'
kill -TERM "$launch"
kill -TERM "$launch"
wait_until 5 'no SIGTERM' grep -q got "$folder/out"
sleep 0.3
kill -0 "$launch" 2>/dev/null || fail 'a copy of a signal ended the job'
kill -TERM "$launch"
finish 143

# Others are passed on, and end nothing.
start 10 'trap "echo one" USR1; trap "exit 4" USR2'
kill -USR1 "$launch"
wait_until 5 'no SIGUSR1' grep -q one "$folder/out"
kill -USR2 "$launch"
finish 4

# Stopping and going on: all but the keeper, the child of the process that was started, which has to
# see when that is killed.
are_stopped() {
    keeper=$(tr ' ' '\n' <"/proc/$launch/task/$launch/children" | head -n 1)
    for process in $(marked); do
        [ "$process" = "$keeper" ] || grep -q '^State:[[:space:]]*T' "/proc/$process/status" ||
            return 1
    done
}
all_run() {
    for process in $(marked); do
        ! grep -q '^State:[[:space:]]*T' "/proc/$process/status" || return 1
    done
}
start 10 ':'
kill -TSTP "$launch"
wait_until 5 'not everybody stops' are_stopped
kill -CONT "$launch"
wait_until 5 'not everybody goes on' all_run
kill -TERM "$launch"
finish 143
