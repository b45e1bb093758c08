/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server of a model answers, whatever runtime the model is in, so that a script can let two
 * servers work in turn:
 *
 *   ready                     printed first
 *   run STREAMS COUNT         runs the model COUNT times on STREAMS cores together, and answers
 * with the microseconds from the first begin to the last end over COUNT write runs it once, writes
 * SCRATCH/output_0.bin and so on, and answers with "written" and the type of each
 *
 * The server ends with its input.
 */
#ifndef NEURON_BENCH_ORDER_LOOP_H
#define NEURON_BENCH_ORDER_LOOP_H

#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

/* A model, loaded somewhere. */
struct served_model {
    void *engine;
    uint32_t output_count;
    /* Runs it: the streams take turns from one count, so that a slow core holds up nobody. */
    enum neuron_status (*run)(void *engine, uint32_t stream_count, uint64_t run_count,
                              struct neuron_error *error);
    /* What the first stream's last run gave. */
    enum neuron_status (*output)(void *engine, uint32_t index, struct neuron_tensor_view *view,
                                 struct neuron_error *error);
};

/*
 * Answers orders until standard input ends.
 *
 * scratch  the folder for outputs.
 *
 * Returns NEURON_INVALID_SYNTAX for a line that is no order, NEURON_SYSTEM, or what a run returns.
 */
NEURON_MUST_CHECK enum neuron_status
serve_orders(const struct served_model *model, uint32_t stream_limit, const char *scratch,
             struct neuron_error *error);

#endif
