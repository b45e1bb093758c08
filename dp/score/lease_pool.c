/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_pool.h"

#include <stdlib.h>

#include "score/growing_list.h"

static uint64_t
least_of(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* Those of the rows that lie below `end`. */
static struct neuron_row_range
cut(struct neuron_row_range rows, uint64_t end)
{
    rows.count = least_of(rows.count, end - rows.first);
    return rows;
}

bool
neuron_lease_pool_take(struct neuron_lease_pool *pool, struct neuron_row_range within,
                       uint64_t most, struct neuron_row_range *rows)
{
    struct neuron_row_range found = {0};
    uint64_t end = within.first + within.count;

    if (!neuron_row_set_next(&pool->free, within.first, &found) || found.first >= end) {
        return false;
    }
    found = cut(found, end);
    found.count = least_of(found.count, most);
    if (neuron_row_set_remove(&pool->free, found, NULL) != NEURON_OK) {
        return false;
    }
    *rows = found;
    return true;
}

bool
neuron_lease_pool_take_suspect(struct neuron_lease_pool *pool, uint64_t most,
                               struct neuron_row_range *rows)
{
    if (pool->suspect_count == 0) {
        return false;
    }
    struct neuron_row_range *last = &pool->suspects[pool->suspect_count - 1];
    *rows = *last;
    rows->count = least_of(rows->count, most);
    last->first += rows->count;
    last->count -= rows->count;
    if (last->count == 0) {
        pool->suspect_count -= 1;
    }
    return true;
}

static enum neuron_status
push_suspect(struct neuron_lease_pool *pool, struct neuron_row_range rows,
             struct neuron_error *error)
{
    struct neuron_row_range *suspects = neuron_list_reserve(
        pool->suspects, pool->suspect_count, 1, &pool->suspect_limit, sizeof(*suspects));

    if (suspects == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the leases of the job");
    }
    pool->suspects = suspects;
    suspects[pool->suspect_count] = rows;
    pool->suspect_count += 1;
    return NEURON_OK;
}

/* Rows that were lost before become suspect, the others free. */
static enum neuron_status
put_lost(struct neuron_lease_pool *pool, struct neuron_row_range rows, struct neuron_error *error)
{
    uint64_t end = rows.first + rows.count;
    struct neuron_row_range part = {0};

    while (neuron_row_set_next(&pool->lost, rows.first, &part) && part.first < end) {
        part = cut(part, end);
        struct neuron_row_range before = {.first = rows.first, .count = part.first - rows.first};
        enum neuron_status status = neuron_row_set_add(&pool->free, before, NULL, error);
        if (status == NEURON_OK) {
            status = push_suspect(pool, part, error);
        }
        if (status != NEURON_OK) {
            return status;
        }
        rows.first = part.first + part.count;
    }
    rows.count = end - rows.first;
    return neuron_row_set_add(&pool->free, rows, NULL, error);
}

enum neuron_status
neuron_lease_pool_put(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                      enum neuron_pool_return why, struct neuron_error *error)
{
    if (why == NEURON_POOL_SUSPECT) {
        return push_suspect(pool, rows, error);
    }
    if (why == NEURON_POOL_UNUSED) {
        return neuron_row_set_add(&pool->free, rows, NULL, error);
    }
    enum neuron_status status = put_lost(pool, rows, error);
    if (status == NEURON_OK) {
        status = neuron_lease_pool_note_loss(pool, rows, error);
    }
    return status;
}

enum neuron_status
neuron_lease_pool_note_loss(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                            struct neuron_error *error)
{
    return neuron_row_set_add(&pool->lost, rows, NULL, error);
}

enum neuron_status
neuron_lease_pool_suspect(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                          struct neuron_error *error)
{
    uint64_t end = rows.first + rows.count;
    uint64_t from = rows.first;
    struct neuron_row_range part = {0};

    enum neuron_status status = neuron_lease_pool_note_loss(pool, rows, error);
    while (status == NEURON_OK && neuron_row_set_next(&pool->free, from, &part) &&
           part.first < end) {
        part = cut(part, end);
        from = part.first + part.count;
        status = neuron_row_set_remove(&pool->free, part, error);
        if (status == NEURON_OK) {
            status = push_suspect(pool, part, error);
        }
    }
    return status;
}

/* Takes rows out of one suspect range, which may leave two; the first one stays in its place. */
static enum neuron_status
remove_from_suspect(struct neuron_lease_pool *pool, size_t at, struct neuron_row_range rows,
                    uint64_t *removed, struct neuron_error *error)
{
    struct neuron_row_range old = pool->suspects[at];
    uint64_t old_end = old.first + old.count;
    uint64_t end = rows.first + rows.count;
    uint64_t first = rows.first > old.first ? rows.first : old.first;

    end = least_of(end, old_end);
    if (first >= end) {
        return NEURON_OK;
    }
    if (end < old_end) {
        enum neuron_status status = push_suspect(
            pool, (struct neuron_row_range){.first = end, .count = old_end - end}, error);
        if (status != NEURON_OK) {
            return status;
        }
    }
    pool->suspects[at].count = first - old.first;
    *removed += end - first;
    return NEURON_OK;
}

enum neuron_status
neuron_lease_pool_remove(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                         uint64_t *removed, struct neuron_error *error)
{
    size_t kept = 0;
    uint64_t count = neuron_row_set_count_in(&pool->free, rows);

    enum neuron_status status = neuron_row_set_remove(&pool->free, rows, error);
    for (size_t i = pool->suspect_count; status == NEURON_OK && i > 0; i -= 1) {
        status = remove_from_suspect(pool, i - 1, rows, &count, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (size_t i = 0; i < pool->suspect_count; i += 1) {
        pool->suspects[kept] = pool->suspects[i];
        kept += pool->suspects[i].count > 0 ? 1 : 0;
    }
    pool->suspect_count = kept;
    *removed = count;
    return NEURON_OK;
}

void
neuron_lease_pool_destroy(struct neuron_lease_pool *pool)
{
    neuron_row_set_destroy(&pool->free);
    neuron_row_set_destroy(&pool->lost);
    free(pool->suspects);
    *pool = (struct neuron_lease_pool){0};
}
