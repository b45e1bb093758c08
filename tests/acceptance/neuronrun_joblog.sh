#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --joblog adds a line for each rank that has ended; --resume leaves out those that are done.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
log=$folder/job.log
header=$(printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand')

# expect_ends TEXT: the columns Seq, Exitval and Signal of all lines, sorted.
expect_ends() {
    ends=$(tail -n +2 "$log" | cut -f 1,7,8 | tr '\t' ' ' | sort | tr '\n' ';')
    [ "$ends" = "$1" ] || fail "ends \"$ends\" instead of \"$1\": $(cat "$log")"
}

# run_ranks CODE OPTION...: ranks that note that they ran; rank 1 fails until $folder/good is there.
run_ranks() {
    expected=$1
    shift
    rm -f "$folder"/ran.*
    # shellcheck disable=SC2016 # the ranks expand it
    expect "$expected" "$neuronrun" -np 3 -O --on-failure continue --joblog "$log" "$@" -- sh -c \
        'touch "$0/ran.$RANK.$WORLD_SIZE"; [ "$RANK" -ne 1 ] || [ -e "$0/good" ] || exit 7' \
        "$folder"
}

# expect_ran RANK...
expect_ran() {
    ran=$(cd "$folder" && echo ran.*)
    expected=$(for rank in "$@"; do echo "ran.$rank.3"; done | tr '\n' ' ')
    [ "$ran " = "$expected" ] || fail "$ran instead of $expected"
}

run_ranks 7
[ "$(head -n 1 "$log")" = "$header" ] || fail "header: $(head -n 1 "$log")"
expect_ends '1 0 0;2 7 0;3 0 0;'
grep -qE '^2	[^	]+	[0-9]{10}\.[0-9]{3}	[0-9]+\.[0-9]{3}	0	0	7	0	sh -c touch' "$log" ||
    fail "line: $(cat "$log")"

# Only the rank that failed starts again; the report names the others.
run_ranks 7 --resume --report "$folder/report.json"
expect_ran 1
expect_ends '1 0 0;2 7 0;2 7 0;3 0 0;'
[ "$(grep -c '"is_left_out": true' "$folder/report.json")" -eq 2 ] || fail 'the report'

# A line that a crash cut counts for nothing, and spoils none.
printf '2\thost\t1.000\t0.001\t0\t0\t0\t0\tsh -c tou' >>"$log"
touch "$folder/good"
run_ranks 0 --resume
expect_ran 1
[ "$(tail -n 1 "$log" | cut -f 1,7,8)" = "$(printf '2\t0\t0')" ] || fail "log: $(cat "$log")"

# All done: nothing starts.
rm -f "$folder"/ran.*
run_ranks 0 --resume
expect_lines err 1
expect_text err 'nothing to do'
[ "$(cd "$folder" && echo ran.*)" = 'ran.*' ] || fail 'a rank ran'
run_ranks 0 --resume --quiet
expect_lines err 0
# Without --resume all start.
run_ranks 0
expect_ran 0 1 2

# Another job is refused in one line before anything starts, and the log stays as it is.
cp "$log" "$folder/before"
expect 125 "$neuronrun" -np 3 -O --joblog "$log" --resume touch "$folder/other"
expect_text err 'is of another job'
expect_lines err 1
expect 125 "$neuronrun" -np 1 --joblog "$folder/before" --resume touch "$folder/other"
expect_lines err 1
printf 'precious\n' >"$folder/text"
expect 125 "$neuronrun" -np 1 --joblog "$folder/text" touch "$folder/other"
expect_text err 'is no job log'
[ "$(cat "$folder/text")" = precious ] || fail 'a file was changed'
for path in "$folder" "$folder/none/log" /dev/null; do
    expect 125 "$neuronrun" -np 1 --joblog "$path" touch "$folder/other"
    expect_text err 'cannot write the job log'
    expect_lines err 1
done
expect 125 "$neuronrun" -np 1 --resume touch "$folder/other"
expect_text err '--resume needs --joblog'
expect 125 "$neuronrun" --host none-a,none-b --joblog "$log" touch "$folder/other"
expect_text err 'cannot be used on several hosts'
[ ! -e "$folder/other" ] || fail 'a rank ran'
cmp "$log" "$folder/before" || fail 'the log was changed'

# Signals, programs that do not start, arguments, and ranks that were stopped.
rm "$log"
expect 137 "$neuronrun" -np 1 --joblog "$log" -- sh -c 'kill -KILL $$'
expect_ends '1 0 9;'
rm "$log"
# shellcheck disable=SC2016 # the ranks expand it
expect 3 "$neuronrun" -np 2 -O --joblog "$log" -- sh -c \
    'trap "exit 0" TERM; [ %r -eq 0 ] && exit 3; while :; do sleep 0.05; done' "a	b"
expect_ends '1 3 0;2 0 15;'
expect_text job.log '[ 1 -eq 0 ]'
expect_text job.log 'a\tb'
none_marked || fail "processes are left: $(marked)"
