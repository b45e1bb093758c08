#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scores rows on all nodes of a PBS job, which is run again by PBS when a node fails.
#
#   qsub -v MODEL=m.neff,INPUT=rows.npy,OUTPUT=scores.npy pbs.sh
#
# resume_loop.sh lies beside the place where qsub is called, or in LOOP.
#PBS -N score
#PBS -l select=2:ncpus=8:mpiprocs=1
#PBS -l walltime=04:00:00
#PBS -r y
#PBS -j oe
set -u
: "${MODEL:?}" "${INPUT:?}" "${OUTPUT:?}"
cd "${PBS_O_WORKDIR:?}" || exit 1

# PBS_NODEFILE says which nodes there are, and how many ranks each has. PBS sends TERM to this shell
# before it kills: as the loop takes its place, it gets there, and ends with what is on disk.
exec sh "${LOOP:-./resume_loop.sh}" neuronrun -- \
    neuron-score --model "$MODEL" --input "$INPUT" --output "$OUTPUT"
