/* SPDX-License-Identifier: Apache-2.0 */
/* A set of rows, as disjoint ranges in ascending order. */
#ifndef NEURON_SCORE_ROW_SET_H
#define NEURON_SCORE_ROW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_range.h"

/* Adjacent ranges are joined. Zeroed it is empty. */
struct neuron_row_set {
    struct neuron_row_range *ranges;
    size_t range_count;
    size_t range_limit;
    uint64_t row_count;
};

/*
 * Adds rows. Rows that are there stay.
 *
 * added  receives how many were not there; may be NULL.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_set_add(struct neuron_row_set *set, struct neuron_row_range rows, uint64_t *added,
                   struct neuron_error *error);

/* Takes rows out. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_set_remove(struct neuron_row_set *set, struct neuron_row_range rows,
                      struct neuron_error *error);

/* How many of the rows are in the set. */
uint64_t
neuron_row_set_count_in(const struct neuron_row_set *set, struct neuron_row_range rows);

/*
 * Finds the first range of the set that starts at or behind `from`, or holds it; cut so that it
 * starts no earlier. Returns false when there is none.
 */
bool
neuron_row_set_next(const struct neuron_row_set *set, uint64_t from, struct neuron_row_range *rows);

/* The same for the first range below `end` that is not in the set. */
bool
neuron_row_set_next_gap(const struct neuron_row_set *set, uint64_t from, uint64_t end,
                        struct neuron_row_range *rows);

/* Frees what it holds. Accepts a zeroed one. */
void
neuron_row_set_destroy(struct neuron_row_set *set);

#endif
