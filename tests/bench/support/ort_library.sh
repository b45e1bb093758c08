#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the path of ONNX Runtime's shared library. Its npm package is installed into the build
# folder; exits with 77 without npm, or where the package cannot be had.
set -eu
work=$NEURON_BUILD/bench/peers
mkdir -p "$work"

find_library()
{
    find "$work/node_modules" -path "*/linux/*/libonnxruntime.so.1" 2>/dev/null |
        grep "/$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/"
}

find_library && exit
command -v npm >/dev/null || exit 77
# Its install script would fetch parts for other devices: left out.
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-save --silent \
    onnxruntime-node@1.30.0 >&2 || exit 77
find_library || exit 77
