/* SPDX-License-Identifier: Apache-2.0 */
/* The benchmark of a model of several cores: runs one by one, and runs that stream. */
#ifndef NEURON_TOOLS_CC_BENCH_STREAM_H
#define NEURON_TOOLS_CC_BENCH_STREAM_H

#include <stdint.h>

#include "cc_tensors.h"
#include "neuron/model.h"
#include "neuron/status.h"

struct neuron_cc_stream_order {
    const struct neuron_model *model;
    const struct neuron_cc_tensors *tensors;
    uint64_t flops;         /* of a run */
    uint64_t *times_ns;     /* room for as many as the limit of runs */
    uint64_t run_limit;     /* of either kind */
    uint64_t time_limit_ns; /* of both kinds together; UINT64_MAX for none */
};

/*
 * Claims as many cores as the model takes, runs it, and prints latency and throughput.
 *
 * Returns as neuron_cc_claim_cores(), neuron_module_create() and neuron_module_run().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_bench_stream(const struct neuron_cc_stream_order *order, struct neuron_error *error);

#endif
