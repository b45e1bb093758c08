#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lines stay whole, streams stay apart, input goes to whom it is meant for.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# Eight ranks, each prints 300 lines of 9000 times its letter, in pieces that do not end at lines.
cat >"$folder/letters" <<'EOF'
#!/bin/sh
exec awk -v rank="$RANK" 'BEGIN {
    nine = "xxxxxxxxx"; gsub(/x/, substr("abcdefgh", rank + 1, 1), nine);
    for (i = 0; i < 1000; i++) line = line nine
    for (i = 0; i < 300; i++) print line
}'
EOF
chmod +x "$folder/letters"
check_letters() {
    awk -v tagged="$1" '{
        letter = substr($0, length($0), 1); tag = ""
        if (tagged) tag = "[" index("abcdefgh", letter) - 1 "] "
        if (length($0) != 9000 + length(tag) || substr($0, 1, length(tag)) != tag) exit 1
        if (gsub(letter, "") != 9000) exit 1
        count[letter]++
    } END { for (l in count) if (count[l] != 300) exit 1; exit NR != 2400 }' "$folder/out"
}
expect 0 "$neuronrun" -np 8 -O --tag-output "$folder/letters"
check_letters 1 || fail 'tagged lines are torn'
expect 0 "$neuronrun" -np 8 -O "$folder/letters"
check_letters 0 || fail 'lines are torn'
# The same through a pipe with a slow start.
"$neuronrun" -np 8 -O -l "$folder/letters" 2>"$folder/err" | { sleep 0.3; cat; } >"$folder/out"
check_letters 1 || fail 'lines are torn in a pipe'

expect 0 "$neuronrun" -np 2 -O -l -- sh -c 'echo to-out; echo to-err >&2; printf last'
[ "$(sort "$folder/out" | tr '\n' ,)" = '[0] last,[0] to-out,[1] last,[1] to-out,' ] ||
    fail "tags: $(cat "$folder/out")"
[ "$(sort "$folder/err" | tr '\n' ,)" = '[0] to-err,[1] to-err,' ] || fail 'tags on stderr'
expect 0 "$neuronrun" -np 2 -O -- sh -c 'printf last$RANK'
[ "$(wc -c <"$folder/out")" -eq 10 ] || fail "untagged ends: $(cat "$folder/out")"

# Longer than any buffer: passed in pieces, nothing lost.
expect 0 "$neuronrun" -np 2 -O -- sh -c 'head -c 3000000 /dev/zero | tr "\0" x'
[ "$(wc -c <"$folder/out")" -eq 6000000 ] || fail 'bytes of a long line are lost'

# A reader that goes away ends the job quietly, as it ends a pipeline.
for ranks in 1 2; do
    { "$neuronrun" -np $ranks -O yes "$marker" 2>"$folder/err"; echo $? >"$folder/code"; } |
        head -n 1 >"$folder/out"
    [ "$(cat "$folder/code")" -eq 141 ] || fail "exit code $(cat "$folder/code") after EPIPE"
    expect_lines err 0
done
wait_until 5 'ranks outlive their reader' none_marked

# A single rank reads our input, of several none does, and nobody takes what is meant for others.
[ "$(echo word | "$neuronrun" -np 1 cat)" = word ] || fail 'a single rank has no input'
[ "$(echo word | "$neuronrun" -np 2 -O cat)" = '' ] || fail 'two ranks have input'
[ "$(echo word | "$neuronrun" -np 2 -O --stdin 1 -l cat)" = '[1] word' ] || fail '--stdin 1'
[ "$(echo word | "$neuronrun" -np 1 --stdin none cat)" = '' ] || fail '--stdin none'
for ranks in 1 2; do
    passes=$(printf '1\n2\n3\n' | while read -r _; do
        "$neuronrun" -np $ranks -O true
        echo pass
    done | wc -l)
    [ "$passes" -eq 3 ] || fail "$passes passes of a loop that reads a list"
done
