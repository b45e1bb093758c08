/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the drawing: some cores that follow each other, of one last-level cache. */
#ifndef NEURON_TOOLS_LS_ROW_H
#define NEURON_TOOLS_LS_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "ls/ls_view.h"

enum { NEURON_LS_LABEL_BYTES = 64 };

struct neuron_ls_row {
    uint32_t first;
    uint32_t count;
    bool is_package_begin; /* its first core is the first of a package, a device, a cache */
    bool is_device_begin;
    bool is_l3_begin;
    char l3[NEURON_LS_LABEL_BYTES];    /* "L3 32.0 MiB"; empty but at the beginning of one */
    char cores[NEURON_LS_LABEL_BYTES]; /* "cores 0-7" */
    char cpus[NEURON_LS_LABEL_BYTES];  /* "CPUs 0-7,64-71" */
};

/*
 * Makes the row that begins with a core.
 *
 * limit  cores that it has at most; it ends with the cache, the device or the package, too.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_row_make(const struct neuron_ls_view *view, uint32_t first, uint32_t limit,
                   struct neuron_ls_row *row, struct neuron_error *error);

#endif
