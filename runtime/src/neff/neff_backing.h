/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of a model from memory lie for as long as it lives. */
#ifndef NEURON_NEFF_NEFF_BACKING_H
#define NEURON_NEFF_NEFF_BACKING_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/status.h"

/* Read-only memory of its own. */
struct neuron_neff_backing {
    void *mapping; /* whole pages; whoever asked for it unmaps it */
    size_t mapping_bytes;
    const unsigned char *bytes; /* the model in it, aligned for its constants */
    bool is_file_backed;        /* else an anonymous copy */
};

/*
 * Gives bytes a place that does not depend on the caller's: where they are a piece of a file that
 * is mapped, that piece is mapped again, so that processes share it; else they are copied.
 *
 * A second mapping is made only when the file is found again under the name that the kernel has for
 * it, the piece holds the same bytes, they are aligned, and the caller cannot write to the file
 * through his memory. Whatever stands in the way of it leads to a copy, never to a failure. Like
 * any mapped file, the file is then not to be changed in place while the model lives.
 *
 * bytes    not NULL, and `size_bytes`, at least 1, of them.
 * backing  unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY when there is none for a copy, with what is to follow the name of
 * the file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_backing_create(const void *bytes, size_t size_bytes,
                           struct neuron_neff_backing *backing, struct neuron_error *error);

#endif
