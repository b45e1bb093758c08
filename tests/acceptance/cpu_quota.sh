#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real control group with a quota of one and a half CPUs: what runs in it may use one core. Makes a
# group of its own, puts only its own children there, and removes it at the end.
set -eu

print_core_limit=$NEURON_BUILD/tests/print_core_limit
unset HWLOC_SYNTHETIC HWLOC_XMLFILE
version_1=/sys/fs/cgroup/cpu
version_2=/sys/fs/cgroup

skip()
{
    echo "skipped: $*"
    exit 77
}

fail()
{
    echo "failed: $*" >&2
    exit 1
}

# set_quota GROUP MICROSECONDS: out of a period of 100000; -1 for no quota.
set_quota()
{
    if [ "$hierarchy" = "$version_1" ]; then
        echo 100000 >"$1/cpu.cfs_period_us"
        echo "$2" >"$1/cpu.cfs_quota_us"
    elif [ "$2" = -1 ]; then
        echo "max 100000" >"$1/cpu.max"
    else
        echo "$2 100000" >"$1/cpu.max"
    fi
}

# limit_in GROUP: what a program that is started in the group sees.
limit_in()
{
    # shellcheck disable=SC2016 # the inner shell is the one that moves
    sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2"' sh "$1" "$print_core_limit"
}

# check_limit GROUP CORES WHAT
check_limit()
{
    seen=$(limit_in "$1") || fail "no program runs in $1"
    [ "$seen" = "$2" ] || fail "$3: a program sees a limit of $seen cores, not $2"
    echo "$3: $seen"
}

remove_groups()
{
    for group in "$inner" "$outer"; do
        [ ! -d "$group" ] || rmdir "$group" || echo "cannot remove $group" >&2
    done
}

[ "$(id -u)" = 0 ] || skip "only root makes control groups"
if [ -w "$version_1/cpu.cfs_quota_us" ]; then
    hierarchy=$version_1
elif grep -qw cpu "$version_2/cgroup.subtree_control" 2>/dev/null; then
    hierarchy=$version_2
else
    skip "no control groups with a CPU controller"
fi

outer=$hierarchy/neuron-test-$$
inner=$outer/inner
mkdir "$outer" 2>/dev/null || skip "cannot make a group in $hierarchy"
trap remove_groups EXIT
trap 'exit 1' HUP INT TERM
whole=$(limit_in "$outer" 2>/dev/null) || skip "no program runs in a group in $hierarchy"
[ "$whole" -ge 2 ] || skip "one core is all there is without a quota"
set_quota "$outer" 150000 2>/dev/null || skip "cannot set a quota in $hierarchy"

check_limit "$outer" 1 "one and a half CPUs"
set_quota "$outer" 50000
check_limit "$outer" 1 "half a CPU"
set_quota "$outer" 200000
check_limit "$outer" 2 "two CPUs"
set_quota "$outer" -1
check_limit "$outer" "$whole" "no quota"

# A group inside another one, which has the smaller quota. Version 2 keeps processes in leaves only.
mkdir "$inner"
if [ "$hierarchy" = "$version_2" ]; then
    echo +cpu >"$outer/cgroup.subtree_control"
fi
set_quota "$outer" 150000
check_limit "$inner" 1 "one and a half CPUs, one group further out"
