/* SPDX-License-Identifier: Apache-2.0 */
#include "made_page.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counters/stamp.h"
#include "neuron/process_identity.h"

int
made_page_open(const void *bytes, size_t size_bytes, int seals)
{
    int file = memfd_create(NEURON_COUNTER_PAGE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (file >= 0 && (write(file, bytes, size_bytes) != (ssize_t)size_bytes ||
                      fcntl(file, F_ADD_SEALS, seals) != 0)) {
        (void)close(file);
        return -1;
    }
    return file;
}

void
made_page_fill(struct neuron_counter_page *page, uint32_t core_count)
{
    page->magic = neuron_counter_page_magic;
    page->version = NEURON_COUNTER_PAGE_VERSION;
    page->core_count = core_count;
    page->size_bytes = neuron_counter_core_offset(core_count);
    page->pid = getpid();
    page->start_ticks = neuron_process_start_ticks(getpid());
    page->stamp_source = NEURON_STAMP_CLOCK;
    page->device_count = 1;
    page->begin_stamp = 1;
    page->begin_ns = 1;
    memcpy(page->tag, "made", sizeof("made"));
    memcpy(page->runtime_version, "1", sizeof("1"));
}
