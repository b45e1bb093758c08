/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which leases: found by id, and in order by rank. */
#ifndef NEURON_SCORE_LEASE_BOOK_H
#define NEURON_SCORE_LEASE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_audit.h"
#include "score/lease_table.h"

/* What stands for no lease in links. */
#define NEURON_NO_SLOT UINT32_MAX

/* A lease that a rank has. Links are places in the book. */
struct neuron_lease_slot {
    struct neuron_lease lease; /* its id is 0 where the place is free */
    uint64_t begin_ns;         /* when the rank could begin with it */
    uint32_t twin;             /* the other lease of the same rows */
    uint32_t previous;         /* leases of the same rank, in the order of giving */
    uint32_t next;
    bool is_needless;                /* another rank has done the rows */
    struct neuron_audit_due audited; /* where it is an audit */
};

struct neuron_lease_rank {
    double rows_per_ns; /* as measured; 0 for not yet */
    uint64_t round_rows;
    uint32_t first; /* its leases */
    uint32_t last;
    uint32_t busy_at; /* its place among the ranks that have leases */
    bool has_joined;
    bool is_lost; /* died or left, and has not joined since */
};

struct neuron_lease_book {
    struct neuron_lease_rank *ranks;
    uint32_t rank_count;
    uint32_t *busy; /* ranks that have leases, in no order */
    uint32_t busy_count;
    struct neuron_lease_slot *slots;
    size_t slot_count;
    size_t slot_limit;
    uint32_t free_slot; /* the first one; they are linked by `next` */
    uint64_t serial;    /* leases given so far */
};

/* Makes an empty one; zeroed before. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_book_create(struct neuron_lease_book *book, uint32_t rank_count,
                         struct neuron_error *error);

/* Enters a lease as the last one of its rank, gives it an id, and returns its place;
 * NEURON_NO_SLOT without memory. Places that were returned stay, pointers do not. */
uint32_t
neuron_lease_book_enter(struct neuron_lease_book *book, const struct neuron_lease *lease,
                        uint64_t now_ns);

/* Finds the place of a lease; NEURON_NO_SLOT for one that is over. */
uint32_t
neuron_lease_book_find(const struct neuron_lease_book *book, uint64_t id);

/* Strikes a lease out; its twin has none after that, and is no copy any more. */
void
neuron_lease_book_strike(struct neuron_lease_book *book, uint32_t slot);

/* Frees what it holds. */
void
neuron_lease_book_destroy(struct neuron_lease_book *book);

#endif
