/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches who holds the cores of this machine, and what they do there: reads the leases
 * (neuron/core_holders.h), the counters of each process that has a runtime
 * (counters/counter_reader.h), and what the kernel tells. Of an invented machine those count that
 * invent the same one.
 */
#ifndef NEURON_TOOLS_NODE_NODE_WATCH_H
#define NEURON_TOOLS_NODE_NODE_WATCH_H

#include <stdint.h>
#include <sys/types.h>

#include "counters/counter_reader.h"
#include "neuron/core_holders.h"
#include "neuron/core_set.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#include "node/host_stats.h"
#include "node/process_stats.h"

enum { NEURON_NODE_USER_BYTES = 64, NEURON_NODE_TIME_BYTES = 32, NEURON_NODE_COMMAND_BYTES = 1024 };

static const uint32_t neuron_no_process = UINT32_MAX; /* instead of a position in the list */

/*
 * A process that holds cores, works inside a reservation, or has a runtime below one that does. All
 * texts are printable UTF-8.
 */
struct neuron_node_process {
    pid_t pid;            /* 0 for one that this process cannot see, in another container */
    uint64_t start_ticks; /* tells processes of one number apart */
    uint32_t parent;      /* position of the process inside whose lease it works, or of the nearest
                             ancestor in the list; neuron_no_process for none */
    enum neuron_core_lease_kind kind;   /* of its lease */
    struct neuron_core_set *cores;      /* the machine's numbers; empty where it borrows others' */
    char user[NEURON_NODE_USER_BYTES];  /* empty where the kernel does not tell; so below */
    char since[NEURON_NODE_TIME_BYTES]; /* "2026-11-20 23:10:05" */
    char start_time[NEURON_NODE_TIME_BYTES]; /* the same as "2026-11-20T23:10:05+00:00" */
    char command[NEURON_NODE_COMMAND_BYTES]; /* with its arguments */
    char tag[NEURON_COUNTER_TAG_BYTES];      /* NEURON_PROCESS_TAG, else the pid */
    struct neuron_process_stats stats;
    struct neuron_counter_sample *runtimes; /* what its runtimes counted */
    uint32_t runtime_count;
    char trouble[NEURON_ERROR_TEXT_BYTES]; /* why these cannot be read; empty where they can */
};

/* One look at the machine. Owned by whoever made it zeroed; cleared at the end. */
struct neuron_node_sample {
    uint64_t time_ns;                      /* of CLOCK_MONOTONIC */
    uint64_t wall_time_ns;                 /* since 1970 */
    struct neuron_node_process *processes; /* launchers before what works inside their leases, then
                                              by their first core, then by pid */
    uint32_t process_count;
    struct neuron_host_stats host;
};

struct neuron_node_watch;

/*
 * Begins to watch.
 *
 * topology   outlives the watch.
 * directory  where the lock files live; NULL for the machine's usual place.
 *
 * Returns NEURON_SYSTEM where there is no such folder, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_node_watch_create(const struct neuron_topology *topology, const char *directory,
                         struct neuron_node_watch **watch, struct neuron_error *error);

/*
 * Takes a look. A process that ends meanwhile is left out; one whose counters cannot be read is in,
 * with the reason.
 *
 * sample  zeroed, or of an earlier look, whose contents are freed.
 *
 * Returns NEURON_SYSTEM where leases or the kernel's tables cannot be read, or
 * NEURON_OUT_OF_MEMORY; the sample is empty then.
 * One thread at a time, in a process that holds no cores.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_node_watch_read(struct neuron_node_watch *watch, struct neuron_node_sample *sample,
                       struct neuron_error *error);

/* Frees what a sample owns, and zeroes it. */
void
neuron_node_sample_clear(struct neuron_node_sample *sample);

/* Ends a watch. Accepts NULL. */
void
neuron_node_watch_destroy(struct neuron_node_watch *watch);

#endif
