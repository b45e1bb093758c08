/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/process_mark.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* Lies at the start of a page of its own. A child sees zeros. */
struct neuron_process_mark {
    bool is_set;
    bool is_kept; /* the kernel, older than 4.14, does not empty the page: the pid has to do */
    pid_t pid;
};

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

enum neuron_status
neuron_process_mark_create(struct neuron_process_mark **mark, struct neuron_error *error)
{
    struct neuron_process_mark *created =
        mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (created == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the mark of a process");
    }
    created->is_kept = madvise(created, page_bytes(), MADV_WIPEONFORK) != 0;
    created->pid = getpid();
    created->is_set = true;
    *mark = created;
    return NEURON_OK;
}

bool
neuron_process_mark_is_own(const struct neuron_process_mark *mark)
{
    return mark->is_set && (!mark->is_kept || mark->pid == getpid());
}

void
neuron_process_mark_destroy(struct neuron_process_mark *mark)
{
    if (mark != NULL) {
        (void)munmap(mark, page_bytes());
    }
}
