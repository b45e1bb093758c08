#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares with ONNX Runtime, on one core: the whole models of tests/conformance, full size, or
# those that are named. Its npm package is installed into the build folder; without npm, or where
# the package cannot be had, the benchmark is skipped.
set -eu
work=$NEURON_BUILD/bench/onnx_runtime
conformance=$NEURON_SOURCE/tests/conformance
mkdir -p "$work/scratch"
trap 'rm -rf "$work/models"' EXIT # some 500 MB

# Its install script would fetch parts for other devices: left out.
command -v npm >/dev/null || exit 77
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-save --silent \
    onnxruntime-node@1.30.0 >&2 || exit 77

# Both run on the first core that this process may use; a second one changes nothing.
core=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)

[ $# -gt 0 ] ||
    set -- resnet50 mobilenet_v2 bert_base lstm_tagger dlrm tree_regressor tree_classifier
for name in "$@"; do
    /usr/bin/python3 -B "$conformance/models.py" --full "$name" "$work/models"
    NODE_PATH=$work/node_modules taskset -c "$core" \
        node "$NEURON_SOURCE/tests/bench/onnx_runtime.js" "$name" "$work/models/$name" \
        "$NEURON_BUILD/tests/bench/model_server" "$work/scratch"
    rm -rf "$work/models"
done
