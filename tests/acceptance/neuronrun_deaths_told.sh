#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A core dump is named with its file, and a kill for lack of memory with its cause.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

# AddressSanitizer would forbid core files to the launcher, and so to its ranks.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:disable_coredump=0"
# shellcheck disable=SC3045 # dash has it
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ] && [ "$(ulimit -Hc)" = unlimited ]; then
    mkdir "$folder/dumps"
    expect 139 sh -c 'ulimit -c unlimited; exec "$@"' sh "$neuronrun" --wdir "$folder/dumps" -np 1 \
        -- sh -c 'kill -SEGV $$'
    expect_text err 'was killed by SIGSEGV (core dumped)'
    expect_text err "its core file is $folder/dumps/core"
    expect_lines err 2
fi

# A control group of 48 MiB, where we may make one.
group=/sys/fs/cgroup/memory/neuronrun-$$
[ -d /sys/fs/cgroup/memory ] && mkdir "$group" 2>/dev/null || exit 0
trap 'rmdir "$group"; rm -rf "$folder"' EXIT
echo 50331648 >"$group/memory.limit_in_bytes" || exit 0
expect 137 sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" \
    "$neuronrun" -np 2 -O -- sh -c '[ $RANK = 1 ] || exec sleep '$marker'
        exec dd if=/dev/zero of=/dev/null bs=200M count=1'
expect_text err 'rank 1 (pid '
expect_text err 'was killed by SIGKILL (out of memory)'
expect_text err "lack of memory in its control group"
none_marked || fail 'processes are left'
