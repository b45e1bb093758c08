/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the pages of counters among the open files of a process, and checks them. */
#ifndef NEURON_COUNTERS_PAGE_FILE_H
#define NEURON_COUNTERS_PAGE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

/* A page that may be mapped: it is complete, of our version, and can neither shrink nor grow. */
struct neuron_page_file {
    size_t size_bytes;
    int descriptor; /* the finder's, to be closed */
    uint32_t core_count;
};

/*
 * Finds the pages of a process.
 *
 * files  receives up to `limit` of them, which the caller closes, also after a failure.
 * count  receives how many.
 *
 * Returns as neuron_counter_readers_open(); pages that are being made are left out.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_page_files_find(pid_t pid, struct neuron_page_file *files, uint32_t limit, uint32_t *count,
                       struct neuron_error *error);

#endif
