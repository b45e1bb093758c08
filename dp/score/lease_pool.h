/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a job that nobody has: free ones, and those at which ranks were lost twice. */
#ifndef NEURON_SCORE_LEASE_POOL_H
#define NEURON_SCORE_LEASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_set.h"

/* Zeroed it is empty. */
struct neuron_lease_pool {
    struct neuron_row_set free;
    struct neuron_row_set lost;        /* once or more, wherever they are now */
    struct neuron_row_range *suspects; /* each as it was lost: they are never joined */
    size_t suspect_count;
    size_t suspect_limit;
};

/* Why rows come back. */
enum neuron_pool_return {
    NEURON_POOL_UNUSED = 0,  /* given back by a rank that left */
    NEURON_POOL_LOST = 1,    /* its rank was lost */
    NEURON_POOL_SUSPECT = 2, /* suspect ones, given back by a rank that left */
};

/*
 * Takes free rows, from the first ones in a range of the job on.
 *
 * rows  receives at most `most` of them.
 *
 * Returns false when there are none; without memory nothing is taken.
 */
bool
neuron_lease_pool_take(struct neuron_lease_pool *pool, struct neuron_row_range within,
                       uint64_t most, struct neuron_row_range *rows);

/* Takes suspect rows, of one loss alone. */
bool
neuron_lease_pool_take_suspect(struct neuron_lease_pool *pool, uint64_t most,
                               struct neuron_row_range *rows);

/* Puts rows back that were taken. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_pool_put(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                      enum neuron_pool_return why, struct neuron_error *error);

/* Notes a loss of rows that another rank still has. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_pool_note_loss(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                            struct neuron_error *error);

/* Makes free rows suspect. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_pool_suspect(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                          struct neuron_error *error);

/*
 * Takes rows out for good, those of them that are here.
 *
 * removed  receives how many they were.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_pool_remove(struct neuron_lease_pool *pool, struct neuron_row_range rows,
                         uint64_t *removed, struct neuron_error *error);

/* Frees what it holds. */
void
neuron_lease_pool_destroy(struct neuron_lease_pool *pool);

#endif
