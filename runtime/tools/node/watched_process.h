/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch keeps of a process from one look to the next: its opened counters, and texts that
   take long to find. */
#ifndef NEURON_TOOLS_NODE_WATCHED_PROCESS_H
#define NEURON_TOOLS_NODE_WATCHED_PROCESS_H

#include <stdbool.h>

#include "node/node_watch.h"

struct neuron_watched_process {
    pid_t pid;
    uint64_t start_ticks;
    bool is_wanted;   /* by the look under way */
    uint64_t machine; /* whose runtimes are looked at */
    struct neuron_counter_readers readers;
    uint64_t opened_ns;        /* when they were */
    enum neuron_status opened; /* what that came to */
    char trouble[NEURON_ERROR_TEXT_BYTES];
    char user[NEURON_NODE_USER_BYTES];
    char since[NEURON_NODE_TIME_BYTES];
    char start_time[NEURON_NODE_TIME_BYTES];
    char own_tag[NEURON_COUNTER_TAG_BYTES]; /* by its environment; its runtimes know better */
};

/* Zeroed but for the machine. */
struct neuron_watched_processes {
    uint64_t machine; /* whose runtimes are looked at: of others the cores are not those of ours */
    struct neuron_watched_process **processes;
    uint32_t count;
    uint32_t room;
};

/*
 * The process of that number, as it runs now; made where it was not watched.
 *
 * process  receives it; NULL where there is no such process any more.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_watched_processes_find(struct neuron_watched_processes *list, pid_t pid,
                              struct neuron_watched_process **process, struct neuron_error *error);

/*
 * Fills in what is known of a process: texts, what the kernel tells, and what its runtimes counted,
 * whose memory is the entry's.
 *
 * Returns NEURON_PEER_LOST where it has ended, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_watched_process_read(struct neuron_watched_process *process,
                            struct neuron_node_process *entry, struct neuron_error *error);

/* Says whether a process has a runtime, whether its counters can be read or are broken; one that
   may not be looked into seems to have none. */
bool
neuron_watched_process_has_runtime(struct neuron_watched_process *process);

/* Forgets those that the look did not want. */
void
neuron_watched_processes_sweep(struct neuron_watched_processes *list);

/* Forgets all. */
void
neuron_watched_processes_clear(struct neuron_watched_processes *list);

#endif
