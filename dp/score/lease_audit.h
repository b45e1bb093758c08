/* SPDX-License-Identifier: Apache-2.0 */
/* Leases that are done, and are to be run once more. */
#ifndef NEURON_SCORE_LEASE_AUDIT_H
#define NEURON_SCORE_LEASE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/lease_table.h"

struct neuron_audit_due {
    struct neuron_row_range rows;
    uint32_t rank; /* that did them */
    uint32_t nc;   /* and the core */
    uint32_t loss_count;
};

/* In about the order of their arrival. Zeroed it is empty. */
struct neuron_audit_queue {
    struct neuron_audit_due *items;
    size_t first; /* what stands before it is over */
    size_t end;
    size_t limit;
};

/* Says whether a lease of these rows is audited: about so many millionths of all are. */
bool
neuron_audit_is_chosen(const struct neuron_lease_rules *rules, struct neuron_row_range rows);

/* Adds one; false without memory. */
bool
neuron_audit_queue_push(struct neuron_audit_queue *queue, const struct neuron_audit_due *due);

size_t
neuron_audit_queue_count(const struct neuron_audit_queue *queue);

/*
 * Takes the first one that another rank than `rank` did, among the first `most`.
 * Returns false when there is none.
 */
bool
neuron_audit_queue_take_of_others(struct neuron_audit_queue *queue, uint32_t rank, size_t most,
                                  struct neuron_audit_due *due);

/* Takes the first one, whoever did it. */
bool
neuron_audit_queue_take_any(struct neuron_audit_queue *queue, struct neuron_audit_due *due);

/* Frees what it holds. */
void
neuron_audit_queue_destroy(struct neuron_audit_queue *queue);

#endif
