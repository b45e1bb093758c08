/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of counters that no runtime made. */
#ifndef NEURON_TESTS_MADE_PAGE_H
#define NEURON_TESTS_MADE_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "counters/counter_page.h"

/* Opens a file in memory of this process, by the name of a page, that holds these bytes. Returns
   its descriptor, which the caller closes; -1 where the system gives none. */
int
made_page_open(const void *bytes, size_t size_bytes, int seals);

/* Writes over the header of a page what a runtime of this process with so many cores would. */
void
made_page_fill(struct neuron_counter_page *page, uint32_t core_count);

#endif
