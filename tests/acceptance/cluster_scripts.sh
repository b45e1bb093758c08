#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The scripts of examples/cluster that need no Slurm: when a command is run again, and when not.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
scripts=$NEURON_SOURCE/examples/cluster
export RESUME_WAIT=0

# A command that ends with the statuses in a file, one after the other.
cat >"$folder/command" <<'EOF'
#!/bin/sh
echo run >>"$1.runs"
read -r status <"$1"
sed -i 1d "$1"
exit "$status"
EOF
chmod +x "$folder/command"

# loops EXPECTED RUNS OPTIONS STATUS...: the loop ends so after so many runs.
loops() {
    wanted=$1
    runs=$2
    options=$3
    shift 3
    printf '%s\n' "$@" >"$folder/statuses"
    : >"$folder/statuses.runs"
    # shellcheck disable=SC2086 # several words
    expect "$wanted" sh "$scripts/resume_loop.sh" $options "$folder/command" "$folder/statuses"
    expect_lines statuses.runs "$runs"
}
for status in 0 1 2 3 4 6 124 125 127 128 144 255; do
    loops $status 1 '' $status
done
loops 0 2 '' 5 0
loops 3 5 '' 129 130 137 143 3
loops 4 2 '' 139 4
loops 5 3 '-n 2' 5 5 5 0
expect_text err "given up after 2 more runs"
loops 143 1 '-n 0' 143 0

# What is no number of runs, and no command.
expect 2 sh "$scripts/resume_loop.sh"
expect_text err "usage: resume_loop.sh"
expect 2 sh "$scripts/resume_loop.sh" -n many true
expect 2 sh "$scripts/resume_loop.sh" -n 3
expect 2 sh "$scripts/hosts.sh" hosts model input
expect_text err "usage: hosts.sh"

# The command reads what the loop is given.
echo given | sh "$scripts/resume_loop.sh" cat >"$folder/out" || fail "cat failed"
expect_text out given

# A signal ends the loop, and what it runs.
for signal in INT TERM HUP; do
    # A shell has what it starts in the background ignore INT, but for another shell's own traps.
    python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' sh "$scripts/resume_loop.sh" sleep "$marker" &
    loop=$!
    wait_until 10 "the command does not start" marked_are 2
    kill -s $signal $loop
    code=0
    wait $loop || code=$?
    [ $code -eq 143 ] || fail "status $code after $signal"
    wait_until 10 "the command outlives the loop" none_marked
done

# Real ranks, in this host alone: by a file of hosts, and as in a job of PBS.
mkdir "$folder/bin"
cat >"$folder/bin/neuron-score" <<'EOF'
#!/bin/sh
echo "$RANK/$WORLD_SIZE $*" >>"$SEEN"
[ "$RANK" = 0 ] || exit 0
[ -e "$SEEN.died" ] || { : >"$SEEN.died"; exit 5; }
EOF
chmod +x "$folder/bin/neuron-score"
PATH=$folder/bin:$NEURON_BUILD/launcher:$PATH
export PATH SEEN="$folder/seen"
echo "localhost slots=2" >"$folder/hosts"
expect 0 env NEURONRUN_OPTIONS=-O sh "$scripts/hosts.sh" "$folder/hosts" m.neff x.npy y.npy -q
expect_text err "status 5; run 1 of 20 more"
[ "$(grep -cx '[01]/2 --model m.neff --input x.npy --output y.npy -q' "$SEEN")" -ge 3 ] ||
    fail "ranks: $(cat "$SEEN")"

rm "$SEEN" "$SEEN.died"
hostname >"$folder/nodes"
expect 0 env MODEL=m.neff INPUT=x.npy OUTPUT=y.npy PBS_NODEFILE="$folder/nodes" PBS_JOBID=1 \
    PBS_O_WORKDIR="$scripts" sh "$scripts/pbs.sh"
expect_text err "status 5; run 1 of 20 more"
grep -qx '0/[0-9]* --model m.neff --input x.npy --output y.npy' "$SEEN" || fail "$(cat "$SEEN")"
