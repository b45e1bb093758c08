/* SPDX-License-Identifier: Apache-2.0 */
/* What happened between two looks at a machine (node/node_watch.h): a function from values to
   values. */
#ifndef NEURON_TOOLS_NODE_NODE_RATES_H
#define NEURON_TOOLS_NODE_NODE_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/topology.h"

#include "node/node_watch.h"

/* The quantiles that are told of latencies, in permille. */
enum { NEURON_LATENCY_QUANTILES = 7 };
static const uint32_t neuron_latency_permilles[NEURON_LATENCY_QUANTILES] = {0,   10,  250, 500,
                                                                            750, 990, 1000};
enum neuron_latency_position { /* in the arrays below */
                               NEURON_LATENCY_P0,
                               NEURON_LATENCY_P1,
                               NEURON_LATENCY_P25,
                               NEURON_LATENCY_P50,
                               NEURON_LATENCY_P75,
                               NEURON_LATENCY_P99,
                               NEURON_LATENCY_P100
};

/* Of a core of the machine. */
struct neuron_core_rate {
    double busy;      /* part of the time in requests, 0 to 1; of all processes on it */
    uint32_t process; /* who holds it, in the later sample: the innermost, the first one of those
                         who share it; neuron_no_process for nobody */
    bool is_known;    /* `busy` is; not where the counters of the holder cannot be read */
};

/* Of a process, or of all together. */
struct neuron_process_rate {
    uint64_t ended[NEURON_COUNTER_STATUSES];   /* runs in the time between, by enum neuron_status */
    uint64_t refused[NEURON_COUNTER_STATUSES]; /* calls before any core had them, likewise */
    uint64_t run_count;                        /* sum of `ended` */
    uint64_t failed_count;                     /* of these, without results */
    double runs_per_s;
    double busy_cores; /* how many cores' worth of time was spent in requests */
    double user_cpus;  /* processors' worth of time of all its threads */
    double system_cpus;
    /* Seconds; 0 where nothing ran. Of runs on their cores, and from being handed over to the end.
     */
    double run_s[NEURON_LATENCY_QUANTILES];
    double request_s[NEURON_LATENCY_QUANTILES];
    uint64_t memory_bytes[NEURON_MEMORY_USES]; /* at the later look */
};

/* Owned by whoever made it zeroed; used again and again, cleared at the end. */
struct neuron_node_rates {
    double seconds;                 /* between the looks */
    struct neuron_core_rate *cores; /* by the machine's number */
    uint32_t core_count;
    struct neuron_process_rate *processes; /* as in the later sample */
    uint32_t process_count;
    struct neuron_process_rate all; /* of all processes together */
    uint32_t unknown_count; /* processes whose counters cannot be read: `all` is without them */
};

/*
 * Finds what happened. A process that came between counts from its beginning; one that went, not at
 * all.
 *
 * before  an earlier sample of the same watch; an empty one for the time since each process began.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_node_rates_find(const struct neuron_topology *topology,
                       const struct neuron_node_sample *before,
                       const struct neuron_node_sample *after, struct neuron_node_rates *rates,
                       struct neuron_error *error);

/*
 * Says which part of the time between two looks a process was in requests on one of its cores, 0 to
 * 1; what others do there is not in it.
 *
 * before   an earlier sample of the same watch, as above.
 * process  of the later one.
 * runtime  one of the process's, and nc one of its cores.
 */
double
neuron_node_core_busy(const struct neuron_node_sample *before,
                      const struct neuron_node_process *process, uint32_t runtime, uint32_t nc);

/* How many processes of a look have counters that cannot be read. */
uint32_t
neuron_node_unreadable_count(const struct neuron_node_sample *sample);

/* Frees what it owns, and zeroes it. */
void
neuron_node_rates_clear(struct neuron_node_rates *rates);

#endif
