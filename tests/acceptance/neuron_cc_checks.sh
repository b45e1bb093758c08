# shellcheck shell=sh disable=SC2034 # variables of the scripts that read this
# SPDX-License-Identifier: Apache-2.0
# What the neuron-cc tests share; sourced. Goes to the folder $work, which is removed at the end, and
# gives $cc, $make_onnx, $npy_tool and checks.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# Leases of their own, so that nothing else on this machine is in the way.
NEURON_RT_LEASE_DIRECTORY=$work/leases
TMPDIR=$work/tmp
export NEURON_RT_LEASE_DIRECTORY TMPDIR
mkdir leases tmp
cc=$NEURON_BUILD/runtime/tools/neuron-cc
make_onnx=$NEURON_BUILD/tests/make_onnx
npy_tool=$NEURON_BUILD/tests/npy_tool

fail() {
    echo "$(basename "$0" .sh): $*" >&2
    cat out err >&2
    exit 1
}

# expect STATUS ARGUMENTS...: runs neuron-cc, with its output in the files out and err.
expect() {
    wanted=$1
    shift
    "$cc" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$wanted" ] || fail "neuron-cc $*: exit status $status, not $wanted"
}

# has FILE TEXT: the file has a line with the text.
has() {
    grep -qF -e "$2" "$1" || fail "no \"$2\" in $1"
}

# matches FILE PATTERN: the file has a line with the pattern.
matches() {
    grep -qE -e "$2" "$1" || fail "no \"$2\" in $1"
}

# refuse STATUS PATTERN ARGUMENTS...: neuron-cc refuses in one line with this text, and leaves no
# file none.neff and nothing beside it.
refuse() {
    status=$1
    pattern=$2
    shift 2
    expect "$status" "$@"
    matches err "$pattern"
    [ "$(wc -l <err)" -eq 1 ] || fail "neuron-cc $*: not one line"
    [ ! -s out ] || fail "neuron-cc $*: refused, and printed"
    for left in none.*; do
        [ ! -e "$left" ] || fail "neuron-cc $*: left $left"
    done
}
