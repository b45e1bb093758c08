#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual page of each library names every call that it exports, and no other, and its example
# compiles as it stands.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# check_page LIBRARY FOLDER: of the build, where the library is.
check_page() {
    page=$NEURON_SOURCE/docs/$1.3
    # Sanitizers add symbols of their own; that there are no others, .ci/check_install.sh says.
    nm --dynamic --defined-only --format=posix "$NEURON_BUILD/$2/lib$1.so" | cut -d ' ' -f 1 |
        grep -E '^(neuron|nrta?)_' | sort >"$work/exported"
    sed -n '/^\.Sh CALLS/,/^\.Sh RETURN VALUES/p' "$page" | grep -oE 'Fn [a-z0-9_]+' |
        cut -d ' ' -f 2 | sort >"$work/named"
    if [ ! -s "$work/exported" ]; then
        echo "lib$1.so exports nothing" >&2
        failures=$((failures + 1))
    elif ! diff "$work/exported" "$work/named" >"$work/differences"; then
        echo "docs/$1.3: \"<\" is exported and not named, \">\" is named and not exported:" >&2
        grep '^[<>]' "$work/differences" >&2
        failures=$((failures + 1))
    fi

    sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page" | grep -v '^\.' | sed 's/\\e/\\/g' >"$work/$1.c"
    cc -std=c11 -Wall -Wextra -Werror -fsyntax-only "-I$NEURON_SOURCE/runtime/include" \
        "-I$NEURON_SOURCE/dp/include" "$work/$1.c" || failures=$((failures + 1))
}

check_page neuron_runtime runtime
check_page neuron_dp dp
check_page nrt runtime
[ "$failures" -eq 0 ]
