/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows were leased and never done, and how often. */
#ifndef NEURON_SCORE_JOURNAL_LOST_H
#define NEURON_SCORE_JOURNAL_LOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_set.h"

/* A lease of a journal. */
struct neuron_lease_line {
    struct neuron_row_range rows;
    uint64_t line;      /* its number in the file */
    bool is_given_back; /* takes one such lease back, instead of being one */
};

/* Disjoint ranges in ascending order, cut where leases began or ended, each with its count. */
struct neuron_lost_rows {
    struct neuron_row_range *ranges;
    uint32_t *counts;
    size_t count;
    size_t range_limit;
    size_t count_limit;
};

/*
 * Finds the rows that are in leases and are not done, and counts the leases of each.
 *
 * lost  zeroed before; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lost_rows_find(const struct neuron_lease_line *leases, size_t lease_count,
                      const struct neuron_row_set *done, struct neuron_lost_rows *lost,
                      struct neuron_error *error);

/* Frees the lists. Accepts a zeroed one. */
void
neuron_lost_rows_destroy(struct neuron_lost_rows *lost);

#endif
