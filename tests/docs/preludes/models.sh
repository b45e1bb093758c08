# shellcheck shell=sh disable=SC2154 # run_pages.py gives the source's folder
# SPDX-License-Identifier: Apache-2.0
# Small networks and arrays by the names that the pages use.
/usr/bin/python3 -B "$NEURON_DOCS_SOURCE/tests/docs/sample_files.py"
