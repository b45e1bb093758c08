#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables of variables, statuses, exit codes, operators and folders say what the code says.
set -eu
/usr/bin/python3 -B "$NEURON_SOURCE/tests/docs/check_tables.py" "$NEURON_SOURCE"
