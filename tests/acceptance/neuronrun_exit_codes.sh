#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The exit code is that of the first rank that failed, and one line says which and why.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

expect 0 "$neuronrun" -np 1 true
expect_lines err 0
expect 3 "$neuronrun" -np 1 -- sh -c 'exit 3'
expect_text err 'rank 0 (pid '
expect_text err 'exited with code 3'
expect_lines err 1
expect 139 "$neuronrun" -np 1 -- sh -c 'kill -SEGV $$'
expect_text err 'was killed by SIGSEGV'
expect 137 "$neuronrun" -np 1 -- sh -c 'kill -KILL $$'
expect_text err 'was killed by SIGKILL'

# Neither the largest code nor that of a rank which we stopped, but the first one's.
first='exec 2>/dev/null; [ $RANK != 2 ] || exit 5; trap "exit 9" TERM; while :; do sleep 0.01; done'
expect 5 "$neuronrun" -np 4 -O -- sh -c "$first"
expect_text err 'rank 2 (pid '
expect_text err '3 other ranks were stopped'
expect_lines err 1
expect 5 "$neuronrun" -q -np 4 -O -- sh -c "$first"
expect_lines err 0

expect 127 "$neuronrun" -np 1 no-such-program-$marker
expect_lines err 1
expect 127 "$neuronrun" -np 2 -O "$folder/none"
expect_lines err 1
printf '#!/bin/sh\nexit 0\n' >"$folder/plain"
expect 126 "$neuronrun" -np 1 "$folder/plain"
expect_lines err 1
PATH=$folder:$PATH expect 126 "$neuronrun" -np 1 plain
expect_text err 'not executable'
printf 'exit 0\n' >"$folder/headless"
chmod +x "$folder/headless" "$folder/plain"
expect 126 "$neuronrun" -np 1 "$folder/headless"
expect_text err 'begin a script with its interpreter, as #!/bin/sh'
PATH=$folder:$PATH expect 0 "$neuronrun" -np 1 plain
printf '#!/no/such/interpreter -x\n' >"$folder/lost"
printf '#!/bin/sh\r\nexit 0\n' >"$folder/returns"
head -c 100 /bin/sh >"$folder/damaged"
{
    head -c 18 /bin/sh
    printf '\26\0' # s390
    tail -c +21 /bin/sh
} >"$folder/foreign"
chmod +x "$folder/lost" "$folder/returns" "$folder/damaged" "$folder/foreign"
# expect_trouble PROGRAM TEXT: it is there, and one line says why it cannot be executed.
expect_trouble() {
    expect 126 "$neuronrun" -np 2 -O "$1"
    expect_text err "cannot start $1: $2"
    expect_lines err 1
}
expect_trouble "$folder/lost" 'bad interpreter /no/such/interpreter: No such file'
expect_trouble "$folder/returns" 'bad interpreter /bin/sh: a carriage return'
expect_trouble "$folder/damaged" 'it is damaged'
expect_trouble "$folder/foreign" 'it was built for another machine'
expect_trouble "$folder" 'it is a directory'
# shellcheck disable=SC2016 # the shell inside expands it
mount_noexec='mkdir -p "$0/mount" && mount -t tmpfs -o noexec none "$0/mount" &&
    cp /bin/true "$0/mount/true"'
if unshare -rm sh -c "$mount_noexec" "$folder" 2>/dev/null; then
    expect 126 unshare -rm sh -c "$mount_noexec; \"\$1\" -np 1 \"\$0/mount/true\"" "$folder" \
        "$neuronrun"
    expect_text err 'its file system is mounted noexec'
fi
expect 126 "$neuronrun" -np 1 --wdir "$folder" ./lost
expect_text err 'bad interpreter'
# A file that somebody writes to; a library that is not there is named by the system's loader.
cp /bin/sh "$folder/busy"
exec 3>>"$folder/busy"
expect_trouble "$folder/busy" 'it is open for writing'
exec 3>&-
sed 's/libc\.so\.6/libx.so.6/g' /bin/true >"$folder/unlinked"
chmod +x "$folder/unlinked"
expect 127 "$neuronrun" -np 2 -O "$folder/unlinked"
expect_text err 'stderr: '
expect_text err 'libx.so.6'

for wrong in '' '--no-such-option true' '-np' '-np x true' '-np 0 true' '-c 1' '--quiet=3 true' \
    '-x =3 true' '-x NEURONRUN_RANK=3 true' '--stdin x true' '--timeout 0 true'; do
    # shellcheck disable=SC2086
    expect 125 "$neuronrun" $wrong
    expect_lines err 1
done
expect 125 "$neuronrun" --tagoutput true
expect_text err 'did you mean --tag-output?'

expect 125 "$neuronrun" -np 60000 true
expect_text err '60000 ranks'
expect_text err '--oversubscribe'
expect_lines err 1
expect 125 "$neuronrun" --wdir "$folder/none" -np 1 true
expect_text err "$folder/none"
expect 125 env NEURON_RT_VISIBLE_CORES=2-1 "$neuronrun" -np 1 true
expect 125 "$neuronrun" -np 1 --stdin 1 true

expect 124 "$neuronrun" --timeout 0.3 -np 2 -O sleep $marker
expect_text err '--timeout'
expect 0 "$neuronrun" --version
expect 0 "$neuronrun" --help
expect_text out '--cores-per-rank'
none_marked || fail 'processes are left'
