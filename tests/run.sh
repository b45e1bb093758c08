#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does all set-up on Debian 12, builds everything, and runs every test. From any folder; safe to
# run again. Ends with one line that counts, and with 0 only when no test failed.
set -eu
cd "$(dirname "$0")/.."
log=build/release/tests.log

sh cmake/build_release.sh || {
    echo "tests/run.sh: the build failed: see above"
    exit 1
}

# Tests that need cores to themselves hold a lock in CTest, so that two at a time never disturb.
rm -f "$log"
status=0
# Tests stop processes, for which the kernel hangs up a group without a parent outside of it, as in a
# session of its own. So without a terminal they are a group below this script: timeout makes it.
group=
[ -t 0 ] || group="timeout 3600"
# shellcheck disable=SC2086 # nothing or two words
$group ctest --preset release --no-tests=error --parallel 2 --output-log "$log" || status=$?

# What CTest wrote: "98% tests passed, 1 tests failed out of 42", then the names of the others.
tests=$(sed -n 's/^[0-9]*% tests passed, .* tests failed out of \([0-9]*\)$/\1/p' "$log")
failed=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of .*$/\1/p' "$log")
skipped=$(grep -c '^[[:space:]]*[0-9]* - .* (Skipped)$' "$log") || true
if [ -z "$tests" ]; then
    echo "tests/run.sh: no test was run: see above"
    exit 1
fi
if [ "$status" -ne 0 ]; then
    echo "tests/run.sh: $failed of $tests tests failed: see $PWD/$log"
    exit 1
fi
[ "$skipped" -eq 0 ] || note=", $skipped skipped"
echo "tests/run.sh: $((tests - skipped)) tests passed${note-}"
