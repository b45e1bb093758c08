#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole way once, on a fresh Debian 12: sets the machine up, builds and installs the project,
# builds the digits example against the installed copy, compiles its model, and scores drawn digits
# with it on several cores. From any folder; safe to run again. Everything lands in build/demo.
set -eu
cd "$(dirname "$0")/.."
rows=20000
at_least=0.95

doing="the build"
trap '[ $? -eq 0 ] || echo "examples/demo.sh: failed at: $doing; see above"' EXIT

# Says what comes, and names it should it fail.
begin()
{
    doing=$1
    printf '\n== %s\n' "$1"
}

# Shows a command as one would type it, and runs it.
run()
{
    printf '$ %s\n' "$*"
    "$@"
}

begin "set up the machine"
sh cmake/debian_packages.sh

begin "build and install (build/demo.log)"
mkdir -p build
sh cmake/build_release.sh >build/demo.log 2>&1 || { cat build/demo.log; exit 1; }

PATH=$PWD/build/stage/bin:$PWD/build/release/examples/digits:$PATH
weights=$PWD/examples/digits/digits.weights
mkdir -p build/demo
cd build/demo
rm -f images.npy labels.npy digits.neff scores.npy score.log

begin "draw $rows digits, as nobody drew them before"
run digits-draw --rows "$rows" --seed 2026 --images images.npy --labels labels.npy

begin "compile the trained model for one core"
run digits-compile --weights "$weights" --output digits.neff --batch 64

begin "score every image, on a range of cores for each of the workers"
# Two workers where the machine has the cores for them, with equal shares where that is possible.
for share in "-np 2" "-np 2 --uneven" "-np 1"; do
    # shellcheck disable=SC2086 # one or two options
    if neuronrun $share --dry-run -- true >plan.log 2>&1; then
        break
    fi
done
printf '$ neuronrun %s --dry-run -- true\n' "$share"
cat plan.log
# shellcheck disable=SC2086
run neuronrun $share -- neuron-score --model digits.neff --input images.npy --output scores.npy \
    >score.log || { cat score.log; exit 1; }
cat score.log

begin "compare with the digits that were meant"
run digits-check --scores scores.npy --labels labels.npy --at-least "$at_least" >check.log ||
    { cat check.log; exit 1; }
cat check.log

accuracy=$(sed -n 's/.*accuracy \([0-9.]*\).*/\1/p' check.log)
speed=$(sed -n 's/.*, \([0-9]* rows\/s on [0-9]* cores*\) (.*/\1/p' score.log)
printf '\nexamples/demo.sh: %s digits scored, accuracy %s, %s\n' "$rows" "$accuracy" "$speed"
