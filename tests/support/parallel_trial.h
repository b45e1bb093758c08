/* SPDX-License-Identifier: Apache-2.0 */
/* A random DataParallel object over a random model, and batches for it. */
#ifndef NEURON_TESTS_PARALLEL_TRIAL_H
#define NEURON_TESTS_PARALLEL_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"
#include "neuron/data_parallel_report.h"

#include "guarded_tensor.h"
#include "row_model.h"
#include "staged_model.h"
#include "test_runtime.h"

enum { TRIAL_CORE_LIMIT = 16, TRIAL_ID_BYTES = 16 };

/* Which rule a trial is about. */
enum trial_mode { TRIAL_DYNAMIC, TRIAL_OFF, TRIAL_OTHER_DIM, TRIAL_MODES };

struct parallel_trial {
    uint64_t seed; /* 0 when no trial is under way */
    uint64_t random;
    enum trial_mode mode;
    uint32_t cores;
    int32_t dim;
    struct row_model recipe;
    struct staged_model staged;
    struct test_runtime owner;
    struct neuron_module *loop;  /* one replica, for what must come out */
    struct neuron_module *place; /* where the object stands, if it is made on a module */
    struct neuron_data_parallel *parallel;
    struct neuron_data_parallel_report *report;
    uint32_t id_count; /* 0 for all cores */
    uint32_t id_cores[TRIAL_CORE_LIMIT];
    char ids[TRIAL_CORE_LIMIT][TRIAL_ID_BYTES];
    const char *id_texts[TRIAL_CORE_LIMIT];
};

/* Draws everything from a seed other than 0, and checks what the object says of itself. */
void
parallel_trial_begin(struct parallel_trial *trial, uint64_t seed);

void
parallel_trial_end(struct parallel_trial *trial);

/* Says whether calls take any number of rows. */
bool
parallel_trial_is_dynamic(const struct parallel_trial *trial);

/* The compiled rows of a model whose tensors all have the same. */
int64_t
parallel_trial_compiled_extent(const struct parallel_trial *trial);

/* Fails unless the shares of the last call's report are those of the cores that were named, in
   their order. */
void
parallel_trial_check_places(const struct parallel_trial *trial);

/* The tensors of a call, and what must come out. */
struct trial_batch {
    int64_t extent; /* rows; or, of exact shapes, how many times the compiled ones */
    struct guarded_tensor inputs[ROW_MODEL_INPUTS];
    struct guarded_tensor outputs[ROW_MODEL_OUTPUTS];
    struct guarded_tensor expected[ROW_MODEL_OUTPUTS];
    struct neuron_tensor_view input_views[ROW_MODEL_INPUTS];
    struct neuron_tensor_view output_views[ROW_MODEL_OUTPUTS];
    struct neuron_batch_tensors tensors;
};

void
trial_batch_create(struct trial_batch *batch, struct parallel_trial *trial, int64_t extent);

/* Computes what must come out: one run of the compiled shapes after the other. */
void
trial_batch_expect(struct trial_batch *batch, struct parallel_trial *trial);

void
trial_batch_destroy(struct trial_batch *batch);

#endif
