#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random deaths: a rank, the launcher, its keeper or its guardian dies or stops at any moment, and
# nothing is left each time. NEURON_TEST_DEATHS says how many, NEURON_TEST_SEED repeats a series.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

deaths=${NEURON_TEST_DEATHS:-30}
seed=${NEURON_TEST_SEED:-20261126}
report=$folder/report.json
mkdir "$folder/temporary"
export TMPDIR="$folder/temporary"
echo "$deaths deaths, NEURON_TEST_SEED=$seed"

# random LIMIT: sets $number to 0..LIMIT-1.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    number=$((seed / 65536 % $1))
}
child_of() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" 2>/dev/null | head -n 1
}
# Each rank says who it is, and has a child in a session of its own.
rank='echo $$ >"$0.$RANK.new"; mv "$0.$RANK.new" "$0.$RANK"
setsid sh -c "while :; do sleep 0.05; done" '$marker' &
while :; do sleep 0.02; [ ! -e "$0.exit.$RANK" ] || exit 1; done'
all_are_up() {
    [ -e "$folder/rank.0" ] && [ -e "$folder/rank.1" ] && [ -e "$folder/rank.2" ]
}
start() {
    rm -f "$folder"/rank.* "$report"
    "$neuronrun" --grace 0.3 -np 3 -O --report "$report" -- sh -c "$rank" "$folder/rank" \
        $marker >"$folder/out" 2>"$folder/err" &
    guardian=$!
    # Half of them die while the job is still being started.
    random 2
    has_ranks=$number
    if [ "$has_ranks" = 1 ]; then
        wait_until 10 'the ranks do not start' all_are_up
    fi
}
# finish CODES: waits for the end, whose exit code is one of these.
finish() {
    code=0
    wait $guardian 2>/dev/null || code=$?
    wait_until 10 "left after $what: $(marked)" none_marked
    case " $1 " in
    *" $code "*) ;;
    *) fail "exit code $code after $what" ;;
    esac
    [ -z "$(ls "$TMPDIR")" ] || fail "left after $what: $(ls "$TMPDIR")"
    for part in "$folder"/*.part; do
        [ ! -e "$part" ] || fail "left after $what: $part"
    done
}
# expect_record TEXT: the report says so.
expect_record() {
    "$NEURON_BUILD/tests/json_check" "$report" >/dev/null || fail "no report after $what"
    grep -qF -- "$1" "$report" || fail "no $1 in the report after $what"
}

# kill_rank: one of the ranks, by a signal or by itself.
kill_rank() {
    wait_until 10 'the ranks do not start' all_are_up
    random 3
    victim=$number
    process=$(cat "$folder/rank.$victim")
    random 4
    what="death $death, kind $number of rank $victim"
    case $number in
    0) kill -KILL "$process" && finish 137 ;;
    1) kill -SEGV "$process" && finish 139 ;;
    2) kill -STOP "$process" && kill -KILL "$process" && finish 137 ;;
    3) touch "$folder/rank.exit.$victim" && finish 1 ;;
    esac
    expect_text err "rank $victim (pid $process"
    expect_record "\"failed_rank\": $victim"
    expect_record "\"exit_code\": $code"
}
# kill_own: one of the three processes of neuronrun, or the guardian and the launcher.
kill_own() {
    keeper=$(child_of $guardian)
    launcher=$([ -z "$keeper" ] || child_of "$keeper")
    random 5
    what="death $death, kind $number of neuronrun, ranks $has_ranks"
    case $number in
    0) victims=$launcher ;;
    1) victims=$keeper ;;
    2) victims=$guardian ;;
    3) victims="$launcher $guardian" ;;
    4)
        victims=$guardian
        [ -z "$launcher" ] || kill -STOP "$launcher"
        ;;
    esac
    # What is not there yet cannot be killed.
    # shellcheck disable=SC2086
    kill -KILL ${victims:-$guardian} 2>/dev/null
    finish 137
}

death=0
while [ "$death" -lt "$deaths" ]; do
    death=$((death + 1))
    start
    random 2
    if [ "$number" = 0 ]; then
        kill_rank
    else
        kill_own
    fi
done
# The cores are free again.
expect 0 "$neuronrun" --ps
[ "$(cat "$folder/out")" = 'no jobs' ] || fail "cores are held: $(cat "$folder/out")"
expect 0 "$neuronrun" true
