#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-ls beside jobs: what it says is what ps and /proc say, also of other users and containers.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
ls=$NEURON_BUILD/runtime/tools/neuron-ls
hold=$NEURON_BUILD/tests/hold_cores
export HWLOC_SYNTHETIC='pack:2 [numa(memory=8589934592)] l3:1(size=33554432) core:4 pu:1'
unset COLUMNS
export LC_ALL=C.UTF-8
chmod 755 "$folder"
mkfifo -m 666 "$folder/end"
# Open for both, so that no holder waits for the other end; closing it ends them.
exec 9<>"$folder/end"
trap 'for process in $(marked); do kill -KILL "$process"; done 2>/dev/null; rm -rf "$folder"' EXIT

# start NAME COMMAND...: a job that holds cores, known to the tests by its mark.
start() {
    name=$1
    shift
    "$@" "$marker" <"$folder/end" >"$folder/$name.up" 9>&- &
}

# up NAME COUNT: that many of its processes have their cores.
up() {
    [ "$(grep -c ready "$folder/$1.up")" -eq "$2" ]
}

# Nobody.
expect 0 "$ls"
expect_text out 'DEVICE  CORES  FREE   MEMORY  NODE  PACKAGE  L3'
expect_text out '     1  4-7    4-7   8.0 GiB     1        1  32.0 MiB'
expect_text out '0-7      -  -     -      free'
expect 1 env NEURON_RT_LEASE_DIRECTORY="$folder/none" "$ls" --json
expect_text err 'there is no folder of core leases'
[ ! -e "$folder/none" ] || fail 'it made a folder'
expect 1 env NEURON_RT_LEASE_DIRECTORY="$ls" "$ls"
expect_lines err 1
expect 1 env HWLOC_SYNTHETIC='nonsense' "$ls"
expect_lines err 1

# Two jobs: a launcher with two ranks, and a plain one with a tag.
start ranks "$neuronrun" --stdin all -np 2 -c 2 -- "$hold"
wait_until 10 'the ranks do not start' up ranks 2
NEURON_RT_VISIBLE_CORES=6 NEURON_PROCESS_TAG=web start plain "$hold" 'a "word"'
plain=$!
wait_until 10 'the plain job does not start' up plain 1
expect 0 "$ls" --json
cp "$folder/out" "$folder/two.json"
"$NEURON_BUILD/tests/json_check" "$folder/two.json" || fail 'no JSON'
python3 - "$folder/two.json" "$marker" "$plain" <<'PYTHON' || fail 'the JSON is not what /proc says'
import datetime, json, os, pwd, subprocess, sys, time
listing = json.load(open(sys.argv[1]))
leases = listing["leases"]
assert [lease["cores"] for lease in leases] == [[0, 1, 2, 3], [0, 1], [2, 3], [6]], leases
assert [lease["kind"] for lease in leases] == ["reservation", "use", "use", "use"], leases
assert [lease["inside"] for lease in leases] == [None, 0, 0, None], leases
assert leases[3]["pid"] == int(sys.argv[3]) and leases[3]["tag"] == "web"
assert [core["lease"] for core in listing["cores"]] == [1, 1, 2, 2, None, None, 3, None]
assert [device["free_cores"] for device in listing["devices"]] == [[], [4, 5, 7]]
assert listing["machine"]["is_invented"] and listing["machine"]["host"] == os.uname().nodename
for lease in leases:
    pid = lease["pid"]
    folder = f"/proc/{pid}/"
    words = open(folder + "cmdline").read().rstrip("\0").split("\0")
    stat = open(folder + "stat").read().rsplit(")", 1)[1].split()
    assert lease["command"] == " ".join(words) and words[-1] == sys.argv[2], lease
    assert lease["user"] == pwd.getpwuid(os.stat(folder).st_uid).pw_name, lease
    assert lease["start_ticks"] == int(stat[19]) and lease["thread_count"] == int(stat[17]), lease
    ps = subprocess.check_output(["ps", "-o", "user=,lstart=", "-p", str(pid)], text=True).split()
    assert ps[0] == lease["user"], ps
    since = time.mktime(time.strptime(lease["since"], "%Y-%m-%d %H:%M:%S"))
    assert abs(since - time.mktime(time.strptime(" ".join(ps[1:])))) <= 1, (ps, lease)
    start = datetime.datetime.fromisoformat(lease["start_time"])
    assert start.tzinfo is not None and start.timestamp() == since, lease
    assert lease["state"] in "RSD", lease
    assert len(lease["runtimes"]) == (0 if lease["kind"] == "reservation" else 1), lease
    assert lease["error"] is None, lease
PYTHON

# The same for people: ranks below their launcher, the width kept, everything in the wide form.
expect 0 "$ls"
for row in '0-3 .*neuronrun' '  0-1 ' '  2-3 ' "6  *$plain .* web  "; do
    grep -q "^$row" "$folder/out" || fail "no row $row: $(cat "$folder/out")"
done
[ "$(wc -L <"$folder/out")" -le 80 ] || fail 'wider than 80 columns'
expect 0 env COLUMNS=50 "$ls"
[ "$(wc -L <"$folder/out")" -le 50 ] || fail 'wider than 50 columns'
expect 0 "$ls" -w
expect_text out "a \"word\" $marker"
expect_text out 'reservation'
expect 0 "$ls" -t
expect_text out '│ │ L3 32.0 MiB  cores 0-3  CPUs 0-3  A A B B '
expect_text out '. . C . '
expect 0 env LC_ALL=C "$ls" -t
expect_text out '| | L3 32.0 MiB  cores 0-3  CPUs 0-3  A A B B '
# Holders on another machine than this one are not its.
expect 0 env HWLOC_SYNTHETIC='core:2 pu:1' "$ls"
expect_text out '0-1      -  -     -      free'

# One that is stopped is told so, wherever its zone is.
kill -STOP "$plain"
expect 0 env TZ=IST-5:30 "$ls" -j
grep -q '"start_time": *"[-0-9T:]*+05:30"' "$folder/out" || fail 'the start has no zone'
grep -q '"state": *"T"' "$folder/out" || fail 'no process is stopped'
expect 0 "$ls" -w
grep -q "^6 .*  $plain .*:[0-9][0-9]  T  " "$folder/out" || fail "none is stopped: $(cat "$folder/out")"

# One is killed, and gone at the next look.
kill -KILL "$plain"
wait "$plain" 2>/dev/null
expect 0 "$ls" -j
! grep -q "\"pid\": *$plain," "$folder/out" || fail 'a dead process holds cores'
expect 0 "$ls"
! grep -q "^6 .* web " "$folder/out" || fail 'a dead process holds a core'

# Other users, and other containers, where this one may make them.
cp "$hold" "$ls" "$folder"
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
    NEURON_RT_VISIBLE_CORES=7 start other setpriv --reuid=65534 --clear-groups "$folder/hold_cores"
    wait_until 10 "another user's job does not start" up other 1
    expect 0 "$ls"
    grep -q "^7  *[0-9]*  $(id -un 65534) .*hold_cores $marker" "$folder/out" ||
        fail "not another user's job: $(cat "$folder/out")"
    # Who may not look into a process still sees who it is, and says why there is no more.
    expect 0 setpriv --reuid=65534 --clear-groups "$folder/neuron-ls" -j
    grep -q '"user": *"root"' "$folder/out" || fail 'no user of a process of root'
    ! grep -q '"error": *null.*"user": *"root"' "$folder/out" || fail 'no trouble is told'
    mkdir -m 700 "$folder/closed"
    expect 1 env NEURON_RT_LEASE_DIRECTORY="$folder/closed" setpriv --reuid=65534 \
        --clear-groups "$folder/neuron-ls"
    expect_lines err 1
    expect_text err "$folder/closed"
    # A lock file that may not be read leaves unknown who holds its core.
    mkdir -m 1777 "$folder/leases"
    : >"$folder/leases/core-7"
    chmod 600 "$folder/leases/core-7"
    expect 1 env NEURON_RT_LEASE_DIRECTORY="$folder/leases" setpriv --reuid=65534 \
        --clear-groups "$folder/neuron-ls"
    expect_lines err 1
    expect_text err 'so that nobody knows who holds core 7'
fi
if unshare --pid --fork --mount-proc true 2>/dev/null; then
    expect 0 unshare --pid --fork --mount-proc "$ls"
    grep -q '^0-3  *-  -  *-  *processes of other containers' "$folder/out" ||
        fail "not processes of other containers: $(cat "$folder/out")"
    expect 0 unshare --pid --fork --mount-proc "$neuronrun" --ps
    expect_text out 'processes of other containers'
fi

# Cores that this process may not use are named, and free for others.
unset HWLOC_SYNTHETIC
expect 0 "$ls" -j
# shellcheck disable=SC2046 # a count and a CPU
set -- $(python3 -c 'import json, sys
allowed = [core for core in json.load(sys.stdin)["cores"] if core["is_allowed"]]
print(len(allowed), allowed[0]["cpus"][0])' <"$folder/out")
if [ "$1" -gt 1 ] && taskset -c "$2" true 2>/dev/null; then
    expect 0 taskset -c "$2" "$ls"
    expect_text out 'free, but not for this process'
    grep -q 'not for this process: outside its affinity mask or cpuset$' "$folder/out" ||
        fail "no core is named: $(cat "$folder/out")"
fi

# What does not get out is no success.
expect 2 "$ls" --jsno
[ "$(cat "$folder/err")" = 'neuron-ls: unknown option --jsno; did you mean --json?' ] ||
    fail "another error: $(cat "$folder/err")"
expect 2 "$ls" cores
expect_lines err 1
expect 0 "$ls" --help
expect 0 "$ls" --version
for form in -h -V -j -t -w; do
    code=0
    "$ls" $form >/dev/full 2>"$folder/err" || code=$?
    [ $code -eq 1 ] || fail "exit code $code on a full disk with $form"
    expect_lines err 1
    code=0
    "$ls" $form >&- 2>"$folder/err" || code=$?
    [ $code -eq 1 ] || fail "exit code $code without an output with $form"
    expect_lines err 1
done
python3 - "$ls" 2>"$folder/err" <<'PYTHON' || fail 'a reader that has enough is no good end'
import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
# However SIGPIPE is set: Python ignores it, and so does what it starts.
sys.exit(any(subprocess.call([sys.argv[1], "--json"], stdout=writer, restore_signals=restores)
             for restores in (False, True)))
PYTHON
expect_lines err 0
exec 9>&-
for process in $(marked); do kill "$process"; done 2>/dev/null
wait
