/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-ls as tables: the devices, then who holds which cores. */
#ifndef NEURON_TOOLS_LS_TABLES_H
#define NEURON_TOOLS_LS_TABLES_H

#include <stdio.h>

#include "neuron/status.h"

#include "ls/ls_view.h"

/* Prints the devices. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_print_devices(const struct neuron_ls_view *view, FILE *stream,
                        struct neuron_error *error);

/* Prints who holds which cores, and which are free; those inside a lease below it, indented.
   Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_print_leases(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error);

/* Prints what else is to be known: cores that this process may not use, a CPU quota, and in the
   wide form counters that cannot be read. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_print_notes(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error);

#endif
