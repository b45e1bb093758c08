#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks, all or those that are named, one after the other:
#
#   sh tests/bench/run.sh [NAME...]
#
# A benchmark is a program that tests/bench/CMakeLists.txt builds, or a script beside this one; one
# whose name is that of no such file is all whose names begin with it and "_" (data_parallel). It
# prints a line "NAME VALUE UNIT TARGET" for each figure, where TARGET is as <=0.1 or >=0.98, or "-"
# where there is none; or exits with 77 when this machine lacks what it needs. The figures go to
# build/release/bench.json as well. A missed target is told, and is no failure: figures hang on
# the machine.
set -eu
cd "$(dirname "$0")/../.."
results=build/release/bench.json
programs=build/release/tests/bench

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/folder"

NEURON_BUILD=$PWD/build/release
NEURON_SOURCE=$PWD
# Open MPI's mpirun, which launch compares with, refuses root without these.
OMPI_ALLOW_RUN_AS_ROOT=1
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
NEURON_BENCH_FOLDER=$scratch/folder # for files that are gone afterwards
export NEURON_BENCH_FOLDER NEURON_BUILD NEURON_SOURCE OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM

sh cmake/debian_packages.sh bench
sh cmake/build_release.sh >"$scratch/build.log" 2>&1 || {
    cat "$scratch/build.log"
    echo "tests/bench/run.sh: the build failed: see above"
    exit 1
}

# Every benchmark there is, by name.
names()
{
    for path in tests/bench/*.sh tests/bench/*.c; do
        name=$(basename "$path")
        [ "$name" = run.sh ] || [ ! -e "$path" ] || echo "${name%.*}"
    done
}

# run_one NAME: its figures to stdout.
run_one()
{
    if [ -f "tests/bench/$1.sh" ]; then
        sh "tests/bench/$1.sh"
    elif [ -x "$programs/$1" ]; then
        "$programs/$1"
    elif [ -f "tests/bench/$1.c" ]; then
        return 77 # not built, for want of a library
    else
        echo "tests/bench/run.sh: no benchmark is named $1; see tests/bench" >&2
        return 2
    fi
}

# members NAME: the benchmarks that it names.
members()
{
    found=$(names | grep -x "$1" || names | grep "^$1_" || true)
    echo "${found:-$1}"
}

# shellcheck disable=SC2046 # lists of words
[ $# -gt 0 ] || set -- $(names)
# shellcheck disable=SC2046
set -- $(for name in "$@"; do members "$name"; done)
for name in "$@"; do
    status=0
    run_one "$name" >"$scratch/figures" </dev/null || status=$?
    case $status in
    0) cat "$scratch/figures" >>"$scratch/all" ;;
    77) echo "$name: skipped" ;;
    *)
        echo "tests/bench/run.sh: $name failed with $status"
        exit 1
        ;;
    esac
done

# Checks the form of the lines, prints them as a table, and writes them as JSON.
touch "$scratch/all"
awk -v results="$results" '
    function verdict(value, target) {
        if (target ~ /^>=/) return value >= substr(target, 3) + 0 ? "true" : "false"
        if (target ~ /^<=/) return value <= substr(target, 3) + 0 ? "true" : "false"
        return "null"
    }
    NF == 3 { $4 = "-" }
    NF != 4 || $2 !~ /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/ ||
    $4 !~ /^(-|[<>]=[0-9.]+)$/ || $0 ~ /["\\]/ {
        print "tests/bench/run.sh: no figure: " $0
        failed = 1
        exit 1
    }
    {
        met = verdict($2 + 0, $4)
        judged += met != "null"
        kept += met == "true"
        word = met == "null" ? "" : met == "true" ? "met" : "missed"
        printf "%-40s %14s %-10s %-8s %s\n", $1, $2, $3, $4, word
        json = json (NR > 1 ? ",\n" : "") sprintf("  {\"name\": \"%s\", \"value\": %s, " \
            "\"unit\": \"%s\", \"target\": %s, \"met\": %s}", $1, $2, $3, \
            $4 == "-" ? "null" : "\"" $4 "\"", met)
    }
    END {
        if (failed) exit 1
        printf "[\n%s\n]\n", json >results
        printf "tests/bench/run.sh: %d figures, %d of %d targets met: %s\n", NR, kept, judged,
            results
    }' "$scratch/all"
