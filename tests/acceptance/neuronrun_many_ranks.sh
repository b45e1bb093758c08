#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ranks that end before anybody looks: no launch waits for ever.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

launch=0
while [ $launch -lt 20 ]; do
    expect 0 timeout 20 "$neuronrun" -np 64 --oversubscribe true
    launch=$((launch + 1))
done
# More ranks than descriptors are usual; each keeps the limit that we had.
# shellcheck disable=SC3045 # dash has it
ulimit -Sn 256
expect 0 "$neuronrun" -np 150 --oversubscribe -- sh -c 'ulimit -n'
[ "$(sort -u "$folder/out")" = 256 ] || fail "limits: $(sort -u "$folder/out")"
expect_lines out 150
