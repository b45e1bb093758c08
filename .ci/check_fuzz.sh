#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target over its corpus and for some seconds beyond: NEURON_FUZZ_SECONDS, 2; those
# that read models from anybody, and run them, for four times as long.
# An input that crashes is kept in build/fuzz/crashes; with its fix it goes to tests/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${NEURON_FUZZ_SECONDS:-2}

# The build of the sanitizers has them, too: the libraries are compiled once for both.
cmake --preset asan
cmake --build --preset asan --parallel "$(nproc)" --target fuzz_targets

mkdir -p build/fuzz/crashes

# fuzz NAME: runs one target, and prints a line.
fuzz()
{
    local name=$1
    local found=build/fuzz/corpus/$name # what this run finds stays out of the tracked seeds
    local log=build/fuzz/$name.log
    local limit=$seconds

    mkdir -p "$found"
    case $name in
    onnx | neff | neff_graph) limit=$((4 * seconds)) ;;
    esac
    if ! "build/asan/tests/fuzz/${name}_fuzz" -max_total_time="$limit" -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=build/fuzz/crashes/ \
        "$found" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "$name: an input fails: see build/fuzz/crashes and $log" >&2
        return 1
    fi
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs," \
        "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)"
}
export -f fuzz
export seconds

names=
for source in $(sh .ci/source_files.sh 'tests/fuzz/*_fuzz.c'); do
    name=$(basename "$source" _fuzz.c)
    if [ ! -x "build/asan/tests/fuzz/${name}_fuzz" ] ||
        [ -z "$(ls "tests/fuzz/corpus/$name" 2>/dev/null)" ]; then
        echo "$source: wants a line in tests/fuzz/CMakeLists.txt and seeds in" \
            "tests/fuzz/corpus/$name" >&2
        exit 1
    fi
    # Those that take longest come first, so that no core is left with one of them at the end.
    case $name in
    onnx | neff | neff_graph) names="$name $names" ;;
    *) names="$names $name" ;;
    esac
done
# Each has one thread: as many at once as there are cores.
# shellcheck disable=SC2016,SC2086 # the inner shell expands; a list of words
printf '%s\n' $names | xargs -P "$(nproc)" -I {} bash -c 'fuzz "$1"' fuzz {}
