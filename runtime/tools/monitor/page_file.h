/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a page of metrics, which others read and one process keeps up to date.
 *
 * What stands at the path is replaced only where it is a page (it begins with
 * neuron_metrics_page_mark) or empty, and no other process keeps it: who does has a lock on the
 * file, which lasts as long as the process. Links are not followed, and nothing else is written to
 * than a new file beside the path, which is renamed.
 */
#ifndef NEURON_TOOLS_MONITOR_PAGE_FILE_H
#define NEURON_TOOLS_MONITOR_PAGE_FILE_H

#include <stddef.h>

#include "neuron/status.h"

struct neuron_page_file {
    const char *path; /* a text of the caller's */
    int file;         /* what was written last, open and locked; -1 for nothing yet */
};

/*
 * Refuses a path that is not to be written: a link, a pipe, a device, a folder, a file of others, a
 * page that another process keeps, or one in a folder that cannot be written. Never blocks.
 *
 * Returns NEURON_INVALID_ARGUMENT, or NEURON_SYSTEM where the folder will not do.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_page_file_check(const struct neuron_page_file *page, struct neuron_error *error);

/*
 * Writes the page in one step, readable by all. What stands there is checked as above each time.
 *
 * Returns NEURON_INVALID_ARGUMENT or NEURON_SYSTEM; what was there is still there then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_page_file_write(struct neuron_page_file *page, const char *bytes, size_t size_bytes,
                       struct neuron_error *error);

/* Removes the page where it is still the one that was written last. */
void
neuron_page_file_remove(const struct neuron_page_file *page);

/* Lets others have it. */
void
neuron_page_file_close(struct neuron_page_file *page);

#endif
