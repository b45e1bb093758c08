/* SPDX-License-Identifier: Apache-2.0 */
/* What the ranks of a job and its lease server tell each other: structs to bytes and back. */
#ifndef NEURON_SCORE_LEASE_MESSAGE_H
#define NEURON_SCORE_LEASE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"
#include "score/lease_table.h"

/*
 * A message is its version and kind, then the fields of that kind, little endian; texts and lists
 * have their length before them. Everything that arrives is checked: lengths, kinds, ranges that
 * overflow, bytes behind the end.
 */
enum {
    NEURON_LEASE_MESSAGE_VERSION = 1,
    NEURON_LEASE_HOST_BYTES = 65,
    NEURON_LEASE_TEXT_BYTES = NEURON_ERROR_TEXT_BYTES,
    NEURON_LEASE_SPAN_LIMIT = 64, /* spans of a message */
    NEURON_LEASE_FAILURE_LIMIT = 65536
};

enum neuron_lease_message_kind {
    /* from a rank */
    NEURON_LEASE_HELLO = 1, /* first: who it is; answered by WELCOME or STOP */
    NEURON_LEASE_ASK = 2,   /* wants so many more leases; also its sign of life */
    NEURON_LEASE_DONE = 3,  /* the rows of a lease are on disk */
    NEURON_LEASE_FAIL = 4,  /* the rank gives up, and why */
    NEURON_LEASE_BYE = 5,   /* the rank ends as it was told to, or because of a signal */
    /* from the server */
    NEURON_LEASE_WELCOME = 16,
    NEURON_LEASE_GIVE = 17, /* a lease */
    NEURON_LEASE_DRY = 18,  /* nothing to do now: put on disk what is not, and say so */
    NEURON_LEASE_DROP = 19, /* a lease that another rank has done */
    NEURON_LEASE_STOP = 20  /* the job is over, and how */
};

/* How a job is over. */
enum neuron_score_end {
    NEURON_SCORE_COMPLETE = 0,
    NEURON_SCORE_COMPLETE_WITH_ERRORS = 1, /* rows were given up, and filled in */
    NEURON_SCORE_FAILED = 2,               /* running it again will not help */
    NEURON_SCORE_BUDGET_SPENT = 3,         /* more rows failed than are allowed */
    NEURON_SCORE_BROKEN = 4,               /* something around it failed: run it again to go on */
    NEURON_SCORE_INTERRUPTED = 5           /* by a signal: run it again to go on */
};

/* A core's work for a lease: nanoseconds of CLOCK_REALTIME. */
struct neuron_lease_span {
    uint32_t nc;
    uint32_t core; /* the machine's */
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t rows;
};

/* What a rank has come to since it started. */
struct neuron_rank_counters {
    uint64_t rows;
    uint64_t run_ns;   /* with at least one run under way */
    uint64_t wait_ns;  /* for leases */
    uint64_t write_ns; /* of its main thread, into files */
    uint64_t sync_ns;
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t peak_memory_bytes; /* resident */
    uint64_t load_ns;           /* of the model to the cores */
    uint64_t warm_ns;           /* of the first run */
};

struct neuron_lease_message {
    enum neuron_lease_message_kind kind;
    uint32_t rank; /* from a rank: all kinds */
    /* HELLO */
    uint32_t world_size;
    uint64_t digest; /* of the fingerprint */
    uint64_t round_rows;
    uint32_t core_count;
    int64_t pid;
    uint64_t start_ticks; /* of the process, which tell pids apart */
    int64_t start_ns;     /* of the rank, since the epoch */
    char host[NEURON_LEASE_HOST_BYTES];
    char cores[64]; /* the machine's numbers: "4-7" */
    /* ASK */
    uint32_t wanted;
    uint64_t running_rows;                /* in leases that it has */
    struct neuron_rank_counters counters; /* ASK, DONE, BYE */
    /* DONE */
    struct neuron_lease_end end;
    struct neuron_row_range rows;
    uint32_t sum_count;
    struct neuron_piece_sum *sums;
    uint32_t failure_count;
    struct neuron_row_failure *failures;
    uint32_t span_count;
    struct neuron_lease_span *spans;
    uint64_t chunk_ns; /* from submission to results */
    bool audit_differs;
    /* GIVE, DROP */
    struct neuron_lease lease;
    /* FAIL, STOP */
    enum neuron_score_end score_end;
    enum neuron_status status;
    char text[NEURON_LEASE_TEXT_BYTES];
    /* STOP */
    uint64_t done_rows;
};

/*
 * Encodes a message.
 *
 * bytes  receives memory that the caller frees. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_message_encode(const struct neuron_lease_message *message, unsigned char **bytes,
                            size_t *size_bytes, struct neuron_error *error);

/*
 * Decodes a message.
 *
 * message  overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns NEURON_INVALID_SYNTAX, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_message_decode(const unsigned char *bytes, size_t size_bytes,
                            struct neuron_lease_message *message, struct neuron_error *error);

/* Frees the lists of a decoded message. Accepts a zeroed one. */
void
neuron_lease_message_destroy(struct neuron_lease_message *message);

#endif
