#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs on two hosts: placement, environment, output, input, ends, MPI, and mistakes.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
# shellcheck source=tests/acceptance/host_checks.sh
. "$NEURON_SOURCE/tests/acceptance/host_checks.sh"
make_hosts 2
h1=h1-$$
h2=h2-$$
export TRAVELS=far

# on HOSTS OPTIONS...: neuronrun with these hosts.
on() {
    where=$1
    shift
    # shellcheck disable=SC2086 # several options
    timeout 30 "$neuronrun" $many --host "$where" "$@"
}

# Ranks fill host after host, and each has cores of its host; -x and the directory travel.
# shellcheck disable=SC2016 # for the ranks
expect 0 on "$h1:1,$h2:1" -l -x TRAVELS --wdir /tmp -- sh -c \
    'echo "$ON_HOST $RANK/$WORLD_SIZE $LOCAL_RANK/$LOCAL_WORLD_SIZE $NODE_RANK $TRAVELS $(pwd)
$MASTER_ADDR $NEURON_RT_VISIBLE_CORES"'
expect_text out "[0] $h1 0/2 0/1 0 far /tmp"
expect_text out "[1] $h2 1/2 0/1 1 far /tmp"
expect_lines out 4
[ "$(grep -c "$net.11 " "$folder/out")" -eq 2 ] || fail "MASTER_ADDR is not that of the first host"

# Each host's ranks have the same key, which stands in no command line meanwhile.
# shellcheck disable=SC2016
expect 0 on "$h1:1,$h2:1" --report "$folder/report" -- sh -c \
    'echo "$NEURONRUN_KEY"; ! echo "$NEURONRUN_KEY" | grep -qsFf - /proc/[0-9]*/cmdline'
[ "$(sort -u "$folder/out" | grep -Ecx '[0-9a-f]{64}')" -eq 1 ] || fail "keys: $(cat "$folder/out")"
expect_lines out 2
! grep -qf "$folder/out" "$folder/report" || fail "the report tells the key"

# Arguments differ from rank to rank, as on one host; other signs stay.
expect 0 on "$h1:1,$h2:1" -l -- echo %r of %n on %h, %%r %d
expect_text out "[0] 0 of 2 on $h1, %r %d"
expect_text out "[1] 1 of 2 on $h2, %r %d"

# By node, and by a host file; --dry-run tells the same.
printf '%s slots=2\n%s:2 # second\n' "$h1" "$h2" >"$folder/hosts"
# shellcheck disable=SC2016,SC2086
expect 0 timeout 30 "$neuronrun" $many --hostfile "$folder/hosts" -O --map-by node -l -- \
    sh -c 'echo $ON_HOST'
for rank in 0 1 2 3; do
    expect_text out "[$rank] h$((rank % 2 + 1))-$$"
done
expect 0 "$neuronrun" --hostfile "$folder/hosts" --dry-run -- true
expect_text out "   3  $h2"

# Standard input reaches the rank that is named, and whole; others read nothing.
seq 20000 >"$folder/numbers"
on "$h1:1,$h2:1" --stdin 1 -l -- wc -l <"$folder/numbers" >"$folder/out" 2>"$folder/err" ||
    fail "wc failed"
expect_text out "[1] 20000"
expect_text out "[0] 0"

# Long lines stay whole; nothing is lost.
# shellcheck disable=SC2016
expect 0 on "$h1:1,$h2:1" -- sh -c \
    'i=0; while [ $i -lt 200 ]; do head -c 9000 /dev/zero | tr "\0" "$RANK"; echo; i=$((i + 1)); done'
expect_lines out 400
awk 'length($0) != 9000 || /01|10/ { torn = 1 } END { exit torn }' "$folder/out" ||
    fail "torn lines"

# Ends: the rank, its host and its code; the others are stopped.
# shellcheck disable=SC2016
expect 3 on "$h1:1,$h2:1" -- sh -c "[ \$RANK != 1 ] || exit 3; exec sleep $marker"
expect_text err "rank 1 (host $h2, pid "
expect_text err "exited with code 3"
# shellcheck disable=SC2016
expect 139 on "$h1:1,$h2:1" -- sh -c "[ \$RANK != 0 ] || kill -SEGV \$\$; exec sleep $marker"
expect_text err "rank 0 (host $h1, pid "
# Others go on where they are to, and each one that fails is named once.
# shellcheck disable=SC2016
expect 139 on "$h1:1,$h2:1" --on-failure continue -- sh -c '[ $RANK != 0 ] || kill -SEGV $$
until grep -q "1 other rank goes on" "$0"; do sleep 0.02; done; exit 4' "$folder/err"
expect_text err "rank 1 (host $h2, pid "
expect_text err "2 of 2 ranks failed, rank 0 first"
expect_lines err 3
# All start again together, with a port to meet at; the report has hosts, cores and resources.
# shellcheck disable=SC2016
expect 4 on "$h1:1,$h2:1" --max-restarts 1 --report "$folder/report" -- sh -c \
    'echo $RANK $NEURON_RESTART_COUNT $MASTER_PORT
up=$1-$NEURON_RESTART_COUNT
[ $RANK = 1 ] || { : >"$up"; exec sleep $0; }
until [ -e "$up" ]; do sleep 0.02; done
exit $((3 + NEURON_RESTART_COUNT))' "$marker" "$folder/up"
expect_text err "restart 1 of 1 in 1 s: rank 1 (host $h2, pid "
expect_text err "exited with code 4"
expect_text err "the job was started again 1 time before"
[ "$(grep -Ec '^[01] [01] [0-9]{4,}$' "$folder/out")" -eq 4 ] || fail "$(cat "$folder/out")"
expect_text report "\"host\": \"$h2\""
[ "$(grep -Ec '"cores": .[0-9]' "$folder/report")" -eq 2 ] || fail "$(cat "$folder/report")"
grep -Eq '"exit_code": 4, .*"peak_memory_bytes": [1-9]' "$folder/report" ||
    fail "$(cat "$folder/report")"
expect_text report '"cause_text": "rank 1 (host'
expect 124 on "$h1:1,$h2:1" --max-restarts 9 --timeout 3 -- false
expect_text err "restart 1 of 9"
expect 124 on "$h1:1,$h2:1" --timeout 0.3 --grace 1 -- sleep "$marker"
wait_until 10 "ranks outlive the job" none_marked

# Mistakes: one line each.
expect 125 on "nowhere:1,$h1:1" -- true
expect_text err "unknown host: "
expect_lines err 1
expect 125 on "$h1:1,$h2:1" -np 3 -- true
expect_text err "have 2 slots"
expect 127 on "$h1:1,$h2:1" -- no-such-program
expect_text err "program no-such-program is not found"
expect 125 env PATH=/nonexistent "$neuronrun" --host "$h1:1,$h2:1" -- /bin/true
expect_text err "install Open MPI 4.1 or 5"
expect_lines err 1
expect 125 on "$h1:1,$h2:1" --engine local -- true
expect_text err "this host only"
expect 125 on "$h1:1,$h2:1" --display-map -- true
expect_text err "--display-map draws one host"
expect 125 on "$h1:1,$h2:1" --mpi pmi1 -- true
expect_text err "that of the engine"
expect_lines err 1
expect 125 "$neuronrun" --shim
expect_text err "use --host"

# An MPI program finds its world across the hosts.
if command -v mpicc.openmpi >/dev/null; then
    cat >"$folder/hello.c" <<'EOF'
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    int rank, size, sum;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    printf("rank %d of %d, sum %d\n", rank, size, sum);
    if (argc > 1 && rank == 1)
        MPI_Abort(MPI_COMM_WORLD, 7);
    MPI_Barrier(MPI_COMM_WORLD);
    return MPI_Finalize();
}
EOF
    mpicc.openmpi -o "$folder/hello" "$folder/hello.c" || fail "mpicc"
    many="$many --mca pml ob1 --mca btl self,vader,tcp --mca btl_tcp_if_include eth0"
    expect 0 on "$h1:2,$h2:2" -O -- "$folder/hello"
    for rank in 0 1 2 3; do
        expect_text out "rank $rank of 4, sum 6"
    done
    expect 7 on "$h1:1,$h2:1" -- "$folder/hello" abort
fi

# One of MPICH would be in a world of its own on each: it is refused.
if command -v mpicc.openmpi >/dev/null && command -v mpicc.mpich >/dev/null; then
    mpicc.mpich -o "$folder/mpich" "$folder/hello.c" || fail "mpicc.mpich"
    expect 125 on "$h1:1,$h2:1" -- "$folder/mpich"
    expect_text err "an MPICH program; on several hosts only Open MPI programs find their world"
    expect_lines err 1
    expect 0 on "$h1:1,$h2:1" --mpi off -- "$folder/mpich"
    expect_text out "rank 0 of 1, sum 0"
fi
