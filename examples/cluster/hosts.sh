#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scores rows on hosts that are named in a file, one a line ("node7 slots=2"), without a batch system.
#
#   hosts.sh HOSTFILE MODEL INPUT OUTPUT [OPTIONS of neuron-score]
#
# The hosts are reached by ssh, have this package under the same path, and share the output's folder.
set -eu
if [ $# -lt 4 ]; then
    echo "usage: hosts.sh HOSTFILE MODEL INPUT OUTPUT [OPTIONS of neuron-score]" >&2
    exit 2
fi
hostfile=$1 model=$2 input=$3 output=$4
shift 4
# NEURONRUN_OPTIONS: more for the launcher, such as "--mca plm_rsh_agent my-ssh".
# shellcheck disable=SC2086 # several words
exec sh "$(dirname "$0")/resume_loop.sh" neuronrun ${NEURONRUN_OPTIONS-} --hostfile "$hostfile" -- \
    neuron-score --model "$model" --input "$input" --output "$output" "$@"
