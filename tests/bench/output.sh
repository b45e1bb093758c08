#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How fast output comes through: two ranks write 200 MB each of 80-byte lines, plain and tagged, to
# nothing and to a file; medians of three. Beside it the ranks that write to one pipe directly, and
# other launchers where they are installed.
set -eu
folder=$NEURON_BENCH_FOLDER
neuronrun=$NEURON_BUILD/launcher/neuronrun
megabytes=200
export NEURON_RT_LEASE_DIRECTORY="$folder/leases"
mkdir -m 1777 "$folder/leases"
yes 'a line of 80 bytes: 23456789 123456789 123456789 123456789 123456789 12345678 .' |
    head -c "${megabytes}000000" >"$folder/lines"

# speed COMMAND: MB/s of a shell command's median run.
speed() {
    for _ in 1 2 3; do
        begin=$(date +%s%N)
        sh -c "$1" >/dev/null 2>&1 </dev/null || return 1
        echo $((2 * megabytes * 1000000000 / ($(date +%s%N) - begin)))
    done | sort -n | sed -n 2p
}

# show NAME COMMAND [TARGET]
show() {
    echo "output_$1 $(speed "$2") MB/s ${3:--}"
}

cat="cat $folder/lines"
show direct_pipe "{ $cat & $cat; wait; } | cat >/dev/null"
show plain "$neuronrun -np 2 -O $cat >/dev/null"
show tagged "$neuronrun -np 2 -O -l $cat >/dev/null" '>=500'
show tagged_file "$neuronrun -np 2 -O -l $cat >$folder/out"
show files "$neuronrun -np 2 -O --output-filename $folder/files $cat >/dev/null"
! command -v mpiexec.hydra >/dev/null ||
    show hydra_prepend_rank "mpiexec.hydra -prepend-rank -np 2 $cat >/dev/null"
! command -v mpirun >/dev/null ||
    show mpirun_tag_output "mpirun --oversubscribe --tag-output -np 2 $cat >/dev/null"
