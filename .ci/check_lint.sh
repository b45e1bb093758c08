#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy 14 and cppcheck over every C file, with the flags that it is compiled with.
#
# NEURON_LINT_PATHS=N  follows the paths through one product file of N, others with each commit (3):
#                      that takes twenty times as long as all other checks. 1 follows all.
set -euo pipefail
cd "$(dirname "$0")/.."

# The builds make the databases of flags; the release one also the generated headers. That of the fuzz
# targets is in a folder of its own, since the checks of sanitizers may build theirs meanwhile.
sh cmake/build_release.sh
cmake --preset asan -B build/lint

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mapfile -t databases < <(find build/release -name compile_commands.json)

# Where the database lies that knows a file: the first one that does.
declare -A folders
while IFS=: read -r database file; do
    [ -n "${folders[$file]-}" ] || folders[$file]=${database%/*}
done < <(
    grep -HoP "^ *\"file\": \"\Q$PWD\E/\K[^\"]*" "${databases[@]}" build/lint/compile_commands.json
)

# tidy FOLDER FILE CHECKS: one file at a time, since clang-tidy 14 reports false va_list findings when
# it takes several. Prints only findings.
tidy()
{
    local output
    if ! output=$(clang-tidy-14 --quiet --checks="$3" -p "$1" "$2" 2>&1); then
        grep -v 'warnings generated\|warnings treated as errors' <<<"$output"
        return 1
    fi
}
export -f tidy

share=${NEURON_LINT_PATHS:-3}
commit=$(git rev-parse HEAD 2>/dev/null || echo 0)
turn=$((0x${commit:0:7} % share))
count=0
sources=$(sh .ci/source_files.sh '*.c')
for file in $sources; do
    folder=${folders[$file]-}
    if [ -z "$folder" ]; then
        echo "$file: no target compiles this file" >&2
        exit 1
    fi
    checks=-none # there is no such check, and a line must not end with a blank
    # Paths through tests are left to the sanitizers, which run them.
    if [[ $file == tests/* ]] || ((count % share != turn)); then
        checks='-clang-analyzer-*'
    fi
    [[ $file == tests/* ]] || count=$((count + 1))
    echo "$folder $file $checks"
done >"$scratch/files"
# shellcheck disable=SC2016 # the inner shell expands these
if ! xargs -a "$scratch/files" -P "$(nproc)" -L 1 bash -c 'tidy "$@"' tidy; then
    echo "clang-tidy has findings" >&2
    exit 1
fi

# Generated code is not ours. The version is what its headers ask system headers for, which cppcheck
# does not read. A compound literal behind ?: is beyond cppcheck 2.10, which leaves that file out.
run_cppcheck()
{
    cppcheck "$@" --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --quiet -j "$(nproc)" -DPROTOBUF_C_VERSION_NUMBER=1004001 -i "$PWD/build" \
        --suppress='*:*/generated/*' --suppress=missingIncludeSystem --suppress=internalAstError
}
for database in "${databases[@]}"; do
    run_cppcheck --project="$database"
done
run_cppcheck --std=c11 -I runtime/include -I runtime/src -I dp/include tests/fuzz

echo "$(wc -l <"$scratch/files") files without findings"
