# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of the examples: installs neuron into a folder of its own, and builds an
# example against it as a stranger would.

# The same compiler flags reach no foreign project, so an instrumented library does not link there.
if grep -q '^NEURON_SANITIZE:STRING=.' "$NEURON_BUILD/CMakeCache.txt"; then
    echo "skipped: the libraries are built with sanitizers"
    exit 77
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*"
    exit 1
}

# run WHAT COMMAND...: the command must succeed; what it says is shown only when it does not.
run() {
    what=$1
    shift
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "$what"
    }
}

# refuse CODE TEXT COMMAND...: the command must exit with CODE and one line on stderr with TEXT.
refuse() {
    code=$1
    text=$2
    shift 2
    "$@" >/dev/null 2>"$work/log"
    got=$?
    [ "$got" -eq "$code" ] || fail "exit code $got instead of $code: $*"
    [ "$(wc -l <"$work/log")" -eq 1 ] || fail "not one line on stderr: $*"
    grep -qF -- "$text" "$work/log" || {
        cat "$work/log"
        fail "\"$text\" is not said: $*"
    }
}

# build_example NAME: leaves the programs in $work/build, and the package in $work/prefix.
build_example() {
    run "install" cmake --install "$NEURON_BUILD" --prefix "$work/prefix"
    run "configure $1" cmake -S "$NEURON_SOURCE/examples/$1" -B "$work/build" \
        -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release
    run "build $1" cmake --build "$work/build"
}
