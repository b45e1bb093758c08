#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks what no compiler does: which part may include what, where each outside library is known,
# what public headers hold, and the budgets of size. Every finding is a line "file:line: reason".
set -euo pipefail
cd "$(dirname "$0")/.."

findings=$(mktemp)
trap 'rm -f "$findings"' EXIT

# search PATTERN FILES...: "file:line:text" for each match. No match is no error, a bad pattern is.
search()
{
    grep -nHE -e "$1" -- "${@:2}" || [ $? -eq 1 ]
}

# reject PATTERN: passes on the lines that do not match.
reject()
{
    grep -vE -e "$1" || [ $? -eq 1 ]
}

# report REASON: turns lines "file:line:text" into findings.
report()
{
    REASON=$1 awk -F: '{
        text = $0
        sub("^[^:]*:[0-9]+:[ \t]*", "", text)
        print $1 ":" $2 ": " ENVIRON["REASON"] ": " text
    }' >>"$findings"
}

# symbols KINDS FILES...: "file first-line last-line name" for each.
symbols()
{
    ctags -x --c-kinds="$1" -I 'NEURON_API,NEURON_MUST_CHECK,NEURON_PRINTF+' --fields=+ne \
        --_xformat='%F %n %{end} %N' "${@:2}"
}

listed=$(sh .ci/source_files.sh '*.c' '*.h')
mapfile -t sources <<<"$listed"
listed=$(sh .ci/source_files.sh '*.sh' '*.sbatch' '*.cmake' '*CMakeLists.txt' .ci/run)
mapfile -t scripts <<<"$listed"
listed=$(sh .ci/source_files.sh 'runtime/include/*.h' 'dp/include/*.h')
mapfile -t public_headers <<<"$listed"
# libnrt, whose interface names no object, is the one library that keeps state of its own.
listed=$(sh .ci/source_files.sh 'runtime/src/*.c' 'dp/src/*.c' ':!runtime/src/nrt')
mapfile -t stateless <<<"$listed"
listed=$(sh .ci/source_files.sh 'runtime/src/nrt/*.c' 'runtime/src/nrt/*.h')
mapfile -t nrt_sources <<<"$listed"

# runtime includes nothing of dp or launcher; these and the examples only its public headers.
check_include_direction()
{
    search '^#include ["<]' "${sources[@]}" |
        awk -F: -v sources="${sources[*]}" '
        BEGIN {
            split(sources, files, " ")
            for (i in files) {
                known[files[i]] = 1
                part = files[i]; sub("/.*", "", part)
                # Every tail of its path is what an include of its own part may say.
                tail = files[i]
                while (sub("^[^/]*/", "", tail))
                    own[part, tail] = 1
            }
            allowed["runtime"] = allowed["launcher"] = "runtime"
            allowed["dp"] = allowed["examples"] = "runtime dp"
        }
        {
            part = $1; sub("/.*", "", part)
            included = $0; sub("^[^\"<]*[\"<]", "", included); sub("[\">].*", "", included)
            owner = ("runtime/include/" included) in known ? "runtime" \
                : ("dp/include/" included) in known ? "dp" : ""
            is_system = owner == "" && $0 ~ /#include </
            if (part == "tests" || is_system || included ~ /\.pb-c\.h$/)
                next
            if (owner != "" ? index(allowed[part], owner) > 0 : (part, included) in own)
                next
            print $1 ":" $2 ": " part " may not include " included
        }' >>"$findings"
}

# libnrt is one more user of the public headers, though it lies beside the runtime's sources.
check_nrt_includes()
{
    search '^#include "' "${nrt_sources[@]}" | reject '#include "(neuron|nrt)/' |
        report 'libnrt includes public headers and its own only'
}

# known_only_to LIBRARY HEADERS FILES: what matches HEADERS is included by FILES only.
known_only_to()
{
    search "^#include [\"<]$2" "${sources[@]}" | reject "^$3" | report "$1 is known to $3 only"
}

check_outside_libraries()
{
    known_only_to hwloc 'hwloc' '(runtime/src/cores/|launcher/pmix/cpu_topology\.c)'
    known_only_to oneDNN '(oneapi/|dnnl)' 'runtime/src/engine/'
    known_only_to OpenMP 'omp\.h' 'runtime/src/engine/'
    known_only_to ZeroMQ 'zmq' \
        '(runtime/src/executor/channel\.c|dp/src/process_channel\.c|dp/score/lease_(channel|channel_body|connect|gate|listen|socket)\.[ch]|tests/unit/lease_channel_refusal_test\.c|launcher/src/job_channel\.c|tests/bench/nrt\.c|tests/bench/support/bare_handover\.c)'
    known_only_to protobuf-c '(protobuf-c/|.*\.pb-c\.h)' 'runtime/src/(frontend|neff)/'
    known_only_to zlib '(zlib|zconf)\.h' '(runtime/src/npy/inflate|dp/score/deflated_member)\.c'
    known_only_to xxHash 'xxh' '(runtime/src/neff/|dp/score/(checksum|piece_sum)\.c)'
    known_only_to jansson 'jansson' 'runtime/tools/monitor/monitor_config\.c'
    known_only_to PMIx 'pmix(_server)?\.h' 'launcher/pmix/job_(keys|server)\.[ch]'
    known_only_to ncurses '(n?curses|term)\.h' 'runtime/tools/top/screen\.c'
    known_only_to cmocka 'cmocka' 'tests/support/check\.h'
}

check_public_headers()
{
    search '^#include <' "${public_headers[@]}" |
        reject '<(stdarg|stdbool|stddef|stdint|stdio|sys/types)\.h>|<(neuron|nrt)/' |
        report 'public headers include the C library and each other only'
    search '\b(hwloc|dnnl|zmq|protobuf_c|pmix|PMIX|XXH|pthread|omp)_|\bz_stream\b|\bProtobufC' \
        "${public_headers[@]}" | reject ':[0-9]+:[[:space:]]*/?\*' |
        report 'an outside type in a public header'

    # Lines without a gap below a comment are what it speaks of: one call, or several of a kind.
    symbols pf "${public_headers[@]}" | while read -r file line _ name; do
        awk -v line="$line" 'NR >= line { exit !found } /^$/ { found = 0 } /\*\/$/ { found = 1 }' \
            "$file" || echo "$file:$line: no comment block before the public call $name()"
    done >>"$findings"
}

# Variables at file scope, and static ones inside functions, that can change.
check_mutable_state()
{
    symbols v "${stateless[@]}" | while read -r file line _ name; do
        # The declaration starts at the last line that is not indented, or closes a struct there.
        head -n "$line" "$file" | grep -E '^[a-z_]' | tail -n 1 |
            grep -qE '\*const |const [^*]*$|const [^*]*(\[|=)' ||
            echo "$file:$line: a variable at file scope that can change: $name"
    done >>"$findings"
    search '^[[:space:]]+static ' "${stateless[@]}" | reject 'static const [^*]*(\[|=)|\*const ' |
        report 'a static variable that can change'
}

# used_only_in CALLS FILES: the calls stand in no other file; comments may name them.
used_only_in()
{
    search "\\b($1)\\(" "${sources[@]}" | reject "^($2)" | reject ':[0-9]+:[[:space:]]*/?\*' |
        report "to be called in $2 only"
}

check_calls()
{
    used_only_in '(secure_)?getenv' \
        'runtime/src/(nrt/)?environment\.c|dp/src/environment\.c|launcher/src/|dp/score/|runtime/tools/|tests/'
    used_only_in 'setenv|unsetenv|putenv' 'launcher/src/main\.c|tests/'
    used_only_in 'pthread_create|thrd_create' 'runtime/src/executor/pinned_thread\.c|dp/score/score_thread\.c|tests/'
    used_only_in 'alloca|gets|strcpy|strcat|sprintf|vsprintf' 'no file'
    search '#[[:space:]]*define[[:space:]]+[A-Za-z_0-9]+\(' "${sources[@]}" |
        reject '^(runtime/include/(neuron/status|nrt/nrt_async)\.h|runtime/src/nrt/libnrt\.h|tests/support/[a-z_]+\.h:[0-9]+:#define assert_)' |
        report 'a function-like macro'
    search '#[[:space:]]*define[[:space:]]+_GNU_SOURCE' "${sources[@]}" |
        report 'a compile definition of the target, not of a file'
}

check_text()
{
    search '\b(TO[D]O|FIX[M]E|X[X]X|HAC[K]|[Ff]or[ ]now|[Nn]ot[ ]implemented|place[h]older)\b' \
        "${sources[@]}" "${scripts[@]}" | report 'unfinished'
    local file
    for file in "${sources[@]}"; do
        head -n 1 "$file" | grep -qF '/* SPDX-License-Identifier: Apache-2.0 */' ||
            echo "$file:1: the licence line is not the first" >>"$findings"
    done
}

# Files up to 600 lines; functions up to 60, test cases up to 30.
check_sizes()
{
    wc -l -- "${sources[@]}" "${scripts[@]}" | awk '$1 > 600 && $2 != "total" {
        print $2 ":600: a file of " $1 " lines; the limit is 600" }' >>"$findings"
    symbols f "${sources[@]}" | awk '{
        lines = $3 - $2 + 1
        limit = $1 ~ /^tests\/.*_test\.c$/ && $4 != "main" ? 30 : 60
        if (lines > limit)
            print $1 ":" $2 ": " $4 "() has " lines " lines; the limit is " limit
    }' >>"$findings"
}

check_include_direction
check_nrt_includes
check_outside_libraries
check_public_headers
check_mutable_state
check_calls
check_text
check_sizes

count=$((${#sources[@]} + ${#scripts[@]}))
sort -u "$findings"
if [ -s "$findings" ]; then
    echo "$(sort -u "$findings" | wc -l) findings in $count files" >&2
    exit 1
fi
echo "$count files keep the boundaries"
