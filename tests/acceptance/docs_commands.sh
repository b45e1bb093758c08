#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command in a block of README.md, CONTRIBUTING.md, docs/ and examples/ does what it says, or its
# page says why it is not run here. Pages by hand: sh tests/acceptance/docs_commands.sh docs/onnx.md
set -u
NEURON_SOURCE=${NEURON_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
NEURON_BUILD=${NEURON_BUILD:-$NEURON_SOURCE/build/release}
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"
if [ ! -x "$NEURON_BUILD/examples/digits/digits-draw" ]; then
    echo "skipped: the examples are not built; sh cmake/build_release.sh does"
    exit 77
fi

run "install" cmake --install "$NEURON_BUILD" --prefix "$work/stage"
/usr/bin/python3 -B "$NEURON_SOURCE/tests/docs/run_pages.py" \
    "$NEURON_SOURCE" "$NEURON_BUILD" "$work/stage" "$work/pages" "$@"
