/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/file_pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void
neuron_file_pages_release(const struct neuron_file_mapping *mapping, const void *bytes,
                          size_t size_bytes)
{
    uintptr_t start = (uintptr_t)bytes;
    size_t offset = start - (uintptr_t)mapping->address; /* huge for bytes before the mapping */
    uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t lead = (page_bytes - start % page_bytes) % page_bytes;

    /* Anonymous memory would be zero afterwards: never anything that is not the file's. */
    if (mapping->address == NULL || offset > mapping->size_bytes ||
        size_bytes > mapping->size_bytes - offset || size_bytes < lead) {
        return;
    }
    size_t whole_bytes = (size_bytes - lead) / page_bytes * page_bytes;
    if (whole_bytes > 0) {
        /* Whatever the kernel answers, the bytes read the same. */
        (void)madvise((unsigned char *)mapping->address + offset + lead, whole_bytes,
                      MADV_DONTNEED);
    }
}
