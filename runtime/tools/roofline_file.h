/* SPDX-License-Identifier: Apache-2.0 */
/* Where the limits of this machine's cores are kept from one run to the next. */
#ifndef NEURON_TOOLS_ROOFLINE_FILE_H
#define NEURON_TOOLS_ROOFLINE_FILE_H

#include <stdbool.h>

#include "roofline.h"

/*
 * Reads the file. One that is not there, is damaged, or was measured on another processor is as
 * good as none.
 *
 * roofline  unchanged where there is none.
 */
bool
neuron_roofline_load(const char *path, const struct neuron_cpu *cpu,
                     struct neuron_roofline *roofline);

/*
 * Writes the file, and makes the folders above it. It appears whole or not at all.
 *
 * Returns NEURON_SYSTEM, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_roofline_save(const struct neuron_roofline *roofline, const struct neuron_cpu *cpu,
                     const char *path, struct neuron_error *error);

#endif
