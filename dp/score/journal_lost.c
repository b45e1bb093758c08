/* SPDX-License-Identifier: Apache-2.0 */
#include "score/journal_lost.h"

#include <stdlib.h>

#include "score/growing_list.h"

/* A row at which leases begin or end. */
struct border {
    uint64_t row;
    int64_t change; /* of the number of leases, from this row on */
};

struct borders {
    struct border *items;
    size_t count;
};

static int
compare_borders(const void *one, const void *other)
{
    const struct border *left = one;
    const struct border *right = other;

    if (left->row != right->row) {
        return left->row < right->row ? -1 : 1;
    }
    return 0;
}

/* The borders of all leases that have rows left, in ascending order. */
static bool
collect_borders(const struct neuron_lease_line *leases, size_t lease_count,
                const struct neuron_row_set *done, struct borders *borders)
{
    size_t limit = 0;

    for (size_t i = 0; i < lease_count; i += 1) {
        struct neuron_row_range rows = leases[i].rows;
        int64_t change = leases[i].is_given_back ? -1 : 1;

        if (neuron_row_set_count_in(done, rows) == rows.count) {
            continue;
        }
        struct border *items =
            neuron_list_reserve(borders->items, borders->count, 2, &limit, sizeof(*items));
        if (items == NULL) {
            return false;
        }
        borders->items = items;
        items[borders->count] = (struct border){.row = rows.first, .change = change};
        items[borders->count + 1] =
            (struct border){.row = rows.first + rows.count, .change = -change};
        borders->count += 2;
    }
    if (borders->count > 0) {
        qsort(borders->items, borders->count, sizeof(*borders->items), compare_borders);
    }
    return true;
}

static bool
add_range(struct neuron_lost_rows *lost, struct neuron_row_range rows, uint32_t count)
{
    struct neuron_row_range *ranges =
        neuron_list_reserve(lost->ranges, lost->count, 1, &lost->range_limit, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    lost->ranges = ranges;
    uint32_t *counts =
        neuron_list_reserve(lost->counts, lost->count, 1, &lost->count_limit, sizeof(*counts));
    if (counts == NULL) {
        return false;
    }
    lost->counts = counts;
    ranges[lost->count] = rows;
    counts[lost->count] = count;
    lost->count += 1;
    return true;
}

/* Adds what is not done of the rows between two borders. */
static bool
add_rest(struct neuron_lost_rows *lost, const struct neuron_row_set *done, uint64_t first,
         uint64_t end, uint32_t count)
{
    struct neuron_row_range rows = {0};

    while (first < end && neuron_row_set_next_gap(done, first, end, &rows)) {
        if (!add_range(lost, rows, count)) {
            return false;
        }
        first = rows.first + rows.count;
    }
    return true;
}

enum neuron_status
neuron_lost_rows_find(const struct neuron_lease_line *leases, size_t lease_count,
                      const struct neuron_row_set *done, struct neuron_lost_rows *lost,
                      struct neuron_error *error)
{
    struct borders borders = {0};
    int64_t depth = 0;

    bool is_found = collect_borders(leases, lease_count, done, &borders);
    for (size_t i = 0; is_found && i + 1 < borders.count; i += 1) {
        const struct border *border = &borders.items[i];

        depth += border->change;
        if (depth > 0 && border[1].row > border->row) {
            is_found = add_rest(lost, done, border->row, border[1].row,
                                depth < UINT32_MAX ? (uint32_t)depth : UINT32_MAX);
        }
    }
    free(borders.items);
    if (!is_found) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the journal");
    }
    return NEURON_OK;
}

void
neuron_lost_rows_destroy(struct neuron_lost_rows *lost)
{
    free(lost->ranges);
    free(lost->counts);
    *lost = (struct neuron_lost_rows){0};
}
