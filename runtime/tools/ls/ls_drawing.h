/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-ls as a drawing: packages, devices, last-level caches, and who holds each core. */
#ifndef NEURON_TOOLS_LS_DRAWING_H
#define NEURON_TOOLS_LS_DRAWING_H

#include <stdio.h>

#include "neuron/status.h"

#include "ls/ls_view.h"

/* Prints the drawing and what its signs mean. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_print_drawing(const struct neuron_ls_view *view, FILE *stream,
                        struct neuron_error *error);

#endif
