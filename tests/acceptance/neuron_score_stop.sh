#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs that are stopped, killed, or meet another one: never half an output, and the same command goes
# on with the rows that are done.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

# 21 million multiplications a row: a second or more for all rows, on any machine.
"$make_model" fast.neff 8 512 0 && "$make_model" slow.neff 8 512 80 || fail "no model"
"$npy_tool" make x.npy 2000 512
echo old >y.npy

# job OPTIONS...: the command of all runs in the foreground.
job() {
    "$score" --model slow.neff --input x.npy --output y.npy --checkpoint 0.05 "$@"
}

# done_leases: how often the journal says that rows are done.
done_leases() {
    grep -c '^done ' y.npy.journal 2>/dev/null || :
}

# has_done LEASES: more of them are done.
has_done() {
    leases=$(done_leases)
    [ "${leases:-0}" -gt "$1" ]
}

# start COMMAND...: a new job, or one that goes on, in the background, until rows of this run are done.
start() {
    before=$(done_leases)
    "$@" >background.out 2>background.err &
    started=$!
    wait_for has_done "${before:-0}"
}

# ended STATUS: the background command has ended like that.
ended() {
    wait "$started"
    got=$?
    started=
    [ "$got" -eq "$1" ] || fail "exit status $got instead of $1 ($(cat background.err))"
}

# is_unfinished: what a job leaves that goes on later, and an earlier output untouched.
is_unfinished() {
    [ -s y.npy.part ] && [ -s y.npy.journal ] || fail "the unfinished job is not left there"
    [ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
}

expect 0 "$score" -q --model slow.neff --input x.npy --output reference.npy

# Told to stop: what is scored goes to disk first. Each run goes on where the one before was.
for signal in TERM INT HUP; do
    case $signal in TERM) status=143 ;; INT) status=130 ;; HUP) status=129 ;; esac
    env --default-signal=$signal true 2>/dev/null || continue
    start env --default-signal=$signal "$score" --model slow.neff --input x.npy --output y.npy \
        --checkpoint 0.05
    kill -$signal "$started"
    ended "$status"
    grep -q '^neuron-score: stopped by a signal, [1-9][0-9]* rows are done; run it again' \
        background.err || fail "no line after SIG$signal"
    is_unfinished
    absent y.npy.server
done

# Another job on the same output is refused while the first lives, as is the same one again.
start "$score" --model slow.neff --input x.npy --output y.npy --checkpoint 0.05
refuses 5 "pid $started" "$score" --model fast.neff --input x.npy --output y.npy
refuses 5 "pid $started" job
refuses 5 "pid $started" job --restart
is_unfinished

# Killed: what is unfinished is told from another job, and goes on only as was asked for.
kill -KILL "$started"
ended 137
is_unfinished
refuses 1 "model: was slow.neff" "$score" --model fast.neff --input x.npy --output y.npy
refuses 1 "--restart" "$score" --model fast.neff --input x.npy --output y.npy
refuses 1 "unfinished job" job --resume never
"$npy_tool" make other.npy 2000 512
printf x | dd of=other.npy bs=1 seek=5000 conv=notrunc 2>/dev/null
refuses 1 "was x.npy" "$score" --model slow.neff --input other.npy --output y.npy
refuses 1 "rows" job --rows 0:1000
is_unfinished
expect 0 job --resume require
grep -q ' 2000 rows in .* done before: y.npy$' out || fail "the job did not go on"
cmp -s y.npy reference.npy || fail "other bits after a job that went on"
absent y.npy.part y.npy.server

# Nothing is left to do; and nothing to go on with.
expect 0 job
grep -q '^neuron-score: all 2000 rows were done before' out || fail "a finished job is done again"
rm y.npy.journal
refuses 1 "no unfinished job" job --resume require

# --restart throws away what there is, also of another job.
echo old >y.npy
start "$score" --model slow.neff --input x.npy --output y.npy --checkpoint 0.05
kill -KILL "$started"
ended 137
expect 0 "$score" --model fast.neff --input x.npy --output y.npy --restart
"$npy_tool" check y.npy 2000 512 || fail "wrong output after --restart"
absent y.npy.part y.npy.server

# An input that is cut off under the job is a line, not an output; once it is whole the job goes on.
rm y.npy.journal
echo old >y.npy
cp x.npy cut.npy
touch -r x.npy cut.npy
start "$score" --model slow.neff --input cut.npy --output y.npy --checkpoint 0.05
truncate -s 1000 cut.npy
ended 5
[ "$(grep -c '^neuron-score: ' background.err)" -eq 1 ] || fail "not one line on the input"
grep -q 'became shorter' background.err || fail "no line on the input"
is_unfinished
cat x.npy >cut.npy
touch -r x.npy cut.npy
expect 0 "$score" --model slow.neff --input cut.npy --output y.npy --resume require
cmp -s y.npy reference.npy || fail "other bits after an input that was cut off"
absent y.npy.part y.npy.server
