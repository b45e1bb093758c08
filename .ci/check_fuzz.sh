#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target over its corpus and for some seconds beyond: NEURON_FUZZ_SECONDS, 10; those
# that read models from anybody, and run them, for six times as long.
# An input that crashes is kept in build/fuzz/crashes; with its fix it goes to tests/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${NEURON_FUZZ_SECONDS:-10}

cmake --preset fuzz
cmake --build --preset fuzz --parallel "$(nproc)" --target fuzz_targets

mkdir -p build/fuzz/crashes
listed=$(sh .ci/source_files.sh 'tests/fuzz/*_fuzz.c')
for source in $listed; do
    name=$(basename "$source" _fuzz.c)
    program=build/fuzz/tests/fuzz/${name}_fuzz
    corpus=tests/fuzz/corpus/$name
    found=build/fuzz/corpus/$name # what this run finds stays out of the tracked seeds
    log=build/fuzz/$name.log
    if [ ! -x "$program" ] || [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
        echo "$source: wants a line in tests/fuzz/CMakeLists.txt and seeds in $corpus" >&2
        exit 1
    fi
    mkdir -p "$found"
    case $name in
    onnx | neff | neff_graph) limit=$((6 * seconds)) ;;
    *) limit=$seconds ;;
    esac
    if ! "$program" -max_total_time="$limit" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix=build/fuzz/crashes/ "$found" "$corpus" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "$name: an input fails: see build/fuzz/crashes and $log" >&2
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
    echo "$name: $runs runs, $coverage"
done
