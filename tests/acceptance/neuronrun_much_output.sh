#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 64 ranks that write much: no loss, no torn line, no dead-lock. NEURON_TEST_OUTPUT_MB says how much
# each writes; 100 is the full test.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
megabytes=${NEURON_TEST_OUTPUT_MB:-1}
count=$((megabytes * 1000 / 9))

# Lines of 9 KB, each rank's own, cut anywhere by the writer's buffer.
cat >"$folder/write" <<'EOF2'
#!/bin/sh
exec awk -v rank="$RANK" -v count="$1" 'BEGIN {
    nine = "xxxxxxxxx"; for (i = 0; i < 1000; i++) line = line nine
    for (i = 0; i < count; i++) print rank line rank
}'
EOF2
chmod +x "$folder/write"
# All lines are 64 different ones, each so many times.
check='{ if (!($0 in seen) && ++kinds > 64) exit 1; seen[$0]++ }
    END { for (line in seen) if (seen[line] != count) exit 1; exit kinds != 64 }'
for tags in '' -l; do
    code=0
    # shellcheck disable=SC2086 # no tags are no word
    { "$neuronrun" -np 64 -O $tags "$folder/write" $count 2>"$folder/err" </dev/null ||
        echo $? >"$folder/code"; } | { sleep 0.2; awk -v count=$count "$check"; } || code=$?
    [ "$code" -eq 0 ] || fail "lines are torn or lost ($tags)"
    [ ! -e "$folder/code" ] || fail "exit code $(cat "$folder/code")"
done
# A reader that begins late gets all that it asks for, and its end is the end of the ranks.
"$neuronrun" -np 16 -O -l yes "$marker" 2>/dev/null </dev/null | { sleep 0.5; head -c 100000000; } |
    wc -c >"$folder/out"
[ "$(cat "$folder/out")" -eq 100000000 ] || fail 'a slow reader gets less'
wait_until 5 'ranks outlive their reader' none_marked
# A rank that is killed in the middle of a line: what it wrote is there.
expect 137 "$neuronrun" -np 2 -O -l sh -c '[ $RANK = 0 ] && exec sleep 60; printf half; kill -KILL $$'
[ "$(cat "$folder/out")" = '[1] half' ] || fail "half a line: $(cat "$folder/out")"
