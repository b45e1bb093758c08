/* SPDX-License-Identifier: Apache-2.0 */
/* The page of counters (counters/counter_page.h) of one runtime: made, written, and freed. */
#ifndef NEURON_COUNTERS_PROCESS_COUNTERS_H
#define NEURON_COUNTERS_PROCESS_COUNTERS_H

#include <stdint.h>

#include "counters/counter_page.h"
#include "counters/stamp.h"
#include "neuron/core_set.h"
#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/topology.h"

/* A forked child changes nothing in it, and may destroy it: the page stays its parent's. */
struct neuron_process_counters;

/*
 * Makes a page, all counts zero. Where the system gives none that others can read, the counts are
 * kept for this process alone.
 *
 * cores  those of the runtime, by the machine's numbers. Borrowed for the call.
 * tag    what people call the process; NULL for its pid. Borrowed for the call.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_counters_create(const struct neuron_topology *topology,
                               const struct neuron_core_set *cores, const char *tag,
                               struct neuron_process_counters **counters,
                               struct neuron_error *error);

/* The record of a core, for its executor. Lives as long as the counters. */
struct neuron_counter_core *
neuron_process_counters_core(const struct neuron_process_counters *counters, uint32_t nc);

/* Where the stamps of this page come from. */
enum neuron_stamp_source
neuron_process_counters_source(const struct neuron_process_counters *counters);

/* What people call the process. Lives as long as the counters. */
const char *
neuron_process_counters_tag(const struct neuron_process_counters *counters);

/* Counts a call that came to no core. Any thread. */
void
neuron_process_counters_refuse(struct neuron_process_counters *counters, enum neuron_status status);

/* What is listed of a module. */
struct neuron_counted_module {
    uint64_t serial; /* not 0, unique in the runtime */
    const struct neuron_model *model;
    const uint32_t *first_cores; /* of its replicas */
    uint32_t replica_count;
    uint32_t model_cores;
};

/* Lists a module, where there is room, and takes it off the list. Any thread. */
void
neuron_process_counters_add_module(struct neuron_process_counters *counters,
                                   const struct neuron_counted_module *module);
void
neuron_process_counters_remove_module(struct neuron_process_counters *counters, uint64_t serial);

/*
 * Notes that an owner uses more of a device, or less by what was noted before. Any thread.
 *
 * counters  NULL for nowhere.
 */
void
neuron_process_counters_take_memory(struct neuron_process_counters *counters, uint32_t device,
                                    const char *owner, enum neuron_memory_use use, uint64_t bytes);
void
neuron_process_counters_give_memory(struct neuron_process_counters *counters, uint32_t device,
                                    const char *owner, enum neuron_memory_use use, uint64_t bytes);

/* Frees the page. Nobody writes it any more. Accepts NULL. */
void
neuron_process_counters_destroy(struct neuron_process_counters *counters);

#endif
