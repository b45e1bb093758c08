/* SPDX-License-Identifier: Apache-2.0 */
#include "score/failure_list.h"

#include <stdlib.h>

enum neuron_status
neuron_failure_list_add(struct neuron_failure_list *list, const struct neuron_row_failure *failure,
                        struct neuron_error *error)
{
    if (list->count == list->limit) {
        size_t limit = list->limit == 0 ? 16 : 2 * list->limit;
        struct neuron_row_failure *grown = reallocarray(list->items, limit, sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu rows that failed",
                               limit);
        }
        list->items = grown;
        list->limit = limit;
    }
    list->items[list->count] = *failure;
    list->count += 1;
    return NEURON_OK;
}

/* By rows, then by stages. */
static int
compare(const void *left, const void *right)
{
    const struct neuron_row_failure *a = left;
    const struct neuron_row_failure *b = right;

    if (a->row != b->row) {
        return a->row < b->row ? -1 : 1;
    }
    return a->stage < b->stage ? -1 : a->stage > b->stage ? 1 : 0;
}

void
neuron_failure_list_sort(struct neuron_failure_list *list)
{
    size_t kept = 0;

    if (list->count == 0) {
        return;
    }
    qsort(list->items, list->count, sizeof(*list->items), compare);
    for (size_t i = 1; i < list->count; i += 1) {
        if (list->items[i].row != list->items[kept].row) {
            kept += 1;
            list->items[kept] = list->items[i];
        }
    }
    list->count = kept + 1;
}

void
neuron_failure_list_destroy(struct neuron_failure_list *list)
{
    free(list->items);
    *list = (struct neuron_failure_list){0};
}
