# shellcheck shell=sh disable=SC2154 # run_pages.py gives the source's folder
# SPDX-License-Identifier: Apache-2.0
# The package in ~/neuron, and a program for nrt.h.
[ -e "$HOME/neuron" ] || ln -s "$PWD/build/stage" "$HOME/neuron"
cp "$NEURON_DOCS_SOURCE/examples/nrt/run_neff.c" my_program.c
