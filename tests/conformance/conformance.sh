#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes conformance cases and runs them:
#
#   sh tests/conformance/conformance.sh nodes [PREFIX]   the node tests of ONNX's collection
#   sh tests/conformance/conformance.sh model NAME       one whole model
#
# CTest gives the folder of the built programs in NEURON_BUILD; else it is build/release. Cases and
# reports go to its folder conformance: passed.txt, failed.txt and skipped.txt, which has the reason
# of each case. Python is Debian's, because the collection is that of Debian's python3-onnx.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
build=${NEURON_BUILD:-$(dirname "$(dirname "$source")")/build/release}
reports=$build/conformance
runner=$build/tests/conformance/conformance

[ $# -ge 2 ] || [ "${1-}" != model ] || set --
case "${1-}" in
nodes)
    /usr/bin/python3 -B "$source/generate.py" "$reports"
    exec "$runner" "$reports/node" "$reports" "${2-}"
    ;;
model)
    /usr/bin/python3 -B "$source/models.py" "$2" "$reports/model/$2"
    exec "$runner" "$reports/model/$2" "$reports/model/$2" "$2"
    ;;
*)
    echo "usage: conformance.sh nodes [PREFIX] | model NAME" >&2
    exit 2
    ;;
esac
