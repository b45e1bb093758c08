#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-top beside two running jobs, in a real terminal and as JSON: what it says is what ps, /proc
# and the jobs themselves say; a job that is killed is gone from the next picture.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
top=$NEURON_BUILD/runtime/tools/neuron-top
job=$NEURON_BUILD/tests/looping_job
cd "$folder" || exit 1
# A machine that nobody else invents, of which executors run unpinned.
export HWLOC_SYNTHETIC="numa:1 core:7 pu:1" LC_ALL=C.UTF-8
unset NO_COLOR COLUMNS

# Bad input: one line each, and what to do.
expect 2 "$top" --onse
expect_text err 'did you mean --once'
expect 2 "$top"
expect_text err 'neuron-top: standard input and output are no terminal; --once prints a report'
expect_lines err 1
if [ -w /dev/full ]; then
    code=0
    "$top" --once --delay 0.1 >/dev/full 2>err || code=$?
    [ "$code" -eq 1 ] || fail "exit code $code where output does not get out"
    expect_text err 'standard output cannot be written'
fi
# A reader that has enough ends it without a word.
{
    code=0
    "$top" --once --delay 0.1 --count 100 2>err || code=$?
    echo "$code" >code
} | head -n 1 >/dev/null
[ "$(cat code)" -eq 0 ] || fail "exit code $(cat code) after a reader that goes"
[ ! -s err ] || fail "a word about a reader that goes: $(cat err)"
expect 0 "$top" --once --delay 0.1
expect_text out 'No process holds cores.'

"$NEURON_BUILD/tests/make_model" model.neff 1 4 0 || fail "no model"
# The marker has no other use than to find the jobs.
"$neuronrun" -np 2 -c 1 -- "$job" model.neff "count.$marker" 2>launched &
launcher=$!
NEURON_RT_VISIBLE_CORES=4-5 NEURON_PROCESS_TAG=plain "$job" model.neff "plain.$marker" &
plain=$!
counting() {
    [ "$(cat count."$marker".* plain."$marker".* 2>/dev/null | wc -c)" -eq 24 ] &&
        ! cat count."$marker".* plain."$marker".* | od -A n -t u8 -w8 | grep -q '^ *0$'
}
wait_until 20 "the jobs do not run" counting

# As JSON.
python3 - "$top" "$launcher" "$plain" "$marker" <<'EOF' || fail "the JSON is wrong"
import glob, json, os, pwd, struct, subprocess, sys

top, launcher, plain, marker = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def counts():
    return {int(path.rsplit(".", 1)[1]): struct.unpack("=Q", open(path, "rb").read())[0]
            for path in glob.glob("*.%s.*" % marker)}


def ticks(pid):
    fields = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def check(is_true, text):
    if not is_true:
        sys.exit(text)


before, ticks_before = counts(), {pid: ticks(pid) for pid in counts()}
out = subprocess.run([top, "--once", "--json", "--delay", "0.5", "--count", "2"], check=True,
                     capture_output=True, text=True).stdout
after, ticks_after = counts(), {pid: ticks(pid) for pid in counts()}
lines = out.splitlines()
check(len(lines) == 2, "not one object a line")
reports = [json.loads(line) for line in lines]
report = reports[1]
processes = {process["pid"]: process for process in report["processes"]}
check(set(before) <= set(processes), "jobs are missing: %s" % list(processes))
cpus = os.sysconf("SC_NPROCESSORS_ONLN")
user = pwd.getpwuid(os.getuid()).pw_name
for pid, process in processes.items():
    ps = subprocess.run(["ps", "-o", "user:64=,args=", "-p", str(pid)], capture_output=True,
                        text=True).stdout.split(None, 1)
    if ps:
        check(process["user"] == ps[0] == user, "the user of %d is %s" % (pid, process["user"]))
        check(process["command"] == ps[1].strip(), "the command of %d" % pid)
check(processes[plain]["neuron_runtime_tag"] == "plain", "the tag")
check(processes[plain]["cores"] == [4, 5], "the cores")
for pid in before:
    process = processes[pid]
    done = sum(r["execution_stats"]["execution_summary"]["completed"]
               for one in reports for r in one["processes"] if r["pid"] == pid)
    check(0 < done <= after[pid] - before[pid] + 1, "%d runs of %d" % (done, pid))
    used = sum(ticks_after[pid]) - sum(ticks_before[pid])
    told = sum((r["neuron_runtime_vcpu_usage"]["user"] + r["neuron_runtime_vcpu_usage"]["system"])
               * one["period"] / 100 * cpus for one in reports for r in one["processes"]
               if r["pid"] == pid)
    check(told <= used / os.sysconf("SC_CLK_TCK") + 0.05, "%.2f s of CPU of %d" % (told, pid))
    check(process["loaded_models"][0]["cores"] == process["cores"], "the model's cores")
    check(process["execution_stats"]["latency_stats"]["device_latency"]["p99"] > 0, "no latency")
    check(process["memory_used"]["model_shared_scratchpad"] > 0, "no memory")
    if pid != plain:
        check(processes[process["parent_pid"]]["lease"] == "reservation", "no launcher above")
held = {core["core"]: core["pid"] for core in report["cores"]}
check(held[4] == held[5] == plain and held[6] is None, "holders: %s" % held)
check(len(report["cores"]) == 7 and report["machine"]["is_invented"], "the machine")
total = report["totals"]["execution_stats"]["execution_summary"]["completed"]
check(total == sum(processes[pid]["execution_stats"]["execution_summary"]["completed"]
                   for pid in before), "the total")
EOF

if ! command -v tmux >/dev/null; then
    kill -KILL "$launcher" "$plain"
    wait_until 10 "jobs stay" none_marked
    echo "no tmux: pictures are not looked at"
    exit 0
fi

# In a terminal. The command stays after the program's end, so that the terminal can be looked at.
tmux_socket=$folder/tmux
in_tmux() {
    tmux -S "$tmux_socket" -f /dev/null "$@"
}
trap 'in_tmux kill-server 2>/dev/null; for process in $(marked); do kill -KILL "$process"; done 2>/dev/null; rm -rf "$folder"' EXIT
in_tmux new-session -d -x 80 -y 24 "stty -a >before; $top --delay 0.2; echo \"code \$?\"; stty -a >after; sleep 60" ||
    fail "no terminal"
# shows TEXT: the picture has it. shows_not TEXT: it has not.
shows() {
    in_tmux capture-pane -p >picture && grep -qF -- "$1" picture
}
shows_not() {
    in_tmux capture-pane -p >picture && grep -q runs/s picture && ! grep -qF -- "$1" picture
}
sees() {
    wait_until 10 "no \"$1\" in the picture: $(cat picture 2>/dev/null)" shows "$1"
}
resize() {
    in_tmux resize-window -x "$1" -y "$2"
}
sees 'q quit'
for text in '7 cores' '4 held' 'plain' 'looping_job' 'RUNS/S' '%]'; do
    shows "$text" || fail "no \"$text\" at 80x24: $(cat picture)"
done
resize 200 60
wait_until 10 "no large picture" shows 'REQ-P50'
for text in 'MEMORY' 'WEIGHTS' 'MODELS' 'cores 4-5  2 replicas of 1 core' "$plain"; do
    shows "$text" || fail "no \"$text\" at 200x60: $(cat picture)"
done
in_tmux send-keys 3
sees 'LATENCY'
in_tmux send-keys '?'
sees 'UCPU, SCPU'
in_tmux send-keys '?' 0
resize 20 5
shows_small() {
    shows 'busy' && grep -qx 'NAME.*BUSY.*RUNS/S' picture
}
wait_until 10 "no small picture: $(cat picture)" shows_small
[ "$(wc -l <picture)" -le 5 ] || fail "the small picture is wrapped: $(cat picture)"
resize 80 24
sees 'plain'
kill -STOP "$plain"
stopped() {
    in_tmux capture-pane -p >picture && grep -q "^ *$plain .* plain  *T " picture
}
wait_until 10 "no job is stopped: $(cat picture)" stopped
kill -KILL "$plain"
wait_until 10 "the job that was killed is still shown" shows_not 'plain'
shows '2 held' || shows '3 held' || fail "who holds what is left: $(cat picture)"
in_tmux send-keys q
sees 'code 0'
cmp -s before after || fail "the terminal is not as it was: $(diff before after)"

# A signal gives the terminal back, too, and a type that is not known is said.
in_tmux respawn-pane -k "$top; echo \"code \$?\"; TERM=none-such $top; echo \"code \$?\"; env -u TERM $top; echo \"code \$?\"; stty -a >after; sleep 60"
sees 'q quit'
kill -TERM "$(pgrep -P "$(in_tmux display-message -p '#{pane_pid}')")"
sees 'code 143'
sees 'TERM=none-such: no such terminal is known here'
sees 'TERM is not set'
wait_until 10 "no end" test -s after
cmp -s before after || fail "the terminal is not as it was: $(diff before after)"

kill -KILL "$launcher"
wait_until 10 "jobs stay" none_marked
echo "neuron-top shows what is there"
