#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kill storm: ranks, rank 0, the launcher, or all of them are killed at random times; the same
# command goes on, is killed again, and in the end the output is the undisturbed one, byte for byte.
# NEURON_TEST_KILLS says how many jobs, NEURON_TEST_SEED repeats a series.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"
neuronrun="$NEURON_BUILD/launcher/neuronrun"

jobs=${NEURON_TEST_KILLS:-12}
seed=${NEURON_TEST_SEED:-$(($(date +%s) % 1000000))}
first_seed=$seed
columns=256
rows=1500
echo "$jobs jobs, NEURON_TEST_SEED=$seed"
trap 'kill_all; clean_up' EXIT

# random LIMIT: sets $number to 0..LIMIT-1.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    number=$((seed / 65536 % $1))
}

# job_processes: those of the launcher and the ranks; this folder stands in their command lines.
job_processes() {
    grep -las -- "$place/[y]" /proc/[0-9]*/cmdline | sed 's,^/proc/,,; s,/cmdline$,,'
}

none_left() {
    [ -z "$(job_processes)" ]
}

kill_all() {
    for process in $(job_processes); do
        kill -KILL "$process" 2>/dev/null
    done
}

# rank_process RANK: its pid; nothing if it is not there.
rank_process() {
    for process in $(job_processes); do
        if [ "$(cat "/proc/$process/comm" 2>/dev/null)" = neuron-score ] &&
            { tr '\0' '\n' <"/proc/$process/environ" | grep -qx "RANK=$1"; } 2>/dev/null; then
            echo "$process"
        fi
    done
}

# launch: the job, in the background.
launch() {
    # shellcheck disable=SC2086 # options
    "$neuronrun" -np 3 -c 1 --grace 2 $on_failure -- "$score" --model "$place/m.neff" --input x.npy \
        --output "$place/$output" --checkpoint 0.05 --lease-timeout 5 $schedule >out 2>err &
    started=$!
}

# strike: kills something of it.
strike() {
    random 8
    case $number in
    0 | 1) what="rank 0" && victims=$(rank_process 0) ;;
    2) what="rank 1" && victims=$(rank_process 1) ;;
    3) what="rank 2" && victims=$(rank_process 2) ;;
    4) what="ranks 0 and 2" && victims="$(rank_process 0) $(rank_process 2)" ;;
    5 | 6) what="the launcher" && victims=$started ;;
    7) what="all" && victims=$(job_processes) ;;
    esac
    # What is not there yet, or is gone, cannot be killed.
    # shellcheck disable=SC2086 # several
    [ -z "$victims" ] || kill -KILL $victims 2>/dev/null
}

# has_ended: the launcher is gone, or waits only for us.
has_ended() {
    case $(sed 's/.*) //' "/proc/$started/stat" 2>/dev/null) in '' | Z*) return 0 ;; esac
    return 1
}

# ended CODES: the launcher has ended with one of these, and nobody is left.
ended() {
    wait_for has_ended
    wait "$started" 2>/dev/null
    code=$?
    started=
    wait_for none_left
    case " $1 " in
    *" $code "*) ;;
    *) fail "job $job ($output): exit status $code ($story; NEURON_TEST_SEED=$first_seed)" ;;
    esac
}

# undisturbed OUTPUT: makes the reference, and takes the time in milliseconds.
undisturbed() {
    output=$1
    start=$(date +%s%N)
    launch
    ended 0
    span=$((($(date +%s%N) - start) / 1000000))
    mv "$output" "reference-$output"
    rm "$output.journal"
}

"$make_model" m.neff 8 $columns 80 || fail "no model"
"$npy_tool" make x.npy $rows $columns
on_failure=
schedule=
job=0
story="undisturbed"
undisturbed y.csv
undisturbed y.npz
undisturbed y.npy
echo "an undisturbed job takes $span ms"

strikes=0
half_done=0
taken_over=0
while [ "$job" -lt "$jobs" ]; do
    job=$((job + 1))
    story=
    random 4
    case $number in 0) output=y.npz ;; 1) output=y.csv ;; *) output=y.npy ;; esac
    random 2
    [ "$number" -eq 0 ] && on_failure= || on_failure="--on-failure continue"
    random 6
    [ "$number" -eq 0 ] && schedule="--schedule static" || schedule=
    random 3
    left=$((number + 1))
    while [ "$left" -gt 0 ]; do
        left=$((left - 1))
        random $((span + span / 8))
        delay=$number
        launch
        sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
        strike
        story="$story$what after $delay ms; "
        strikes=$((strikes + 1))
        ended "0 5 137"
        if [ -e "$output.part" ] && grep -q '^done ' "$output.journal"; then
            half_done=$((half_done + 1))
        fi
        # A rank was killed, and the others have made the output.
        [ "$code" -ne 137 ] || [ ! -e "$output" ] || taken_over=$((taken_over + 1))
    done
    launch
    ended 0
    cmp -s "$output" "reference-$output" ||
        fail "job $job: other bytes in $output ($story NEURON_TEST_SEED=$first_seed)"
    absent "$output.part" "$output.text.part" "$output.server" "$output.errors.jsonl"
    rm "$output" "$output.journal"
done
leftovers=$(find . -name '*part*' -o -name '*server*')
[ -z "$leftovers" ] || fail "left: $leftovers"
expect 0 "$neuronrun" --ps
[ "$(cat out)" = 'no jobs' ] || fail "cores are held: $(cat out)"
echo "$strikes strikes: $half_done left some rows done, after $taken_over others made the output"
[ "$jobs" -lt 12 ] || [ "$half_done" -gt 0 ] || fail "no job had to go on"
