/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_set.h"

#include <stdlib.h>
#include <string.h>

/* Behind the last row; rows that have no number are left out. */
static uint64_t
end_of(struct neuron_row_range rows)
{
    uint64_t end = 0;

    return __builtin_add_overflow(rows.first, rows.count, &end) ? UINT64_MAX : end;
}

/* How many ranges end before `row`; one that ends at it touches it, and is not counted. */
static size_t
find_touching(const struct neuron_row_set *set, uint64_t row)
{
    size_t low = 0;
    size_t high = set->range_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (end_of(set->ranges[middle]) < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first range that holds `row`, or starts behind it. */
static size_t
find_behind(const struct neuron_row_set *set, uint64_t row)
{
    size_t at = find_touching(set, row);

    return at < set->range_count && end_of(set->ranges[at]) == row ? at + 1 : at;
}

/* Puts ranges in the place of `old_count` others. There is room. */
static void
replace(struct neuron_row_set *set, size_t at, size_t old_count,
        const struct neuron_row_range *ranges, size_t count)
{
    size_t behind = set->range_count - at - old_count;

    if (behind > 0 && count != old_count) {
        memmove(set->ranges + at + count, set->ranges + at + old_count,
                behind * sizeof(*set->ranges));
    }
    for (size_t i = 0; i < count; i += 1) {
        set->ranges[at + i] = ranges[i];
    }
    set->range_count = at + count + behind;
}

/* Makes room for one more range. */
static enum neuron_status
reserve(struct neuron_row_set *set, struct neuron_error *error)
{
    if (set->range_count < set->range_limit) {
        return NEURON_OK;
    }
    size_t limit = set->range_limit == 0 ? 8 : set->range_limit * 2;
    struct neuron_row_range *ranges = reallocarray(set->ranges, limit, sizeof(*ranges));
    if (ranges == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a set of rows");
    }
    set->ranges = ranges;
    set->range_limit = limit;
    return NEURON_OK;
}

enum neuron_status
neuron_row_set_add(struct neuron_row_set *set, struct neuron_row_range rows, uint64_t *added,
                   struct neuron_error *error)
{
    uint64_t first = rows.first;
    uint64_t end = end_of(rows);
    uint64_t before = 0;
    size_t at = find_touching(set, first);
    size_t next = at;

    enum neuron_status status = reserve(set, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (; first < end && next < set->range_count && set->ranges[next].first <= end; next += 1) {
        struct neuron_row_range old = set->ranges[next];

        before += old.count;
        rows.first = old.first < rows.first ? old.first : rows.first;
        end = end_of(old) > end ? end_of(old) : end;
    }
    uint64_t news = 0;
    if (first < end) {
        rows.count = end - rows.first;
        news = rows.count - before;
        replace(set, at, next - at, &rows, 1);
        set->row_count += news;
    }
    if (added != NULL) {
        *added = news;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_row_set_remove(struct neuron_row_set *set, struct neuron_row_range rows,
                      struct neuron_error *error)
{
    uint64_t end = end_of(rows);
    size_t at = find_behind(set, rows.first);
    size_t next = at;
    struct neuron_row_range rest[2];
    size_t rest_count = 0;

    enum neuron_status status = reserve(set, error);
    if (status != NEURON_OK || rows.first >= end) {
        return status;
    }
    for (; next < set->range_count && set->ranges[next].first < end; next += 1) {
        struct neuron_row_range old = set->ranges[next];

        set->row_count -= old.count;
        if (old.first < rows.first) {
            rest[rest_count] =
                (struct neuron_row_range){.first = old.first, .count = rows.first - old.first};
            set->row_count += rest[rest_count].count;
            rest_count += 1;
        }
        if (end_of(old) > end) {
            rest[rest_count] = (struct neuron_row_range){.first = end, .count = end_of(old) - end};
            set->row_count += rest[rest_count].count;
            rest_count += 1;
        }
    }
    replace(set, at, next - at, rest, rest_count);
    return NEURON_OK;
}

uint64_t
neuron_row_set_count_in(const struct neuron_row_set *set, struct neuron_row_range rows)
{
    uint64_t end = end_of(rows);
    uint64_t count = 0;

    for (size_t i = find_behind(set, rows.first);
         i < set->range_count && set->ranges[i].first < end; i += 1) {
        uint64_t first = set->ranges[i].first;
        uint64_t last_end = end_of(set->ranges[i]);

        first = first < rows.first ? rows.first : first;
        count += (last_end < end ? last_end : end) - first;
    }
    return count;
}

bool
neuron_row_set_next(const struct neuron_row_set *set, uint64_t from, struct neuron_row_range *rows)
{
    size_t at = find_behind(set, from);

    if (at >= set->range_count) {
        return false;
    }
    uint64_t end = end_of(set->ranges[at]);
    rows->first = set->ranges[at].first < from ? from : set->ranges[at].first;
    rows->count = end - rows->first;
    return true;
}

bool
neuron_row_set_next_gap(const struct neuron_row_set *set, uint64_t from, uint64_t end,
                        struct neuron_row_range *rows)
{
    size_t at = find_behind(set, from);

    if (at < set->range_count && set->ranges[at].first <= from) {
        from = end_of(set->ranges[at]);
        at += 1;
    }
    if (from >= end) {
        return false;
    }
    rows->first = from;
    if (at < set->range_count && set->ranges[at].first < end) {
        end = set->ranges[at].first;
    }
    rows->count = end - from;
    return true;
}

void
neuron_row_set_destroy(struct neuron_row_set *set)
{
    free(set->ranges);
    *set = (struct neuron_row_set){0};
}
