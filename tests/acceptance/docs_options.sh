#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs and options that pages and manuals name are there, manuals have every option of the help,
# and links lead to files and headings.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

status=0
run "install" cmake --install "$NEURON_BUILD" --prefix "$work/stage"
/usr/bin/python3 -B "$NEURON_SOURCE/tests/docs/check_options.py" \
    "$NEURON_SOURCE" "$work/stage" "$work" || status=1
/usr/bin/python3 -B "$NEURON_SOURCE/tests/docs/check_links.py" "$NEURON_SOURCE" || status=1
exit $status
