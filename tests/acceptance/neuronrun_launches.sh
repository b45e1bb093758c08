#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Launches of ranks that end at once: none hangs, none has another exit code. NEURON_TEST_LAUNCHES
# says how many.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

launches=${NEURON_TEST_LAUNCHES:-50}
launch=0
while [ "$launch" -lt "$launches" ]; do
    expect 0 timeout 20 "$neuronrun" -np 64 --oversubscribe true
    expect_lines err 0
    launch=$((launch + 1))
done
none_marked || fail 'processes are left'
echo "$launches launches of 64 ranks"
