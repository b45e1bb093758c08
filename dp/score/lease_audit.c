/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_audit.h"

#include <stdlib.h>
#include <string.h>

#include "score/growing_list.h"

bool
neuron_audit_is_chosen(const struct neuron_lease_rules *rules, struct neuron_row_range rows)
{
    /* SplitMix64: what is chosen hangs on the seed and the rows alone. */
    uint64_t mixed = rules->seed + (rows.first + 1) * UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    mixed ^= mixed >> 31;
    return mixed % 1000000 < rules->audit_ppm;
}

bool
neuron_audit_queue_push(struct neuron_audit_queue *queue, const struct neuron_audit_due *due)
{
    if (queue->first > 64 && queue->first > queue->end / 2) {
        queue->end -= queue->first;
        memmove(queue->items, queue->items + queue->first, queue->end * sizeof(*queue->items));
        queue->first = 0;
    }
    struct neuron_audit_due *items =
        neuron_list_reserve(queue->items, queue->end, 1, &queue->limit, sizeof(*items));
    if (items == NULL) {
        return false;
    }
    queue->items = items;
    items[queue->end] = *due;
    queue->end += 1;
    return true;
}

size_t
neuron_audit_queue_count(const struct neuron_audit_queue *queue)
{
    return queue->end - queue->first;
}

bool
neuron_audit_queue_take_of_others(struct neuron_audit_queue *queue, uint32_t rank, size_t most,
                                  struct neuron_audit_due *due)
{
    for (size_t i = queue->first; i < queue->end && i - queue->first < most; i += 1) {
        if (queue->items[i].rank != rank) {
            *due = queue->items[i];
            queue->items[i] = queue->items[queue->first];
            queue->first += 1;
            return true;
        }
    }
    return false;
}

bool
neuron_audit_queue_take_any(struct neuron_audit_queue *queue, struct neuron_audit_due *due)
{
    if (queue->first == queue->end) {
        return false;
    }
    *due = queue->items[queue->first];
    queue->first += 1;
    return true;
}

void
neuron_audit_queue_destroy(struct neuron_audit_queue *queue)
{
    free(queue->items);
    *queue = (struct neuron_audit_queue){0};
}
