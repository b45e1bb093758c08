#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing that a job started outlives it, however it ends.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# A rank that waits, with a child in a session of its own and one in the background.
tree="setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 0.05; done' $marker &
sh -c 'while :; do sleep 0.05; done' $marker &
"
child_of() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" | head -n 1
}
start() {
    "$neuronrun" --grace 1 -np 2 -O -- sh -c "$tree while :; do sleep 0.05; done" "$marker" \
        >"$folder/out" 2>"$folder/err" &
    guardian=$!
    # The three processes of neuronrun, two ranks with two children each.
    wait_until 10 "the job does not start: $(marked)" marked_are 9
    keeper=$(child_of "$guardian")
    launcher=$(child_of "$keeper")
}

expect 0 "$neuronrun" -np 2 -O -- sh -c "$tree" "$marker"
none_marked || fail "left after a normal end: $(marked)"
expect 3 "$neuronrun" -np 2 -O -- sh -c "$tree exit 3" "$marker"
none_marked || fail "left after a failure: $(marked)"

start
kill -TERM "$guardian"
wait "$guardian"
none_marked || fail "left after SIGTERM: $(marked)"

start
kill -KILL "$launcher"
code=0
wait "$guardian" || code=$?
[ "$code" -eq 137 ] || fail "exit code $code after SIGKILL of the launcher"
none_marked || fail "left after SIGKILL of the launcher: $(marked)"
expect_text err 'was killed by SIGKILL'

start
kill -KILL "$guardian"
wait "$guardian" 2>/dev/null
wait_until 10 "left after SIGKILL of the guardian: $(marked)" none_marked

start
kill -KILL "$keeper"
code=0
wait "$guardian" || code=$?
[ "$code" -eq 137 ] || fail "exit code $code after SIGKILL of the keeper"
none_marked || fail "left after SIGKILL of the keeper: $(marked)"

# Guardian and launcher at once, as when their process group is killed.
start
kill -KILL "$guardian" "$launcher"
wait "$guardian" 2>/dev/null
wait_until 10 "left after SIGKILL of both: $(marked)" none_marked

# A launcher that is stopped does not hold on to the job.
start
kill -STOP "$launcher"
kill -KILL "$guardian"
wait "$guardian" 2>/dev/null
wait_until 10 "left after SIGKILL while the launcher was stopped: $(marked)" none_marked

# The cores are free again.
expect 0 "$neuronrun" true
