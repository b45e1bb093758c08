#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes wrong around a job: ranks that stop for good, a journal or a part file that is damaged,
# input that cannot be read, a disk that becomes full. Nothing is lost, and what is wrong is told.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"
neuronrun="$NEURON_BUILD/launcher/neuronrun"

# Rows that sleep a millisecond each, so that a job takes as long on any machine.
/usr/bin/python3 - <<'END' || fail "numpy"
import numpy as np
x = (np.arange(4800).reshape(1200, 4) % 509).astype("f4") / 8
np.save("x.npy", x)
np.savetxt("x.csv", x, fmt="%g", delimiter=",", header="a,b,c,d", comments="")
x[::7, 0] = -1
np.save("bad.npy", x)
END
# job INPUT OUTPUT OPTIONS...
job() {
    input=$1
    output=$2
    shift 2
    "$score" --model "$bad_rows" --config nan:1000 --input "$input" --output "$output" \
        --checkpoint 0.05 "$@"
}
expect 0 job x.npy reference.npy

# start COMMAND...: in the background, until some rows of y.npy are done.
start() {
    "$@" >background.out 2>background.err &
    started=$!
    wait_for has_done "$output"
}
has_done() {
    grep -qs '^done ' "$1.journal"
}
# ended STATUS: the background command has ended like that.
ended() {
    wait_for has_ended
    wait "$started"
    got=$?
    started=
    [ "$got" -eq "$1" ] || fail "exit status $got instead of $1 ($(cat background.err))"
}
has_ended() {
    case $(sed 's/.*) //' "/proc/$started/stat" 2>/dev/null) in '' | Z*) return 0 ;; esac
    return 1
}
# one_line TEXT: the background command has said one line, with this in it.
one_line() {
    [ "$(grep -c '^neuron-score: ' background.err)" -eq 1 ] || fail "lines: $(cat background.err)"
    grep -qF -- "$1" background.err || fail "no \"$1\": $(cat background.err)"
}
# whole WHEN: the output is what it should be, and alone.
whole() {
    cmp -s "$output" reference.npy || fail "other bytes $1"
    absent "$output.part" "$output.server" "$output.errors.jsonl"
}

# A rank that stops for good: the others do its rows, and the job ends it.
rank_process() {
    for process in $(grep -las -- "$place/[y]" /proc/[0-9]*/cmdline); do
        process=${process#/proc/}
        process=${process%/cmdline}
        if [ "$(cat "/proc/$process/comm" 2>/dev/null)" = neuron-score ] &&
            { tr '\0' '\n' <"/proc/$process/environ" | grep -qx "RANK=$1"; } 2>/dev/null; then
            echo "$process"
        fi
    done
}
output=y.npy
for rank in 1 0; do
    start "$neuronrun" -np 3 -c 1 --grace 1 --on-failure continue -- "$score" --model "$bad_rows" \
        --config nan:1000 --input x.npy --output "$place/y.npy" --checkpoint 0.05 --lease-timeout 4
    victim=$(rank_process $rank)
    kill -STOP "$victim" || fail "no rank $rank"
    ended 137
    whole "after rank $rank stopped for good"
    rm y.npy y.npy.journal
done

# A journal with bytes overwritten in the middle, or without its tail: less is done, nothing is wrong.
for damage in middle tail lines; do
    start "$score" --model "$bad_rows" --config nan:1000 --input x.npy --output y.npy \
        --checkpoint 0.05
    kill -KILL "$started"
    ended 137
    size=$(stat -c %s y.npy.journal)
    case $damage in
    middle) printf 'XXXXXXXX' | dd of=y.npy.journal bs=1 seek=$((size - 90)) conv=notrunc 2>/dev/null ;;
    tail) truncate -s $((size - 30)) y.npy.journal ;;
    lines) printf 'done 0 1200 0 0123456789abcdef:00000000 #00000000\nnonsense\n\0\0' >>y.npy.journal ;;
    esac
    expect 0 job x.npy y.npy
    whole "after a damaged journal ($damage)"
    rm y.npy y.npy.journal
done

# A part file of which rows that are done were overwritten: scored again when the job goes on; and a
# finished output that is damaged: found by --verify.
start "$score" --model "$bad_rows" --config nan:1000 --input x.npy --output y.npy --checkpoint 0.05
kill -KILL "$started"
ended 137
first=$(sed -n 's/^done \([0-9]*\) .*/\1/p' y.npy.journal | head -n 1)
dd if=/dev/zero of=y.npy.part bs=1 seek=$((128 + first * 16)) count=32 conv=notrunc 2>/dev/null
expect 0 job x.npy y.npy
grep -q 'not as they were written' err || fail "damaged rows are not told"
whole "after damaged rows"
printf 'damage' | dd of=y.npy bs=1 seek=$((128 + first * 16)) conv=notrunc 2>/dev/null
expect 1 job x.npy y.npy --verify
grep -q "row.* ${first}[^0-9]" err || fail "the damaged rows are not named"
expect 0 job x.npy y.npy --restart
expect 0 job x.npy y.npy --verify
whole "after --restart"

# Input that cannot be read once, at its first bytes or later; sanitizers want to be loaded first.
if ! grep -q '^NEURON_SANITIZE:STRING=.' "$NEURON_BUILD/CMakeCache.txt"; then
    size=$(stat -c %s x.csv)
    for after in 10 $((size / 2)) $((size + size / 2)); do
        rm -f y.npy y.npy.journal
        LD_PRELOAD=$NEURON_BUILD/tests/libfailing_read.so FAILING_READ_FILE=/x.csv \
            FAILING_READ_AFTER=$after "$score" --model "$bad_rows" --config nan:1000 --input x.csv \
            --output y.npy --checkpoint 0.05 >background.out 2>background.err &
        started=$!
        ended 5
        one_line "x.csv"
        one_line "Input/output error"
        absent y.npy
        expect 0 job x.csv y.npy
        whole "after EIO at $after"
    done
fi

# A disk that is full in the middle, so that the journal cannot grow with the rows that fail; and one
# on which the rows have room, but not their text.
mkdir disk
[ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=256k tmpfs disk 2>/dev/null || exit 0
trap 'umount "$place/disk"; clean_up' EXIT
expect 3 job bad.npy reference.npy --on-error skip
for output in disk/y.npy disk/y.csv; do
    start "$score" --model "$bad_rows" --config nan:1000 --input bad.npy --output $output \
        --on-error skip --checkpoint 0.05
    cat /dev/zero >disk/filler 2>/dev/null
    ended 5
    one_line "No space left"
    absent $output
    rm disk/filler
    expect 3 job bad.npy $output --on-error skip --resume require
    absent $output.part $output.text.part $output.server
    if [ $output = disk/y.npy ]; then
        cmp -s $output reference.npy || fail "other bytes after a full disk"
    else
        [ "$(wc -l <$output)" -eq 1201 ] || fail "other lines after a full disk"
    fi
    cmp -s $output.errors.jsonl reference.npy.errors.jsonl || fail "other errors after a full disk"
    rm disk/*
done
