#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# MPI programs, built with Open MPI and with MPICH: they find the same world under neuronrun as
# under their own launchers, end as they should, and leave nothing behind. With NEURON_MPI_LONG set,
# all sizes are compared; else the ones that differ most.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

for program in mpicc.openmpi mpirun.openmpi mpicc.mpich mpiexec.hydra; do
    command -v $program >"$folder/out" || {
        echo "skipped: no $program here; install libopenmpi-dev, openmpi-bin, mpich, libmpich-dev"
        exit 77
    }
done
# Files of jobs, where nobody else has any.
export TMPDIR="$folder/tmp"
mkdir "$TMPDIR"
# Open MPI's own launcher refuses root without these.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
unset OMPI_MCA_pml OMPI_MCA_btl OMPI_MCA_mtl

mpicc.openmpi -O1 -o "$folder/openmpi" "$NEURON_SOURCE/tests/acceptance/mpi_check.c" ||
    fail "mpicc.openmpi"
mpicc.mpich -O1 -o "$folder/mpich" "$NEURON_SOURCE/tests/acceptance/mpi_check.c" ||
    fail "mpicc.mpich"

shared_files() {
    find /dev/shm -maxdepth 1 -user "$(id -u)" \( -name 'neuronrun-mpi-*' -o \
        -name 'vader_segment*' -o -name 'mpich_shm*' -o -name 'mpich_shar_tmp*' \) \
        -newer "$folder/openmpi" 2>"$folder/find"
}
nothing_left() {
    [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(shared_files)" ]
}
expect_nothing_left() {
    none_marked || fail "left after $1: $(marked)"
    # Another job on this machine may have files for a moment.
    wait_until 10 "files left after $1: $(ls -A "$TMPDIR") $(shared_files)" nothing_left
}
run() {
    timeout 60 "$neuronrun" -O "$@"
}

# compare MPI RANKS LAUNCHER...: the same lines under both.
compare() {
    mpi=$1
    ranks=$2
    shift 2
    expect 0 timeout 60 "$@" "$folder/$mpi" all
    sort "$folder/out" >"$folder/theirs"
    # What their launcher leaves behind is not ours.
    rm -rf "$TMPDIR"
    mkdir "$TMPDIR"
    expect 0 run -np "$ranks" "$folder/$mpi" all
    sort "$folder/out" >"$folder/ours"
    cmp "$folder/theirs" "$folder/ours" || fail "$mpi differs at $ranks ranks"
    expect_nothing_left "$mpi at $ranks ranks"
}
sizes="2 16"
[ -z "${NEURON_MPI_LONG-}" ] || sizes="1 2 4 16"
for ranks in $sizes; do
    compare openmpi "$ranks" mpirun.openmpi --oversubscribe --mca btl self,vader --mca pml ob1 \
        -np "$ranks"
    compare mpich "$ranks" mpiexec.hydra -n "$ranks"
done

# ends_with CODE TEXT MPI CASE...
ends_with() {
    code=$1
    text=$2
    mpi=$3
    shift 3
    expect "$code" run -np 3 "$folder/$mpi" "$@"
    expect_text err "$text"
    expect_nothing_left "$mpi $*"
}
for mpi in openmpi mpich; do
    expect 0 run -np 1 "$folder/$mpi" hello
    expect_text out 'rank 0 of 1'
    ends_with 42 'called MPI_Abort with code 42' "$mpi" abort 42
    ends_with 1 'exited with code 0 without MPI_Finalize' "$mpi" exit 0
    ends_with 3 'exited with code 3' "$mpi" exit 3
    ends_with 139 'was killed by SIGSEGV' "$mpi" crash
done
ends_with 42 'MPI_ABORT was invoked on rank 2' openmpi abort 42

# A rank that ends without MPI_Init, after others have come there or before.
# shellcheck disable=SC2016 # for the ranks
late='[ $RANK != 1 ] || { sleep 0.3; exit 0; }; exec "$0" hello'
# shellcheck disable=SC2016
early='[ $RANK != 1 ] || { echo $$ >"$1.new"; mv "$1.new" "$1"; exit 0; }
until [ -e "$1" ] && ! kill -0 "$(cat "$1")" 2>/dev/null; do sleep 0.01; done
exec "$0" hello'
for pair in pmix:openmpi pmi1:mpich; do
    for order in "$late" "$early"; do
        rm -f "$folder/gone"
        expect 1 run -np 3 --mpi ${pair%:*} --on-failure continue sh -c "$order" \
            "$folder/${pair#*:}" "$folder/gone"
        expect_text err 'rank 1 (pid '
        expect_text err 'exited with code 0 before MPI_Init, while others wait for it'
        expect_text err '2 other ranks were stopped'
        expect_nothing_left "a rank without MPI_Init, $pair"
    done
    # Where no rank comes, none is missed.
    expect 0 run -np 3 --mpi ${pair%:*} true
    expect_lines err 0
done

# Every attempt of a job is a world of its own.
expect 42 run -np 2 --max-restarts 1 "$folder/openmpi" abort 42
expect_text err 'restart 1 of 1'
expect_nothing_left 'a restart'

# Without a server, or with that of another MPI, ranks are alone.
expect 0 run -np 2 --mpi off "$folder/openmpi" hello
expect_text out 'rank 0 of 1'
rm -rf "$TMPDIR"/ompi.* # what Open MPI keeps of such ranks
expect 0 run -np 2 --mpi pmi1 sh -c "exec \"$folder/mpich\" hello"
expect_text out 'rank 1 of 2'
expect 0 run -np 2 --mpi pmix "$folder/mpich" hello
expect_text err 'links MPICH, whose ranks are alone with --mpi pmix'
expect_lines err 1
expect 0 run -np 2 --mpi pmi1 "$folder/openmpi" hello
expect_text err 'links Open MPI, whose ranks are alone with --mpi pmi1'
expect_lines err 1
rm -rf "$TMPDIR"/ompi.*
expect 125 run -np 1 "$folder/openmpi" hello : -np 1 "$folder/mpich" hello
expect_text err 'links another MPI than the programs before it'
expect 0 run -np 2 "$folder/openmpi" hello : -np 1 "$folder/openmpi" hello
expect_text out 'rank 2 of 3'

# What the user says of transports holds.
for option in '-x OMPI_MCA_pml=^ucx' '--mca pml ^ucx'; do
    # shellcheck disable=SC2086 # an option and its values
    expect 0 run -np 1 $option --mpi pmix env
    ! grep -q '^OMPI_MCA_btl=' "$folder/out" || fail "transports are chosen in spite of $option"
    expect_text out 'OMPI_MCA_pml=^ucx'
done
expect 0 run -np 1 --mpi pmix env
expect_text out 'OMPI_MCA_btl=self,vader'
expect 0 run -np 1 env
! grep -qE '^(OMPI_MCA_|PMIX_|PMI_FD)' "$folder/out" || fail "a program without MPI is served"

# Two jobs at once, on the same cores.
mkdir -m 1777 "$folder/other_leases"
NEURON_RT_LEASE_DIRECTORY="$folder/other_leases" run -np 2 "$folder/openmpi" all >"$folder/first" 2>&1 &
first=$!
expect 0 run -np 2 "$folder/openmpi" all
wait $first || fail "the first of two jobs: $(cat "$folder/first")"
expect_nothing_left 'two jobs'

# Whoever is killed, the others clear away.
child_of() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" | head -n 1
}
all_wait() {
    [ "$(grep -c waiting "$folder/out")" -eq 3 ]
}
for victim in launcher keeper guardian all; do
    "$neuronrun" -O -np 3 "$folder/openmpi" wait "$marker" >"$folder/out" 2>"$folder/err" &
    guardian=$!
    wait_until 20 "the job does not start: $(cat "$folder/err")" all_wait
    keeper=$(child_of $guardian)
    launcher=$(child_of "$keeper")
    case $victim in
    launcher) kill -KILL "$launcher" ;;
    keeper) kill -KILL "$keeper" ;;
    guardian) kill -KILL $guardian ;;
    all) kill -KILL $guardian "$keeper" "$launcher" ;;
    esac
    wait $guardian 2>"$folder/wait"
    wait_until 10 "left after SIGKILL of $victim: $(marked)" none_marked
    # Where nobody was left to do it, the next job does.
    [ $victim != all ] || expect 0 run -np 1 "$folder/openmpi" hello
    expect_nothing_left "SIGKILL of $victim"
done

# The server is killed: the job ends with a word about it.
"$neuronrun" -O -np 3 "$folder/openmpi" wait "$marker" >"$folder/out" 2>"$folder/err" &
guardian=$!
wait_until 20 "the job does not start: $(cat "$folder/err")" all_wait
server=$(grep -las "$TMPDIR/[n]euronrun-mpi" /proc/[0-9]*/cmdline | sed 's,^/proc/,,; s,/cmdline$,,')
kill -KILL "$server"
code=0
wait $guardian || code=$?
[ $code -ne 0 ] || fail "a job without its server succeeds"
expect_text err 'PMIx server of the job'
expect_nothing_left 'SIGKILL of the server'
