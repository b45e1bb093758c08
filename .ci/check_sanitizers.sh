#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests under AddressSanitizer and UndefinedBehaviorSanitizer, and the unit tests under
# ThreadSanitizer, all compiled by clang.
set -euo pipefail
cd "$(dirname "$0")/.."

# run_under PRESET TARGET CTEST-OPTIONS...
run_under()
{
    cmake --preset "$1"
    cmake --build --preset "$1" --parallel "$(nproc)" --target "$2"
    # As in tests/run.sh: a group of its own.
    timeout 3600 "${without_randomization[@]}" ctest --preset "$1" --no-tests=error --parallel 2 "${@:3}"
}

without_randomization=()
# Left out: what does at length what other tests do once, for counts and times.
run_under asan all --exclude-regex \
    '/(score_(ranks|kills|hosts)|neuron_cc_bench|hosts_failure|neuronrun_(launches|much_output))$'

# ThreadSanitizer of LLVM 14 cannot map its shadow where addresses are randomized by over 28 bits.
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ]; then
    without_randomization=(setarch --addr-no-randomize)
fi
# Where one thread does everything there is nothing to find.
run_under tsan threaded_tests --label-regex threads
