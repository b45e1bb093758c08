/* SPDX-License-Identifier: Apache-2.0 */
#include "program_specs.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum {
    NO_ROWS = -1,          /* a number of rows that is still to be found */
    CHOICE_TEXT_BYTES = 64 /* which dimensions would do */
};

enum neuron_status
neuron_model_find_batch(const struct neuron_model *model, int64_t *compiled_batch,
                        struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    uint32_t count = input_count + neuron_model_output_count(model);
    enum neuron_status status = neuron_model_check_batchable(model, error);
    int64_t batch = NO_ROWS;

    if (status != NEURON_OK) {
        return status;
    }
    if (input_count == 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the model \"%.60s\" has no input that could be cut",
                           neuron_model_name(model));
    }
    /* Buffers are sized by this number, so it is not left to anybody's promise. */
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec = i < input_count
                                                    ? neuron_model_input(model, i)
                                                    : neuron_model_output(model, i - input_count);
        int64_t rows = spec->shape.rank > 0 ? spec->shape.dims[0] : 0;

        if (i < input_count && neuron_model_input_is_shared(model, i)) {
            continue;
        }
        batch = batch == NO_ROWS ? rows : batch;
        if (rows < 1 || rows != batch) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the model \"%.60s\" has no common number of rows: \"%.60s\" is "
                               "compiled for %" PRId64,
                               neuron_model_name(model), spec->name, rows);
        }
    }
    *compiled_batch = batch;
    return NEURON_OK;
}

struct neuron_program_specs
neuron_program_specs_of_model(const struct neuron_model *model)
{
    struct neuron_program_specs specs = {.model = model,
                                         .name = neuron_model_name(model),
                                         .input_count = neuron_model_input_count(model),
                                         .output_count = neuron_model_output_count(model)};

    neuron_ignore(neuron_model_find_batch(model, &specs.batch_rows, NULL));
    return specs;
}

struct neuron_program_specs
neuron_program_specs_of_custom(const struct neuron_custom_program *program)
{
    struct neuron_program_specs specs = {.custom = program,
                                         .name = program->name,
                                         .input_count = program->input_count,
                                         .output_count = program->output_count};

    return specs;
}

struct neuron_program_tensor
neuron_program_specs_tensor(const struct neuron_program_specs *specs, uint32_t position)
{
    bool is_input = position < specs->input_count;
    uint32_t index = is_input ? position : position - specs->input_count;
    struct neuron_program_tensor tensor = {.index = index, .is_input = is_input};

    if (specs->custom != NULL) {
        const struct neuron_custom_tensor *custom =
            is_input ? &specs->custom->inputs[index] : &specs->custom->outputs[index];

        tensor.spec = &custom->spec;
        tensor.is_shared = is_input && custom->is_shared;
        return tensor;
    }
    tensor.spec = is_input ? neuron_model_input(specs->model, index)
                           : neuron_model_output(specs->model, index);
    tensor.is_shared = is_input && neuron_model_input_is_shared(specs->model, index);
    return tensor;
}

const char *
neuron_program_tensor_format(const struct neuron_program_tensor *tensor, char *text,
                             size_t size_bytes)
{
    (void)snprintf(text, size_bytes, "%s %" PRIu32 " \"%.40s\"",
                   tensor->is_input ? "input" : "output", tensor->index, tensor->spec->name);
    return text;
}

uint32_t
neuron_dim_in_rank(int32_t dim, uint32_t rank)
{
    int64_t index = dim < 0 ? (int64_t)rank + dim : dim;

    assert(index >= 0 && (index < (int64_t)rank || index == 0));
    return (uint32_t)index;
}

static bool
has_dim(uint32_t rank, int32_t dim)
{
    return dim < 0 ? -(int64_t)dim <= (int64_t)rank : dim < (int64_t)rank;
}

/* Says which dimensions all tensors have that are cut. */
static const char *
format_choice(uint32_t least_rank, char *text, size_t size_bytes)
{
    if (least_rank == 0) {
        (void)snprintf(text, size_bytes, "0 alone can be given, as a scalar has no dimension");
    } else {
        (void)snprintf(text, size_bytes, "-%" PRIu32 " to %" PRIu32 " would do", least_rank,
                       least_rank - 1);
    }
    return text;
}

/* The least rank among the tensors that are cut. */
static uint32_t
find_least_rank(const struct neuron_program_specs *specs)
{
    uint32_t count = specs->input_count + specs->output_count;
    uint32_t least = NEURON_RANK_LIMIT;

    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(specs, i);
        uint32_t rank = tensor.spec->shape.rank;

        least = !tensor.is_shared && rank < least ? rank : least;
    }
    return least;
}

static enum neuron_status
refuse_dim(const struct neuron_program_specs *specs, const struct neuron_program_tensor *tensor,
           int32_t dim, struct neuron_error *error)
{
    char name[NEURON_PROGRAM_TENSOR_TEXT_BYTES] = "";
    char choice[CHOICE_TEXT_BYTES] = "";

    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "dim is %" PRId32 ", but %s of \"%.60s\" has rank %" PRIu32 ": %s", dim,
                       neuron_program_tensor_format(tensor, name, sizeof(name)), specs->name,
                       tensor->spec->shape.rank,
                       format_choice(find_least_rank(specs), choice, sizeof(choice)));
}

enum neuron_status
neuron_program_specs_check_dim(const struct neuron_program_specs *specs, int32_t dim,
                               int32_t *resolved, struct neuron_error *error)
{
    uint32_t count = specs->input_count + specs->output_count;
    bool is_outermost = true;

    for (uint32_t i = 0; dim != 0 && i < count; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(specs, i);
        uint32_t rank = tensor.spec->shape.rank;

        if (tensor.is_shared) {
            continue;
        }
        if (!has_dim(rank, dim)) {
            return refuse_dim(specs, &tensor, dim, error);
        }
        is_outermost = is_outermost && neuron_dim_in_rank(dim, rank) == 0;
    }
    if (specs->custom != NULL && !is_outermost) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "dim is %" PRId32 ", but the program \"%.60s\" runs on rows, which "
                           "are cut along dimension 0 alone",
                           dim, specs->name);
    }
    *resolved = is_outermost ? 0 : dim;
    return NEURON_OK;
}
