/* SPDX-License-Identifier: Apache-2.0 */
#include "score/done_list.h"

#include <stdlib.h>

enum neuron_status
neuron_done_list_add(struct neuron_done_list *list, struct neuron_lease_message *message,
                     struct neuron_error *error)
{
    if (list->count == list->limit) {
        size_t limit = list->limit == 0 ? 16 : 2 * list->limit;
        struct neuron_lease_message *grown = reallocarray(list->items, limit, sizeof(*grown));

        if (grown == NULL) {
            neuron_lease_message_destroy(message);
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu leases", limit);
        }
        list->items = grown;
        list->limit = limit;
    }
    list->items[list->count] = *message;
    list->count += 1;
    return NEURON_OK;
}

void
neuron_done_list_clear(struct neuron_done_list *list)
{
    for (size_t i = 0; i < list->count; i += 1) {
        neuron_lease_message_destroy(&list->items[i]);
    }
    list->count = 0;
}

void
neuron_done_list_destroy(struct neuron_done_list *list)
{
    neuron_done_list_clear(list);
    free(list->items);
    *list = (struct neuron_done_list){0};
}
