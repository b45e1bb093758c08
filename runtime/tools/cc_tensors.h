/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs and outputs of a model's run: from files, or made up. */
#ifndef NEURON_TOOLS_CC_TENSORS_H
#define NEURON_TOOLS_CC_TENSORS_H

#include <stdbool.h>

#include "cc_arrays.h"
#include "cc_command_line.h"
#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* What happens to inputs for which no file is given. */
enum neuron_cc_missing_inputs {
    NEURON_CC_REFUSE_MISSING,
    NEURON_CC_MAKE_UP_MISSING /* numbers that are the same each time */
};

struct neuron_cc_tensors {
    struct neuron_tensor_view *inputs; /* in the model's order */
    struct neuron_tensor_view *outputs;
    void **addresses; /* of the inputs' data, and behind them those of the outputs */
    void **owned;     /* by input: what was made up; NULL for what an array holds */
    uint32_t input_count;
    uint32_t output_count;
};

/*
 * Finds the data of each input, and memory for each output. Inputs that may not be made up are for
 * a run, which takes those that fit a bucket of the model; others are for the largest.
 *
 * arrays   as many as the options name files. They outlive the tensors.
 * tensors  receives them; to be closed. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for an array whose type or shape is not the input's, or that is
 * for no input, and for an input without an array, unless it may be made up; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_tensors_open(const struct neuron_model *model, const struct neuron_cc_options *options,
                       const struct neuron_cc_arrays *arrays, enum neuron_cc_missing_inputs missing,
                       struct neuron_cc_tensors *tensors, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_cc_tensors_close(struct neuron_cc_tensors *tensors);

#endif
