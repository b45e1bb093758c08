/* SPDX-License-Identifier: Apache-2.0 */
#include "rank_order.h"

#include <stdlib.h>

struct entry {
    struct neuron_placement_range range;
    uint32_t object;
    uint32_t index; /* in the order of the ranges */
    uint32_t round; /* how many of the same object come before */
};

static int
compare(uint32_t left, uint32_t right)
{
    return (left > right) - (left < right);
}

static int
compare_by_object(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = compare(a->object, b->object);

    return order != 0 ? order : compare(a->index, b->index);
}

static int
compare_by_round(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = compare(a->round, b->round);

    return order != 0 ? order : compare(a->object, b->object);
}

enum neuron_status
neuron_rank_order_apply(const uint32_t *turns, struct neuron_placement_range *ranges,
                        uint32_t range_count, struct neuron_error *error)
{
    struct entry *entries = calloc(range_count, sizeof(*entries));

    if (entries == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for numbering %u ranks",
                           range_count);
    }
    for (uint32_t i = 0; i < range_count; i += 1) {
        entries[i] =
            (struct entry){.range = ranges[i], .object = turns[ranges[i].first], .index = i};
    }
    qsort(entries, range_count, sizeof(*entries), compare_by_object);
    for (uint32_t i = 1; i < range_count; i += 1) {
        if (entries[i].object == entries[i - 1].object) {
            entries[i].round = entries[i - 1].round + 1;
        }
    }
    qsort(entries, range_count, sizeof(*entries), compare_by_round);
    for (uint32_t i = 0; i < range_count; i += 1) {
        ranges[i] = entries[i].range;
    }
    free(entries);
    return NEURON_OK;
}
