/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a job: watches for their ends, signals their groups. */
#ifndef NEURON_LAUNCHER_RANK_TABLE_H
#define NEURON_LAUNCHER_RANK_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#include "mpi_event.h"
#include "process.h"

struct neuron_rank {
    pid_t process;
    int watch;           /* pidfd; -1 before the start and after the end */
    char *cores;         /* the machine's numbers: "4-7" */
    const char *host;    /* borrowed; NULL for this one */
    const char *devices; /* of another host: what the cores are on; borrowed */
    bool is_lost;        /* of another host: how it ended will never be known */
    uint64_t started_ms;
    uint64_t ended_ms;
    int wait_status;               /* after the end */
    bool is_stopped;               /* after the end: it was being stopped by then */
    bool is_named;                 /* after the end: the user was told that it failed */
    struct neuron_mpi_end mpi_end; /* set by the job */
    struct rusage usage;           /* after the end: its own and its waited-for children's */
    struct neuron_process_failure failure; /* after the end; its step is 0 when the program ran */
};

struct neuron_rank_table {
    struct neuron_rank *ranks;
    uint32_t rank_count;
    uint32_t running_count;
    int ended;       /* epoll set of the pidfds: readable when a rank has ended */
    int failures[2]; /* pipe on which children tell why they could not become the program */
};

/*
 * Makes a table in which no rank runs.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM.
 */
enum neuron_status
neuron_rank_table_create(uint32_t rank_count, struct neuron_rank_table **table,
                         struct neuron_error *error);

/*
 * Starts the process of a rank, and watches it. Forgets what was of an earlier process of the rank.
 *
 * start  its `failures` is filled in by this call.
 * cores  the table's after success.
 */
enum neuron_status
neuron_rank_table_start(struct neuron_rank_table *table, struct neuron_process_start *start,
                        char *cores, uint64_t now_ms, struct neuron_error *error);

/* Reaps one rank that has ended, in the order in which they ended; NULL when there is none. */
struct neuron_rank *
neuron_rank_table_next_ended(struct neuron_rank_table *table, uint64_t now_ms);

/* Sends a signal to the group of every rank that runs. */
void
neuron_rank_table_signal(const struct neuron_rank_table *table, int signal_number);

/* Says whether a process is a rank that is not reaped yet. */
bool
neuron_rank_table_has(pid_t process, const void *table);

/* Destroys a table; the processes go on. Accepts NULL. */
void
neuron_rank_table_destroy(struct neuron_rank_table *table);

#endif
