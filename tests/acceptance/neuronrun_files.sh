#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Times, colours and files of output; no loss that is not told of.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# sorted FILE: its lines in one, sorted.
sorted() {
    sort "$1" | tr '\n' ,
}

# same FILE TEXT: the sorted lines of a file are these.
same() {
    [ "$(sorted "$1")" = "$2" ] || fail "$1: $(sorted "$1")"
}

talk='echo out$RANK; echo err$RANK >&2; printf last$RANK'

# Times alone, and before tags; of a single rank, too.
stamp='20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9][0-9][0-9]Z'
for ranks in 1 2; do
    expect 0 "$neuronrun" -np $ranks -O --timestamp-output sh -c "$talk"
    [ "$(grep -cx "$stamp [a-z]*[0-9]" "$folder/out")" -eq $((2 * ranks)) ] ||
        fail "times: $(cat "$folder/out")"
    expect 0 "$neuronrun" -np $ranks -O --timestamp-output -l sh -c "$talk"
    [ "$(grep -cx "$stamp \[[01]\] err[01]" "$folder/err")" -eq "$ranks" ] ||
        fail "times and tags: $(cat "$folder/err")"
done

# Files: what each rank wrote, and the lines of all; the usual output goes on.
expect 0 "$neuronrun" -np 2 -O --output-filename "$folder/made/anew" sh -c "$talk"
same "$folder/made/anew/rank.0.out" last0,out0,
same "$folder/made/anew/rank.1.out" last1,out1,
same "$folder/made/anew/rank.1.err" err1,
same "$folder/made/anew/all.err" err0,err1,
same "$folder/err" err0,err1,
[ "$(wc -c <"$folder/made/anew/rank.0.out")" -eq 10 ] || fail 'a line end was added'
cmp -s "$folder/out" "$folder/made/anew/all.out" || fail 'all.out is not what was printed'
# Old files are replaced, and tags are in the merged ones only.
expect 0 "$neuronrun" -np 2 -O -l --output-filename "$folder/made/anew" echo x
same "$folder/made/anew/all.out" '[0] x,[1] x,'
same "$folder/made/anew/rank.0.out" x,
same "$folder/made/anew/rank.1.err" ''
# A single rank, and more ranks than descriptors are usual.
expect 0 "$neuronrun" -np 1 --output-filename "$folder/single" echo x
same "$folder/single/rank.0.out" x,
same "$folder/out" x,
(
    # shellcheck disable=SC3045 # dash has it
    ulimit -Sn 128
    expect 0 "$neuronrun" -np 100 -O --output-filename "$folder/many" sh -c 'ulimit -n'
) || exit 1
[ "$(cat "$folder/many/rank.99.out")" = 128 ] || fail 'limit of a rank'
[ "$(cat "$folder"/many/rank.*.out | wc -l)" -eq 100 ] || fail 'files of 100 ranks'

# What cannot be made is told of before anything starts.
: >"$folder/file"
expect 125 "$neuronrun" -np 2 -O --output-filename "$folder/file" touch "$folder/ran"
expect_text err "--output-filename: cannot use $folder/file: Not a directory"
expect 125 "$neuronrun" -np 2 -O --output-filename "$folder/file/below" touch "$folder/ran"
expect_text err "--output-filename: cannot make folder $folder/file/below: Not a directory"
mkdir -p "$folder/occupied/rank.1.out"
expect 125 "$neuronrun" -np 2 -O --output-filename "$folder/occupied" touch "$folder/ran"
expect_text err "occupied/rank.1.out: Is a directory"
expect_lines err 1
[ ! -e "$folder/ran" ] || fail 'a rank ran'

# A file that cannot grow stops the job with one line, and what is printed goes on until then.
(
    ulimit -f 100
    code=0
    "$neuronrun" -np 2 -O --output-filename "$folder/limited" \
        sh -c '[ "$RANK" = 1 ] && echo mine && exec sleep 60
            until [ -s '"$folder"'/limited/rank.1.out ]; do sleep 0.01; done
            exec yes '"$marker" \
        2>"$folder/err" </dev/null >/dev/null || code=$?
    [ "$code" -eq 125 ] || fail "exit code $code at a limit"
) || exit 1
expect_text err 'limited/rank.0.out: File too large; the job was stopped'
expect_lines err 1
same "$folder/limited/rank.1.out" mine,
wait_until 5 'ranks outlive their files' none_marked
# Standard streams that are full.
expect_full() {
    [ "$code" -eq 125 ] || fail "exit code $code on a full disk"
}
code=0
"$neuronrun" -np 2 -O yes "$marker" >/dev/full 2>"$folder/err" </dev/null || code=$?
expect_full
expect_text err 'cannot write to standard output: No space left on device; the job was stopped'
code=0
"$neuronrun" -np 2 -O sh -c "echo lost >&2; exec sleep 60 $marker" 2>/dev/full </dev/null || code=$?
expect_full
wait_until 5 'ranks outlive their output' none_marked

# A small disk, where one can be made.
if [ "$(id -u)" -eq 0 ] && mkdir "$folder/disk" && mount -t tmpfs -o size=256k none "$folder/disk" \
    2>/dev/null; then
    code=0
    "$neuronrun" -np 2 -O --output-filename "$folder/disk/d" yes "$marker" >/dev/null \
        2>"$folder/err" </dev/null || code=$?
    umount "$folder/disk"
    expect_full
    expect_text err 'No space left on device; the job was stopped'
fi

# Colours on a terminal, unless it or the user has none. script(1) makes the terminal.
if command -v script >/dev/null; then
    escape=$(printf '\033')
    on_terminal() {
        env "$@" script -qec "$neuronrun -np 2 -O -l --output-filename $folder/colored echo x" \
            /dev/null </dev/null >"$folder/out" 2>&1
    }
    on_terminal -u NO_COLOR TERM=xterm
    expect_text out "${escape}[33m[1]${escape}[0m x"
    same "$folder/colored/all.out" '[0] x,[1] x,'
    on_terminal NO_COLOR=1 TERM=xterm
    ! grep -q "$escape" "$folder/out" || fail 'colours in spite of NO_COLOR'
    on_terminal -u NO_COLOR TERM=dumb
    ! grep -q "$escape" "$folder/out" || fail 'colours on a dumb terminal'
fi
expect 0 "$neuronrun" -np 2 -O -l echo x
! grep -q "$(printf '\033')" "$folder/out" || fail 'colours in a file'
