#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs that are stopped, killed, or meet another one: never half an output, and the next job works.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

# 21 million multiplications a row: seconds for all rows, on any machine.
"$make_model" fast.neff 8 512 0 && "$make_model" slow.neff 8 512 80 || fail "no model"
"$npy_tool" make x.npy 20000 512
echo old >y.npy

# is_running RANKS: the first rank has noted in the part file that it works. Its record stands before
# those of the other ranks and the footer (dp/score/part_trailer.h).
is_running() {
    [ "$(tail -c $((256 + 8 * $1)) y.npy.part 2>/dev/null | head -c 1 | od -An -tu1)" -eq 1 ] \
        2>/dev/null
}

# start RANKS COMMAND...: the first rank of so many, in the background, until it works on y.npy.
start() {
    ranks=$1
    shift
    "$@" >background.out 2>background.err &
    started=$!
    wait_for is_running "$ranks"
}

# ended STATUS: the background command has ended like that.
ended() {
    wait "$started"
    got=$?
    started=
    [ "$got" -eq "$1" ] || fail "exit status $got instead of $1 ($(cat background.err))"
}

# Told to stop: the rows at hand are done, the part file goes away.
for signal in TERM INT HUP; do
    case $signal in TERM) status=143 ;; INT) status=130 ;; HUP) status=129 ;; esac
    env --default-signal=$signal true 2>/dev/null || continue
    start 1 env --default-signal=$signal "$score" --model slow.neff --input x.npy --output y.npy
    kill -$signal "$started"
    ended $status
    grep -q '^neuron-score: stopped ' background.err || fail "no line after SIG$signal"
    absent y.npy.part
done

# Another job on the same output is refused while the first lives.
start 1 "$score" --model slow.neff --input x.npy --output y.npy
refuses 1 "pid $started" "$score" --model fast.neff --input x.npy --output y.npy
test -s y.npy.part || fail "the refused job has removed the part file"

# Killed: an earlier output is untouched, and the next job succeeds over what was left.
kill -KILL "$started"
ended 137
test -s y.npy.part || fail "no part file is left"
[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
expect 0 "$score" --model fast.neff --input x.npy --output y.npy
"$npy_tool" check y.npy 20000 512 || fail "wrong output after a killed job"
absent y.npy.part

# A rank that fails, even before it has read a row, stops the others of its job.
echo old >y.npy
start 2 env NEURONRUN_JOBID=j RANK=0 WORLD_SIZE=2 NEURON_RT_VISIBLE_CORES=0 \
    "$score" --model slow.neff --input x.npy --output y.npy
refuses 1 "none.npy" env NEURONRUN_JOBID=j RANK=1 WORLD_SIZE=2 NEURON_RT_VISIBLE_CORES=1 \
    "$score" --model slow.neff --input none.npy --output y.npy
ended 1
grep -q 'another rank of the job failed' background.err || fail "the other rank does not say why"
absent y.npy.part

# A rank that is killed leaves no output, whoever comes after it.
"$npy_tool" make less.npy 2000 512
NEURONRUN_JOBID=k
RANK=0
WORLD_SIZE=2
export NEURONRUN_JOBID RANK WORLD_SIZE
start 2 "$score" --quiet --model slow.neff --input less.npy --output y.npy
kill -KILL "$started"
ended 137
RANK=1
refuses 1 "rank 0 of the job died" "$score" --quiet --model slow.neff --input less.npy --output y.npy
unset NEURONRUN_JOBID RANK WORLD_SIZE
[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
absent y.npy.part

# An input that is cut off under the job is a line, not an output.
cp x.npy cut.npy
start 1 "$score" --model slow.neff --input cut.npy --output y.npy
truncate -s 1000 cut.npy
ended 1
grep -q '^neuron-score: .*while it was read' background.err || fail "no line about the input"
[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
