#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several programs, arguments of their own, a port to meet at, input for all.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# Ranks are numbered program after program; variables and folders are each one's own.
mkdir "$folder/there"
# shellcheck disable=SC2016 # for the ranks
show='echo "$0 $RANK/$WORLD_SIZE $LOCAL_RANK $OMPI_COMM_WORLD_SIZE $WHO $(pwd)"'
expect 0 "$neuronrun" -O -n 1 -x WHO=one sh -c "$show" a : -n 2 -x WHO=two --wdir "$folder/there" \
    sh -c "$show" b
[ "$(sort "$folder/out")" = "a 0/3 0 3 one $(pwd)
b 1/3 1 3 two $folder/there
b 2/3 2 3 two $folder/there" ] || fail "programs: $(cat "$folder/out")"

# What a rank is, where that differs.
expect 0 "$neuronrun" -O -v -n 1 true : -n 2 sh -c true
for line in 'rank 0 (pid [0-9]*, true) runs on core' 'rank 2 (pid [0-9]*, sh) runs on core'; do
    grep -q "$line" "$folder/err" || fail "no $line in $(cat "$folder/err")"
done
expect 0 "$neuronrun" -O -v -np 2 true
grep -q 'rank 1 (pid [0-9]*) runs on core' "$folder/err" || fail "line: $(cat "$folder/err")"

# A program that is missing, or is none, keeps all from starting.
expect 127 "$neuronrun" -O -n 1 touch "$folder/ran" : -n 1 no-such-program
expect 127 "$neuronrun" -O -n 1 touch "$folder/ran" : -n 1 "$folder/no-such-program"
expect_text err "cannot start $folder/no-such-program: No such file or directory"
expect_lines err 1
: >"$folder/there/plain"
expect 126 "$neuronrun" -O -n 1 touch "$folder/ran" : -n 1 --wdir "$folder/there" ./plain
expect 127 "$neuronrun" -O -n 1 touch "$folder/ran" : -n 1 ./plain
[ ! -e "$folder/ran" ] || fail 'a rank ran'
printf '#!/bin/sh\necho here\n' >"$folder/there/script"
chmod +x "$folder/there/script"
expect 0 "$neuronrun" -O -n 1 true : -n 1 --wdir "$folder/there" ./script
expect_text out here

# Arguments, but not the program's name; formats of other programs stay.
expect 0 "$neuronrun" -np 2 -O printf '%s\n' '%r of %n on %h, %%r'
[ "$(sort "$folder/out")" = "0 of 2 on $(uname -n), %r
1 of 2 on $(uname -n), %r" ] || fail "arguments: $(cat "$folder/out")"
expect 0 "$neuronrun" -np 1 awk 'BEGIN { printf "%d%% %5.1f\n", 50, 2 }'
expect_text out '50%   2.0'
expect 127 "$neuronrun" -np 1 "$folder/%r"

# One port for the ranks of a job, another for the next; the user's own is kept.
expect 0 "$neuronrun" -np 2 -O sh -c 'echo $MASTER_PORT'
[ "$(sort -u "$folder/out" | wc -l)" -eq 1 ] || fail 'ports of one job differ'
port=$(head -n 1 "$folder/out")
[ "$port" -ge 1024 ] && [ "$port" -le 65535 ] || fail "port $port"
expect 0 env MASTER_PORT=29500 "$neuronrun" -np 1 sh -c 'echo $MASTER_PORT'
expect_text out 29500
expect 0 "$neuronrun" -np 1 -x MASTER_PORT=4000 sh -c 'echo $MASTER_PORT'
expect_text out 4000
expect 0 "$neuronrun" -np 1 sh -c 'echo $MASTER_PORT; exec '"$neuronrun"' sh -c "echo \$MASTER_PORT"'
[ "$(sort -u "$folder/out" | wc -l)" -eq 2 ] || fail 'a job inside another has its port'

# Input for all: of a pipe, of a file, and much more than pipes hold.
sum=$(head -c 5000000 /dev/zero | cksum)
head -c 5000000 /dev/zero >"$folder/zeros"
[ "$(head -c 5000000 /dev/zero | "$neuronrun" -np 4 -O --stdin all cksum | sort -u)" = "$sum" ] ||
    fail 'a pipe for all'
[ "$("$neuronrun" -np 4 -O --stdin all cksum <"$folder/zeros" | grep -cxF "$sum")" -eq 4 ] ||
    fail 'a file for all'
[ "$(echo word | "$neuronrun" -np 1 --stdin all cat)" = word ] || fail 'all of one rank'
[ -z "$("$neuronrun" -np 2 -O --stdin all cat </dev/null)" ] || fail 'no input for all'
# Ranks that close their input or end, and slow ones, are in nobody's way.
[ "$(timeout 20 "$neuronrun" -np 3 -O --stdin all sh -c 'case $RANK in
    0) exec cksum ;; 1) exec <&-; sleep 0.2 ;; 2) ;; esac' <"$folder/zeros")" = "$sum" ] ||
    fail 'ranks that do not read'
[ "$(timeout 20 "$neuronrun" -np 2 -O --stdin all sh -c 'sleep 0.$RANK; exec cat' \
    <"$folder/zeros" | wc -c)" -eq 10000000 ] || fail 'input that comes back as output'
# A rank that never reads does not keep the job from its end.
expect_timeout() {
    code=0
    timeout 20 "$neuronrun" -np 2 -O --stdin all --timeout 0.5 sh -c \
        '[ $RANK = 0 ] && exec cat; exec sleep 60' <"$folder/zeros" >"$folder/out" 2>"$folder/err" ||
        code=$?
    [ "$code" -eq 124 ] || fail "exit code $code with a rank that does not read"
}
expect_timeout
