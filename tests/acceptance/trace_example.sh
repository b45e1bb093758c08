#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The trace examples build against the installed package, and print the right numbers.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example trace
cd "$work/build" || exit 1

run "twice_plus" ./twice_plus
[ "$(cat "$work/log")" = "2 * x + y = 2.5 4.25 6.125" ] || fail "$(cat "$work/log")"
run "conv_net" ./conv_net
[ "$(cat "$work/log")" = "conv(image) + 1 = 9.5" ] || fail "$(cat "$work/log")"
[ -s twice_plus.neff ] && [ -s conv_net.neff ] || fail "no NEFF files"

refuse 1 "twice_plus: " ./twice_plus no/such/folder.neff
refuse 1 "conv_net: " ./conv_net no/such/folder.neff
