#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares with ONNX Runtime on one core and on two: the whole models of tests/conformance, full
# size, or those that are named as peers.js names them. Its npm package is installed into the build
# folder; without npm, or where the package cannot be had, the benchmark is skipped.
set -eu
work=$NEURON_BUILD/bench/peers
mkdir -p "$work"
trap 'rm -rf "$work/model"' EXIT # up to 1 GB

# Its install script would fetch parts for other devices: left out.
command -v npm >/dev/null || exit 77
library=$(find "$work/node_modules" -path "*/linux/*/libonnxruntime.so.1" 2>/dev/null |
    grep "/$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/") || {
    npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-save --silent \
        onnxruntime-node@1.30.0 >&2 || exit 77
    library=$(find "$work/node_modules" -path "*/linux/*/libonnxruntime.so.1" |
        grep "/$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/") || exit 77
}

node "$NEURON_SOURCE/tests/bench/peers.js" "$library" "$work/model" "$@"
