/* SPDX-License-Identifier: Apache-2.0 */
/* What is run on rows takes and gives, whether it is a compiled model or a program of the user's.
 */
#ifndef NEURON_DP_PROGRAM_SPECS_H
#define NEURON_DP_PROGRAM_SPECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

enum { NEURON_PROGRAM_TENSOR_TEXT_BYTES = 64 }; /* holds what names a tensor in an error text */

/* A value, freely copied. It borrows the model or the program, which outlives it. */
struct neuron_program_specs {
    const struct neuron_model *model;           /* NULL for a program of the user's */
    const struct neuron_custom_program *custom; /* NULL for a model */
    const char *name;
    uint32_t input_count;
    uint32_t output_count;
    int64_t batch_rows; /* of a run of a model whose batches may be cut; else 0 */
};

/* One input or output. */
struct neuron_program_tensor {
    const struct neuron_tensor_spec
        *spec;      /* dimension 0 says nothing for a program of the user's */
    uint32_t index; /* among the inputs, or among the outputs */
    bool is_input;
    bool is_shared; /* an input that carries no batch */
};

/*
 * Says how many rows a run of the model takes, if batches may be cut along them.
 *
 * Returns NEURON_UNSUPPORTED_MODEL, with the reason, if they may not.
 */
enum neuron_status
neuron_model_find_batch(const struct neuron_model *model, int64_t *compiled_batch,
                        struct neuron_error *error);

/* What a model takes and gives, with the rows that neuron_model_find_batch() found, if it did. */
struct neuron_program_specs
neuron_program_specs_of_model(const struct neuron_model *model);

/* What a program takes and gives that neuron_custom_program_check() found whole. */
struct neuron_program_specs
neuron_program_specs_of_custom(const struct neuron_custom_program *program);

/* The tensor at a position: first the inputs, then the outputs. */
struct neuron_program_tensor
neuron_program_specs_tensor(const struct neuron_program_specs *specs, uint32_t position);

/* Names a tensor for an error text, cut where it does not fit: input 0 "images". Returns the text.
 */
const char *
neuron_program_tensor_format(const struct neuron_program_tensor *tensor, char *text,
                             size_t size_bytes);

/*
 * Checks that a dimension can be cut in every input and output but the shared ones.
 *
 * dim       as a caller gives it: below 0 it counts from the last of each tensor.
 * resolved  receives 0 where that is the outermost dimension of all these tensors, so that "-2" of
 *           matrices is no other case than "0"; else `dim` as it is. Unchanged on failure.
 *
 * Dimension 0 passes in any case: it is what is cut where nobody has named one, and a scalar, which
 * has none, can still be run whole on one core.
 *
 * Returns NEURON_INVALID_ARGUMENT with the tensor that lacks the dimension, its rank, and what
 * would do for all of them.
 */
enum neuron_status
neuron_program_specs_check_dim(const struct neuron_program_specs *specs, int32_t dim,
                               int32_t *resolved, struct neuron_error *error);

/* Which dimension of a tensor of this rank `dim` is, if it has it; 0 in a scalar. */
uint32_t
neuron_dim_in_rank(int32_t dim, uint32_t rank);

#endif
