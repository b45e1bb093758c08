/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of asynchronous calls share: the model "twice", scheduled and waited for. */
#ifndef NEURON_TESTS_ASYNC_BENCH_H
#define NEURON_TESTS_ASYNC_BENCH_H

#include <stdint.h>

#include "neuron/executor.h"
#include "nrt/nrt_async.h"

#include "nrt_bench.h"
#include "nrt_models.h"

/*
 * A run over an input that starts with one of these ends with the status beside it. It is the work
 * of the linker (--wrap), which puts the test between libnrt and the runtime.
 */
#define RUN_FAILS     1.0e30F /* NEURON_SYSTEM */
#define RUN_TIMES_OUT 2.0e30F /* NEURON_TIMED_OUT */
#define RUN_GIVES_NAN 3.0e30F /* NEURON_NUMERICAL_ERROR; the outputs are there */

enum { BENCH_CORES = 4 }; /* of nrt_bench_setup() */

/* Says how often the calling thread has asked for memory, also the linker's work. */
uint32_t
allocation_count(void);

/* Loads "twice" to a run of cores, with a replica on each; -1 for one. */
nrt_model_t *
load_twice(const struct nrt_bench *bench, int32_t vnc, int32_t vnc_count);

/* The executor of a core of the open library. */
struct neuron_executor *
executor_of(uint32_t nc);

/* Makes the tensors of "twice" near a core, all zero. */
struct twice_tensors
create_pair(int vnc);

/* Fills a vector with a number. */
void
write_number(nrt_tensor_t *tensor, float number);

/* Schedules a run over a pair, or fails the test. */
nrta_seq_t
schedule(nrt_model_t *model, const struct twice_tensors *pair, nrta_error_tracker_t *tracker);

/* Waits for the completion of a request by poll(), or fails the test. */
void
await(nrta_seq_t sequence);

/* The sequence id of a request; `place` is that of its queue among those of the core. */
nrta_seq_t
sequence_id(uint32_t nc, uint32_t place, uint64_t number);

#endif
