#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares with ONNX Runtime on one core and on two: the whole models of tests/conformance, full
# size, or those that are named as peers.js names them. Where its npm package cannot be had, the
# benchmark is skipped.
set -eu
command -v node >/dev/null || exit 77
library=$(sh "$NEURON_SOURCE/tests/bench/support/ort_library.sh") || exit
work=$NEURON_BUILD/bench/peers
trap 'rm -rf "$work/model"' EXIT # up to 1 GB

node "$NEURON_SOURCE/tests/bench/peers.js" "$library" "$work/model" "$@"
