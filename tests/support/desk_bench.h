/* SPDX-License-Identifier: Apache-2.0 */
/* A lease server without sockets and clock: what ranks say, what they hear, what the journal has.
 */
#ifndef NEURON_TESTS_DESK_BENCH_H
#define NEURON_TESTS_DESK_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/command_line.h"
#include "score/lease_desk.h"
#include "test_folder.h"

/* A job of 100 rows and one output; leases have 10 rows each; ranks are silent for 1 s at most. */
enum {
    DESK_ROWS = 100,
    DESK_LEASE_ROWS = 10,
    DESK_RANKS = 3,
    DESK_TIMEOUT_MS = 1000,
    DESK_GIVEN_LIMIT = 16
};

struct desk_bench {
    struct test_folder folder;
    char journal_path[TEST_PATH_BYTES];
    struct neuron_score_options options;
    struct neuron_lease_desk_plan plan; /* may be changed before the start */
    struct neuron_journal *journal;
    struct neuron_lease_desk *desk;
    const struct neuron_lease_answer *answers; /* of the last settling */
    size_t answer_count;
    struct neuron_lease given[DESK_GIVEN_LIMIT]; /* by the last ask */
    uint32_t given_count;
    uint64_t now_ns;           /* moved by the test */
    uint32_t life[DESK_RANKS]; /* how often each rank's process was replaced */
};

/* What becomes of the journal's flushes; all of them are counted. */
struct desk_flushes {
    bool fails;
    bool fails_to_disk; /* those alone */
    uint32_t to_kernel;
    uint32_t to_disk;
};
extern struct desk_flushes desk_flushes;

/* cmocka's set-up and tear-down: a new folder, no desk yet. */
int
desk_bench_set_up(void **state);
int
desk_bench_tear_down(void **state);

/* Begins the journal, and opens the desk. */
void
desk_bench_start(struct desk_bench *bench);

/* The server's process is gone, and another one goes on from the journal. */
void
desk_bench_restart(struct desk_bench *bench);

/* The channel's name of a rank's process. */
struct neuron_lease_peer
desk_bench_peer(const struct desk_bench *bench, uint32_t rank);

/* A hello of a rank on a far host. */
struct neuron_lease_message
desk_bench_hello(const struct desk_bench *bench, uint32_t rank);

/* The desk takes a message of a rank; answers are not settled. */
void
desk_bench_say(struct desk_bench *bench, uint32_t rank, const struct neuron_lease_message *message);

/* Settles, which must work; answers are in the bench. */
void
desk_bench_settle(struct desk_bench *bench);

/* The rank says hello, and is welcome. */
void
desk_bench_join(struct desk_bench *bench, uint32_t rank);

/* The rank asks for leases; settles, and notes those that were given. Returns how many. */
uint32_t
desk_bench_ask(struct desk_bench *bench, uint32_t rank, uint32_t wanted);

/* The message that says that a lease is done; the sum of its rows follows from their number. */
struct neuron_lease_message
desk_bench_done(const struct neuron_lease *lease);

/* Says so, and settles. */
void
desk_bench_finish(struct desk_bench *bench, const struct neuron_lease *lease);

/* The rank asks and finishes until nothing is given any more; returns how many rows that were. */
uint64_t
desk_bench_work_off(struct desk_bench *bench, uint32_t rank);

/* How many of the last answers are of this kind and for this rank. */
size_t
desk_bench_count(const struct desk_bench *bench, uint32_t rank,
                 enum neuron_lease_message_kind kind);

/* Says whether the journal's file has a line that begins so. */
bool
desk_bench_has_line(const struct desk_bench *bench, const char *line);

#endif
