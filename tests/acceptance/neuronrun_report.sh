#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --report writes what docs/ends.md describes, whole, however the job ends.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
report=$folder/report.json

# expect_report TEXT: the report is there, alone, is JSON, and has the text.
expect_report() {
    "$NEURON_BUILD/tests/json_check" "$report" >/dev/null || fail "no JSON: $(cat "$report")"
    grep -qF -- "$1" "$report" || fail "no $1 in $(cat "$report")"
    for part in "$folder"/*.part; do
        [ ! -e "$part" ] || fail "left: $part"
    done
}

expect 0 "$neuronrun" -np 2 -O --report "$report" true
expect_report '"cause": "success"'
expect_report '"exit_code": 0'
[ "$(grep -c '"end": {' "$report")" -eq 2 ] || fail "not two ends: $(cat "$report")"

expect 3 "$neuronrun" -np 2 -O --max-restarts 1 --report "$report" -- sh -c \
    'echo "a \" quote" >/dev/null; exit $((RANK * 3))'
expect_report '"cause": "rank_failed"'
expect_report '"failed_rank": 1'
expect_report '"delay_s": 1.000'
# Every field is described, and every one that is described is written.
grep -o '"[a-z_]*":' "$report" | tr -d '":' | sort -u >"$folder/written"
sed -n '/^## The report/,$ s/^| \(`[^|]*\) |.*/\1/p' "$NEURON_SOURCE/docs/ends.md" | tr ',' '\n' |
    tr -d '` ' | sort -u >"$folder/described"
diff "$folder/written" "$folder/described" || fail 'docs/ends.md describes other fields'

expect 4 "$neuronrun" -np 2 -O --max-restarts 1 --report "$report" -- sh -c \
    'if [ "$RANK" -eq 0 ]; then exec sleep 60; fi
    seq $((NEURON_RESTART_COUNT * 5 + 5)) >&2; exit 4'
expect_report '"last_errors": ["8", "9", "10"]'
expect_text err 'neuronrun:   stderr: 8'
[ "$(grep -c 'stderr:' "$folder/err")" -eq 3 ] || fail 'not three lines'
# Those of an earlier process do not count, and a rank that is alone has said it right above.
expect 5 "$neuronrun" -np 2 -O --max-restarts 1 --report "$report" -- sh -c \
    '[ "$NEURON_RESTART_COUNT" -eq 1 ] || echo first >&2; exit 5'
expect_report '"last_errors": []'
! grep -q 'stderr:' "$folder/err" || fail 'errors of an earlier process'
expect 6 "$neuronrun" -np 1 --tag-output -- sh -c 'echo alone >&2; exit 6'
! grep -q 'stderr:' "$folder/err" || fail 'errors twice'

expect 139 "$neuronrun" --report "$report" -np 1 -- sh -c 'kill -SEGV $$'
expect_report '"signal": "SIGSEGV"'
expect 124 "$neuronrun" --report "$report" --timeout 0.2 -np 1 sleep $marker
expect_report '"cause": "timed_out"'
expect_report '"was_stopped": true'
expect 125 "$neuronrun" --report "$report" -np 1 --wdir "$folder/none" true
expect_report '"program_ran": false'
"$neuronrun" --report "$report" -np 1 sleep $marker &
launch=$!
wait_until 10 'the job does not start' marked_are 4
kill -TERM $launch
code=0
wait $launch || code=$?
[ $code -eq 143 ] || fail "exit code $code"
expect_report '"cause": "signal"'
expect_report '"signal": "SIGTERM"'

# A file that cannot be written is refused before anything starts; one of before stays.
expect 125 "$neuronrun" --report "$folder/none/report" -np 1 touch "$folder/ran"
expect_text err 'cannot write '
expect_lines err 1
expect 125 "$neuronrun" --report "$folder" -np 1 touch "$folder/ran"
[ ! -e "$folder/ran" ] || fail 'a rank ran'
expect_report '"cause": "signal"'
# A report to a pipe is written to the pipe.
code=0
"$neuronrun" --report /dev/stdout -np 1 true | grep -q '"version": 1' || fail 'no report in the pipe'
[ -c /dev/null ] && expect 0 "$neuronrun" --report /dev/null -np 1 true
[ -c /dev/null ] || fail '/dev/null was replaced'
none_marked || fail "processes are left: $(marked)"
