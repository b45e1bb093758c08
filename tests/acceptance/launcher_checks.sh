# shellcheck shell=sh disable=SC2034,SC2154 # variables of the scripts that read this
# SPDX-License-Identifier: Apache-2.0
# What the neuronrun tests share; sourced. Gives $neuronrun, $folder (removed at the end), checks.
set -u
neuronrun=$NEURON_BUILD/launcher/neuronrun
folder=$(mktemp -d)
# A test that fails leaves no process behind, either.
trap 'for process in $(marked); do kill -KILL "$process"; done 2>/dev/null; rm -rf "$folder"' EXIT
# Leases of their own, so that nothing else on this machine is in the way.
export NEURON_RT_LEASE_DIRECTORY="$folder/leases"
mkdir -m 1777 "$folder/leases"
unset NEURON_RT_VISIBLE_CORES NEURON_RT_NUM_CORES NEURONCORE_GROUP_SIZES NEURONRUN_LEASE
# Unlikely in any other process's command line.
marker=$((70000000 + $$))

fail() {
    echo "failed: $*"
    [ ! -s "$folder/err" ] || sed 's/^/    /' "$folder/err"
    exit 1
}

# expect CODE COMMAND...: runs it, output to $folder/out and $folder/err.
expect() {
    expected=$1
    shift
    code=0
    "$@" >"$folder/out" 2>"$folder/err" </dev/null || code=$?
    [ "$code" -eq "$expected" ] || fail "exit code $code instead of $expected: $*"
}

# expect_text FILE TEXT: the file holds the text.
expect_text() {
    grep -qF -- "$2" "$folder/$1" || fail "no \"$2\" in $1: $(head -c 400 "$folder/$1")"
}

# expect_lines FILE COUNT
expect_lines() {
    lines=$(wc -l <"$folder/$1")
    [ "$lines" -eq "$2" ] || fail "$lines lines instead of $2 in $1: $(head -c 400 "$folder/$1")"
}

# Prints the pids of processes whose command line has the marker, but for the search itself.
marked() {
    grep -las "[7]${marker#7}" /proc/[0-9]*/cmdline | sed 's,^/proc/,,; s,/cmdline$,,'
}

# wait_until SECONDS TEXT COMMAND...: polls a condition.
wait_until() {
    polls=$(($1 * 20))
    what=$2
    shift 2
    until "$@"; do
        polls=$((polls - 1))
        [ "$polls" -gt 0 ] || fail "$what"
        sleep 0.05
    done
}

none_marked() {
    [ -z "$(marked)" ]
}

marked_are() {
    [ "$(marked | wc -l)" -eq "$1" ]
}

# Skips the test where the machine has fewer cores that we may use.
need_cores() {
    if [ "$(nproc)" -lt "$1" ]; then
        echo "skipped: needs $1 cores"
        exit 77
    fi
}
