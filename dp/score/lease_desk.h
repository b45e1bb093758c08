/* SPDX-License-Identifier: Apache-2.0 */
/* What the lease server does with each message: books, journal, answers; no sockets, no clock. */
#ifndef NEURON_SCORE_LEASE_DESK_H
#define NEURON_SCORE_LEASE_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/desk_books.h"
#include "score/journal.h"
#include "score/lease_channel.h"
#include "score/lease_message.h"
#include "score/lease_table.h"
#include "score/score_report.h"

/* What the server knows at the start. All of it is borrowed, and outlives the desk. */
struct neuron_lease_desk_plan {
    const struct neuron_score_options *options;
    struct neuron_lease_rules rules;
    struct neuron_journal *journal; /* begun, or read: its contents are taken over */
    const bool *is_damaged; /* which pieces of the journal are not on disk as they were; NULL for
                               none */
    uint64_t digest;        /* of the job's fingerprint */
    uint32_t world_size;
    uint32_t output_count;
    uint64_t timeout_ms; /* silence after which a rank counts as lost */
};

/* An answer, which goes out once the journal is written. */
struct neuron_lease_answer {
    struct neuron_lease_peer peer;
    struct neuron_lease_message message; /* without lists */
};

/* How the job stands. */
struct neuron_lease_desk_state {
    bool is_over;
    enum neuron_score_end end;          /* once it is over */
    char text[NEURON_LEASE_TEXT_BYTES]; /* why it failed; empty for complete */
    uint64_t done_rows;
};

/* One thread at a time. */
struct neuron_lease_desk;

/* Makes one, which takes over what the journal says. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_desk_create(const struct neuron_lease_desk_plan *plan, struct neuron_lease_desk **desk,
                         struct neuron_error *error);

/*
 * Takes a message. Times are nanoseconds of CLOCK_MONOTONIC.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_desk_take(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
                       const struct neuron_lease_message *message, uint64_t now_ns,
                       struct neuron_error *error);

/* Looks for ranks that have died or fallen silent. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_desk_look(struct neuron_lease_desk *desk, uint64_t now_ns, struct neuron_error *error);

/* Ends the job, if it is not over. */
void
neuron_lease_desk_end(struct neuron_lease_desk *desk, enum neuron_score_end end, const char *text);

/*
 * Writes the journal as far as it must be before the answers go out, and hands them over.
 *
 * answers  the desk's, until the next call.
 *
 * Returns NEURON_SYSTEM when the journal cannot be written: the job is broken then, and over.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_desk_settle(struct neuron_lease_desk *desk, const struct neuron_lease_answer **answers,
                         size_t *answer_count, struct neuron_error *error);

/* How the job stands. Lives as long as the desk. */
const struct neuron_lease_desk_state *
neuron_lease_desk_state(const struct neuron_lease_desk *desk);

/* How many ranks are there and have not said good-bye. */
uint32_t
neuron_lease_desk_live_count(const struct neuron_lease_desk *desk);

/* How many ranks have not come yet. */
uint32_t
neuron_lease_desk_absent_count(const struct neuron_lease_desk *desk);

/* Fills in what the desk knows of a report: ranks, spans, chunks, failures, counts, times. What it
 * points to lives until the next message. */
void
neuron_lease_desk_report(struct neuron_lease_desk *desk, struct neuron_score_report *report);

/* Gives up ranks of this host that are stopped: they will not hear that the job is over.
 * Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_desk_lose_stopped(struct neuron_lease_desk *desk, uint64_t now_ns,
                               struct neuron_error *error);

/* Ends those ranks of this host that are silent: nobody waits for them when the job is over. */
void
neuron_lease_desk_end_silent(struct neuron_lease_desk *desk);

/* What is done, by earlier runs and this: its books. Live as long as the desk. */
struct neuron_desk_books *
neuron_lease_desk_books(struct neuron_lease_desk *desk);

/* Destroys it. Accepts NULL. */
void
neuron_lease_desk_destroy(struct neuron_lease_desk *desk);

#endif
