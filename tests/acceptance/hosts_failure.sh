#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Four hosts, one of which fails: the job ends, the host is named, and nobody is left anywhere.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
# shellcheck source=tests/acceptance/host_checks.sh
. "$NEURON_SOURCE/tests/acceptance/host_checks.sh"
make_hosts 4
all="h1-$$:1,h2-$$:1,h3-$$:1,h4-$$:1"

# begin: a job that runs until something stops it, in the background.
begin() {
    # shellcheck disable=SC2086 # several options
    timeout 60 "$neuronrun" $many --host "$all" --heartbeat 0.5 --grace 1 \
        --report "$folder/report" -- \
        sleep "$marker" >"$folder/out" 2>"$folder/err" </dev/null &
    job=$!
    wait_until 20 "the ranks do not start" sleepers_are 4
}

# How many of the ranks run: processes whose first word is sleep.
sleepers_are() {
    count=0
    for process in $(marked); do
        grep -qas '^sleep' "/proc/$process/cmdline" && count=$((count + 1))
    done
    [ "$count" -eq "$1" ]
}

# finish CODE: the job ends by itself with that code, and nothing of it is left on any host.
finish() {
    code=0
    wait "$job" || code=$?
    [ "$code" -eq "$1" ] || fail "exit code $code instead of $1"
    wait_until 20 "ranks outlive their job" none_marked
    wait_until 20 "shims outlive their job" no_shims
}

no_shims() {
    for host in $hosts; do
        for process in $(ip netns pids "$host"); do
            grep -qas -e '--shim' "/proc/$process/cmdline" && return 1
        done
    done
    return 0
}

# A link goes down: only the heartbeats can tell.
begin
on_host "h3-$$" ip link set eth0 down
finish 125
expect_text err "host h3-$$ does not answer"
expect_lines err 1
expect_text report '"cause": "start_failed"'
[ "$(grep -c '"end": null' "$folder/report")" -eq 1 ] || fail "$(cat "$folder/report")"
on_host "h3-$$" ip link set eth0 up

# With restarts left, the job starts anew on the same hosts; the report tells of both attempts.
# shellcheck disable=SC2016,SC2086
timeout 60 "$neuronrun" $many --host "$all" --heartbeat 0.5 --grace 1 --wait=20 --max-restarts 1 \
    --report "$folder/report" -- sh -c \
    'echo $RANK $NEURON_RESTART_COUNT; [ $NEURON_RESTART_COUNT = 1 ] || exec sleep $0' "$marker" \
    >"$folder/out" 2>"$folder/err" </dev/null &
job=$!
wait_until 20 "the ranks do not start" sleepers_are 4
on_host "h3-$$" ip link set eth0 down
wait_until 20 "no restart" grep -q "restart 1 of 1 in 1 s: host h3-$$ does not" "$folder/err"
on_host "h3-$$" ip link set eth0 up
finish 0
expect_lines err 1
expect_lines out 8
expect_text out "2 1"
expect_text report "host h3-$$ does not answer"
expect_text report '"exit_code": 0'

# The engine's daemon of a host is killed; its files go, too.
daemon_files() {
    find "${TMPDIR:-/tmp}" -path "*/ompi.h2-$$.*/jf.*" -prune 2>/dev/null | wc -l
}
files_are_gone() { [ "$(daemon_files)" -le "$before" ]; }
before=$(daemon_files)
begin
[ "$(daemon_files)" -gt "$before" ] || fail "the daemon has no files"
for process in $(ip netns pids "h2-$$"); do
    [ "$(cat "/proc/$process/comm" 2>/dev/null)" = orted ] && kill -KILL "$process"
done
finish 125
expect_text err "host h2-$$: the engine's process there has ended"
wait_until 10 "files of the daemon are left" files_are_gone

# The launcher is killed, with its keeper and the engine: the shims are on their own.
begin
for process in $(marked); do
    grep -qas -e '--heartbeat' "/proc/$process/cmdline" && kill -KILL "$process"
done
wait "$job" 2>/dev/null
wait_until 20 "ranks outlive their launcher" none_marked
wait_until 20 "shims outlive their launcher" no_shims

# A signal goes to all ranks.
begin
for process in $(marked); do
    grep -qas '^timeout' "/proc/$process/cmdline" && kill -TERM "$process"
done
finish 143
