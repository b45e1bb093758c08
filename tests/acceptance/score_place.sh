# shellcheck shell=sh disable=SC2034 # variables of the scripts that read this
# SPDX-License-Identifier: Apache-2.0
# Read by the tests of neuron-score: a folder of their own, the programs, and what they all check.
set -u
score="$NEURON_BUILD/dp/score/neuron-score"
npy_tool="$NEURON_BUILD/tests/npy_tool"
make_model="$NEURON_BUILD/tests/make_model"
bad_rows="$NEURON_BUILD/tests/libbad_rows.so"
# Layers of a model that is slow enough to be disturbed at work. Sanitizers slow it down tenfold.
slow_layers=80
if grep -q '^NEURON_SANITIZE:STRING=.' "$NEURON_BUILD/CMakeCache.txt"; then
    slow_layers=20
fi
place=$(mktemp -d) || exit 1
started=
trap 'clean_up' EXIT
cd "$place" || exit 1

# An invented machine of four cores, with lock files of its own: ranks side by side fit everywhere.
export HWLOC_SYNTHETIC="core:4 pu:1"
export NEURON_RT_LEASE_DIRECTORY="$place/leases"
mkdir leases
unset RANK WORLD_SIZE OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE NEURONRUN_JOBID
unset NEURON_RT_VISIBLE_CORES NEURON_RT_NUM_CORES NEURONCORE_GROUP_SIZES NEURONRUN_LEASE

clean_up() {
    for pid in $started; do
        kill -KILL "$pid" 2>/dev/null
    done
    cd / && rm -rf "$place"
}

fail() {
    echo "FAILED: $*" >&2
    for file in out err; do
        [ -f "$place/$file" ] && sed "s/^/  $file: /" "$place/$file" >&2
    done
    exit 1
}

# expect STATUS COMMAND...: runs it with its output in the files out and err.
expect() {
    wanted=$1
    shift
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "exit status $got instead of $wanted: $*"
}

# refuses STATUS PART COMMAND...: it fails with one line, which has the part in it.
refuses() {
    status=$1
    part=$2
    shift 2
    expect "$status" "$@"
    [ "$(grep -c '^neuron-score: ' err)" -eq 1 ] || fail "not one line on standard error: $*"
    grep -qF -- "$part" err || fail "no \"$part\" in the line: $*"
    [ ! -s out ] || fail "standard output is not empty: $*"
}

# absent FILE...: none of them is there.
absent() {
    for file in "$@"; do
        [ ! -e "$file" ] || fail "$file is there"
    done
}

# wait_for COMMAND...: until it succeeds, for 20 s at most.
wait_for() {
    end=$(($(date +%s) + 20))
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || fail "in vain waited for: $*"
        sleep 0.01
    done
}
