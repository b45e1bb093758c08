#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What two replicas of a model hold, over its weights, and how long a compiled file takes to load:
# resnet50 and bert_base of tests/conformance, full size. The machine is an invented one, so that it
# does not matter how many cores this one has. Each figure is the median of processes of their own.
#
# Cold: nothing is kept from an earlier load (NEURON_COMPILE_CACHE_URL names an empty folder); warm:
# an earlier process loaded the same file. The compiled file itself is in the system's memory.
set -eu
work=$NEURON_BUILD/bench/memory
cc=$NEURON_BUILD/runtime/tools/neuron-cc
rounds=5
HWLOC_SYNTHETIC='core:4 pu:1'
NEURON_RT_DEVICE_MEMORY=8G
export HWLOC_SYNTHETIC NEURON_RT_DEVICE_MEMORY
rm -rf "$work"
mkdir -p "$work/leases"
trap 'rm -rf "$work"' EXIT # some 1 GB

# probe CACHE REPLICAS PROCESSES: the lines of memory_probe.
probe()
{
    NEURON_COMPILE_CACHE_URL=$work/cache-$1 timeout 60 "$NEURON_BUILD/tests/bench/memory_probe" \
        "$work/model.neff" "$work/leases" "$2" "$3"
}

# median COLUMN DIVISOR: of standard input.
median()
{
    awk -v column="$1" '{ print $column }' | sort -n |
        awk -v divisor="$2" '
            { value[NR] = $1 }
            END { printf "%.3f", value[int((NR + 1) / 2)] / divisor }'
}

# figure NAME FILE COLUMN DIVISOR UNIT [TARGET]
figure()
{
    echo "memory_$1 $(median "$3" "$4" <"$2") $5 ${6:--}"
}

# load_times KIND FILE [TARGET]: all, and by call.
load_times()
{
    figure "${name}_$1_model_load" "$2" 1 1000 ms
    figure "${name}_$1_module_create" "$2" 2 1000 ms
    awk '{ print $1 + $2 }' "$2" >"$work/sums"
    figure "${name}_$1_load" "$work/sums" 1 1000 ms "${3:--}"
}

for name in resnet50 bert_base; do
    /usr/bin/python3 -B "$NEURON_SOURCE/tests/conformance/models.py" --full "$name" "$work"
    # The dimensions that the files leave open: those of the case.
    shapes=$(awk '$1 == "input" { gsub(",", "x", $3); print "--shape=" $5 "=" $3 }' \
        "$work/$name/case.txt")
    # shellcheck disable=SC2086 # a list of words
    "$cc" compile "$work/$name/model.onnx" -o "$work/model.neff" $shapes \
        ${NEURON_BENCH_COMPILE-} >"$work/compiled"
    rm -r "${work:?}/$name"
    weights=$(sed -n 's/^weights *\([0-9]*\) bytes.*/\1/p' "$work/compiled")

    for round in $(seq "$rounds"); do
        probe "cold$round" 2 1 >>"$work/cold"
        probe warm 2 1 >>"$work/first"
    done
    tail -n +2 "$work/first" >"$work/warm"
    probe warm 1 2 >"$work/shared"
    awk '{ sum += $4 } END { print sum }' "$work/shared" >"$work/sum"

    limit=
    [ "$name" != resnet50 ] || limit='<=20'
    echo "memory_${name}_weights $(awk -v bytes="$weights" 'BEGIN { print bytes / 1e6 }') MB -"
    figure "${name}_two_replicas_over_weights" "$work/warm" 4 "$weights" ratio '<=1.25'
    figure "${name}_two_replicas_over_weights_cold" "$work/cold" 4 "$weights" ratio '<=1.25'
    figure "${name}_most_while_loading_over_weights" "$work/cold" 5 "$weights" ratio
    figure "${name}_two_processes_over_weights" "$work/sum" 1 "$weights" ratio
    load_times cold "$work/cold"
    load_times warm "$work/warm" "$limit"
    rm -rf "$work/cache-"* "$work/cold" "$work/warm" "$work/first" "$work/shared"
done
