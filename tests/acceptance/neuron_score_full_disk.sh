#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk without room for the output is known before anything is scored.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

"$make_model" m.neff 8 64 0 || fail "no model"
"$npy_tool" make x.npy 8192 64

# By the limit on the size of files: works everywhere.
echo old >y.npy
refuses 5 "y.npy.part needs 2097280 bytes, more than files may have here" \
    sh -c 'ulimit -f 1000 && exec "$1" --model m.neff --input x.npy --output y.npy' sh "$score"
[ "$(cat y.npy)" = old ] || fail "the earlier output was changed"
absent y.npy.part y.npy.journal y.npy.server

# By a small disk: where we may mount one.
mkdir disk
[ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null || exit 0
trap 'umount "$place/disk"; clean_up' EXIT
echo old >disk/y.npy
refuses 5 "needs 2097280 bytes, but its disk has" \
    "$score" --model m.neff --input x.npy --output disk/y.npy
[ "$(cat disk/y.npy)" = old ] || fail "the earlier output was changed"
absent disk/y.npy.part disk/y.npy.journal disk/y.npy.server
"$npy_tool" make x.npy 1024 64
expect 0 "$score" --model m.neff --input x.npy --output disk/y.npy
"$npy_tool" check disk/y.npy 1024 64 || fail "wrong output on a small disk"
