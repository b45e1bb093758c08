/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a mapped file that this process does not need any more. */
#ifndef NEURON_MEMORY_FILE_PAGES_H
#define NEURON_MEMORY_FILE_PAGES_H

#include <stddef.h>

/* The mapping of a file, which nobody writes to. Zeroed where there is none. */
struct neuron_file_mapping {
    void *address;
    size_t size_bytes;
};

/*
 * Takes the pages that lie whole inside of some bytes out of this process's memory. The file stays
 * in the page cache, so whoever reads the bytes again finds them there; bytes that are not in the
 * mapping are left alone.
 *
 * Any thread, also while others read the bytes.
 */
void
neuron_file_pages_release(const struct neuron_file_mapping *mapping, const void *bytes,
                          size_t size_bytes);

#endif
