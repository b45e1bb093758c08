/* SPDX-License-Identifier: Apache-2.0 */
/* What a DataParallel object has. */
#ifndef NEURON_DP_DATA_PARALLEL_BODY_H
#define NEURON_DP_DATA_PARALLEL_BODY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "batch_plan.h"
#include "dispatcher.h"
#include "neuron/core_claim.h"
#include "neuron/data_parallel.h"
#include "program_specs.h"

/* Whether a call may have any number of rows, and if not, who decided that. */
enum neuron_batching {
    NEURON_BATCHING_DYNAMIC,
    NEURON_BATCHING_REFUSED_BY_MODEL, /* or by a dimension other than 0 */
    NEURON_BATCHING_REFUSED_BY_OPTIONS,
    NEURON_BATCHING_SWITCHED_OFF
};

/* Two ways to cut calls. All but the atomics is written before the object is known to others. */
struct neuron_data_parallel {
    struct neuron_program_specs specs;
    struct neuron_module *module; /* of a model; NULL where another process or program runs */
    bool owns_module;
    const struct neuron_runtime *runtime;   /* of the cores below */
    struct neuron_core_claim cores;         /* of replicas in no module; else zeroed */
    struct neuron_isolated_lanes *isolated; /* NULL where all runs in this process */
    struct neuron_dispatcher *dispatcher;
    struct neuron_row_layout *layouts;       /* with dynamic batching; NULL where that is refused */
    struct neuron_row_layout *exact_layouts; /* of a model */
    int32_t dim;                             /* resolved: not 0 only where it cannot be */
    int64_t run_rows; /* of a run with dynamic batching; 0 where that is refused */
    uint32_t replica_count;
    uint32_t core_count;
    uint32_t queue_limit;
    struct neuron_error refusal; /* why there is no dynamic batching, for REFUSED_BY_MODEL */
    _Atomic enum neuron_batching batching; /* changes once at most, from DYNAMIC to SWITCHED_OFF */
    _Atomic uint32_t split_rows;           /* 0 for the automatic cut */
    _Atomic uint32_t worker_limit;         /* 0 for 2 x cores */
    _Atomic uint32_t submitted_count;      /* calls submitted and not waited for */
};

#endif
