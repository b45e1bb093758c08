/* SPDX-License-Identifier: Apache-2.0 */
/* Who scores which rows: the decisions of the lease server, without clock, files or sockets. */
#ifndef NEURON_SCORE_LEASE_TABLE_H
#define NEURON_SCORE_LEASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/row_range.h"

/*
 * Rows are free, leased or done. A rank gets a lease on free rows: guided, that is a share of what
 * is left which shrinks toward the end, but at least `least_ns` of the rank's work at the rate that
 * it was measured at (one round before it was measured), at most `most_ns`, whole rounds, and never
 * more than `most_rows`. Leases of a rank that is lost become free again; rows that were lost twice
 * are suspect: their lease says so, and they are leased alone, one lost range at a time. When no
 * row is free, a rank that asks gets a copy of the lease whose end is expected latest, if it would
 * be done earlier; who is done first counts.
 *
 * With the static schedule a rank gets rows of its own part alone (neuron_row_range_of_rank()), in
 * pieces, until its part is done; parts of ranks that are lost go to whoever asks.
 *
 * Audits: a share of the leases that are done is given once more, as far as possible to another
 * rank than the one that did it, cut to its first `audit_rows` rows.
 *
 * Times are nanoseconds of one clock. One thread at a time. The same calls give the same answers.
 */
struct neuron_lease_table;

struct neuron_lease_rules {
    uint64_t rows;
    uint32_t rank_count;
    enum neuron_score_schedule schedule;
    uint64_t most_rows; /* of a lease; at least 1 */
    uint64_t least_ns;  /* of work in a lease, but at the end */
    uint64_t most_ns;
    uint32_t audit_ppm; /* of leases that are audited, in millionths */
    uint64_t audit_rows;
    uint64_t seed; /* of the choice of audits */
};

enum neuron_lease_kind {
    NEURON_LEASE_NORMAL = 0,
    NEURON_LEASE_SUSPECT = 1, /* a process died at these rows twice: run them in one that may die */
    NEURON_LEASE_AUDIT = 2    /* done: run them again, on another core, and compare */
};

struct neuron_lease {
    uint64_t id; /* never 0, never used again */
    enum neuron_lease_kind kind;
    struct neuron_row_range rows;
    uint32_t rank;     /* who has it */
    bool is_copy;      /* another rank has these rows, too */
    uint32_t avoid_nc; /* of an audit: the core of the same rank that did it; UINT32_MAX for none */
};

/* Makes a table of free rows. Returns NEURON_OUT_OF_MEMORY. The caller destroys it. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_create(const struct neuron_lease_rules *rules, struct neuron_lease_table **table,
                          struct neuron_error *error);

/* What an earlier job has come to: rows are done; or were leased and lost that often. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_set_done(struct neuron_lease_table *table, struct neuron_row_range rows,
                            struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_set_lost(struct neuron_lease_table *table, struct neuron_row_range rows,
                            uint32_t count, struct neuron_error *error);

/*
 * A rank joins, or joins again: its old leases, if any, are lost. round_rows: at least 1.
 *
 * Here and below, NEURON_INVALID_ARGUMENT for a rank that the job does not have.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_join(struct neuron_lease_table *table, uint32_t rank, uint64_t round_rows,
                        uint64_t now_ns, struct neuron_error *error);

/*
 * Gives rows to a rank that has joined.
 *
 * lease  receives the lease; its id is 0 when there is nothing to do for the rank now.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_give(struct neuron_lease_table *table, uint32_t rank, uint64_t now_ns,
                        struct neuron_lease *lease, struct neuron_error *error);

/* How a lease ended. */
struct neuron_lease_end {
    uint64_t id;
    uint64_t busy_ns; /* that the rank worked on it */
    uint32_t nc;      /* the core that did its first rows */
};

/*
 * A rank says that its rows are done.
 *
 * counts  receives whether this was news: false for a lease that was lost before, an audit, or a
 * copy that came second. What the lease was goes to `lease`, zeroed for one that is over; may be
 * NULL.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_end(struct neuron_lease_table *table, const struct neuron_lease_end *end,
                       uint64_t now_ns, bool *counts, struct neuron_lease *lease,
                       struct neuron_error *error);

/*
 * A rank died, fell silent or left: its leases are free again, and count as lost unless it left. An
 * audit that is lost twice is given up. With the static schedule, the part of a rank that has never
 * joined is free for others only after this.
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_rank_loss { NEURON_RANK_DIED = 0, NEURON_RANK_LEFT = 1 };
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_lose(struct neuron_lease_table *table, uint32_t rank, enum neuron_rank_loss loss,
                        uint64_t now_ns, struct neuron_error *error);

/* Finds the lease of a rank that was given first, or, after one of its leases, the next; false when
 * there is none. `after` is 0 for the first. */
bool
neuron_lease_table_next_of(const struct neuron_lease_table *table, uint32_t rank, uint64_t after,
                           struct neuron_lease *lease);

/* Learns how fast a rank is from rows that it has scored since the last time, also in leases that
 * are not over. */
void
neuron_lease_table_measure(struct neuron_lease_table *table, uint32_t rank_index, uint64_t rows,
                           uint64_t busy_ns);

/* Finds a lease by its id; false for one that is over. */
bool
neuron_lease_table_find(const struct neuron_lease_table *table, uint64_t id,
                        struct neuron_lease *lease);

/* Finds a lease of a rank whose rows another one has done since; it need not go on with it. The
 * lease is over then: each is found once. */
bool
neuron_lease_table_find_needless(struct neuron_lease_table *table, uint32_t rank,
                                 struct neuron_lease *lease);

uint64_t
neuron_lease_table_done_rows(const struct neuron_lease_table *table);

/* Says whether all rows are done, and no audit is due or under way. */
bool
neuron_lease_table_is_complete(const struct neuron_lease_table *table);

/* Destroys it. Accepts NULL. */
void
neuron_lease_table_destroy(struct neuron_lease_table *table);

#endif
