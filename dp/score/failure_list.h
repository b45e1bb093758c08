/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that were given up, as they are found. */
#ifndef NEURON_SCORE_FAILURE_LIST_H
#define NEURON_SCORE_FAILURE_LIST_H

#include <stddef.h>

#include "neuron/status.h"
#include "score/journal.h"

/* Zeroed it is empty. */
struct neuron_failure_list {
    struct neuron_row_failure *items;
    size_t count;
    size_t limit;
};

/* Adds one at the end. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_failure_list_add(struct neuron_failure_list *list, const struct neuron_row_failure *failure,
                        struct neuron_error *error);

/* Puts them in the order of their rows; of several for one row that of the earliest stage stays. */
void
neuron_failure_list_sort(struct neuron_failure_list *list);

/* Frees what it holds. Accepts a zeroed one. */
void
neuron_failure_list_destroy(struct neuron_failure_list *list);

#endif
