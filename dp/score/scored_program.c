/* SPDX-License-Identifier: Apache-2.0 */
#include "score/scored_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"
#include "neuron/model_weights.h"
#include "score/file_sum.h"

struct neuron_scored_program {
    const struct neuron_score_options *options;
    struct neuron_model *model;
    struct neuron_custom_library *library;
    struct neuron_tensor_spec *inputs;
    struct neuron_tensor_spec *outputs;
    bool *is_shared;
    uint32_t input_count;
    uint32_t output_count;
    uint64_t batch_rows;
};

static bool
is_library(const char *path)
{
    size_t length = strlen(path);

    return length > 3 && strcmp(path + length - 3, ".so") == 0;
}

static enum neuron_status
allocate_specs(struct neuron_scored_program *program, struct neuron_error *error)
{
    program->inputs = calloc(program->input_count, sizeof(*program->inputs));
    program->outputs = calloc(program->output_count, sizeof(*program->outputs));
    program->is_shared = calloc(program->input_count, sizeof(*program->is_shared));
    if (program->inputs == NULL || program->outputs == NULL || program->is_shared == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the tensors of a model");
    }
    return NEURON_OK;
}

static bool
has_rows(const struct neuron_tensor_spec *spec, int64_t rows)
{
    return spec->shape.rank > 0 && spec->shape.dims[0] == rows;
}

/* Every input that is not shared and every output has the batch as its dimension 0. */
static enum neuron_status
check_rows(struct neuron_scored_program *program, struct neuron_error *error)
{
    bool fits = true;
    int64_t rows = 0;

    for (uint32_t i = 0; i < program->input_count; i += 1) {
        if (program->is_shared[i]) {
            continue;
        }
        rows = rows == 0 && program->inputs[i].shape.rank > 0 ? program->inputs[i].shape.dims[0]
                                                              : rows;
        fits = fits && has_rows(&program->inputs[i], rows);
    }
    for (uint32_t i = 0; i < program->output_count; i += 1) {
        fits = fits && has_rows(&program->outputs[i], rows);
    }
    if (!fits || rows < 1) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s does not give one row for each row; compile it with a batch as "
                           "dimension 0",
                           program->options->model_path);
    }
    program->batch_rows = (uint64_t)rows;
    return NEURON_OK;
}

static enum neuron_status
take_model(struct neuron_scored_program *program, struct neuron_error *error)
{
    const struct neuron_model *model = program->model;
    struct neuron_error reason = {0};

    program->input_count = neuron_model_input_count(model);
    program->output_count = neuron_model_output_count(model);
    enum neuron_status status = allocate_specs(program, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < program->input_count; i += 1) {
        program->inputs[i] = *neuron_model_input(model, i);
        program->is_shared[i] = neuron_model_input_is_shared(model, i);
    }
    for (uint32_t i = 0; i < program->output_count; i += 1) {
        program->outputs[i] = *neuron_model_output(model, i);
    }
    if (neuron_model_check_batchable(model, &reason) != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s cannot score row by row: %s",
                           program->options->model_path, reason.text);
    }
    return check_rows(program, error);
}

/* A library gives 0 for what counts rows: its runs take any number. */
static enum neuron_status
take_library(struct neuron_scored_program *program, struct neuron_error *error)
{
    const struct neuron_custom_program *custom = neuron_custom_library_program(program->library);

    program->input_count = custom->input_count;
    program->output_count = custom->output_count;
    enum neuron_status status = allocate_specs(program, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < program->input_count; i += 1) {
        program->inputs[i] = custom->inputs[i].spec;
        program->is_shared[i] = custom->inputs[i].is_shared;
        if (!program->is_shared[i]) {
            program->inputs[i].shape.dims[0] = 1;
        }
    }
    for (uint32_t i = 0; i < program->output_count; i += 1) {
        program->outputs[i] = custom->outputs[i].spec;
        program->outputs[i].shape.dims[0] = 1;
    }
    return check_rows(program, error);
}

static enum neuron_status
load_model(struct neuron_scored_program *program, struct neuron_error *error)
{
    const struct neuron_score_options *options = program->options;
    struct neuron_model *loaded = NULL;

    enum neuron_status status = neuron_model_load(options->model_path, &loaded, error);
    if (status != NEURON_OK || options->weights_path == NULL) {
        program->model = loaded;
        return status;
    }
    status = neuron_model_replace_weights(loaded, options->weights_path, &program->model, error);
    /* The one with the weights holds what it needs of the other. */
    neuron_model_destroy(loaded);
    return status;
}

/* A name with a slash is a file, as everywhere else here. */
static enum neuron_status
open_library(struct neuron_scored_program *program, struct neuron_error *error)
{
    const struct neuron_score_options *options = program->options;
    char *path = NULL;

    if (options->weights_path != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--weights replaces those of a compiled model, and %s is a library; "
                           "leave it out",
                           options->model_path);
    }
    if (asprintf(&path, "%s%s", strchr(options->model_path, '/') == NULL ? "./" : "",
                 options->model_path) < 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a path");
    }
    enum neuron_status status =
        neuron_custom_library_open(path, options->config, &program->library, error);
    free(path);
    return status;
}

enum neuron_status
neuron_scored_program_load(const struct neuron_score_options *options,
                           struct neuron_scored_program **program, struct neuron_error *error)
{
    struct neuron_scored_program *made = calloc(1, sizeof(*made));
    enum neuron_status status = NEURON_OK;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a model");
    }
    made->options = options;
    if (is_library(options->model_path)) {
        status = open_library(made, error);
        status = status == NEURON_OK ? take_library(made, error) : status;
    } else if (options->config != NULL) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                        "--config is for a library (.so), and %s is a compiled model; leave it "
                        "out",
                        options->model_path);
    } else {
        status = load_model(made, error);
        status = status == NEURON_OK ? take_model(made, error) : status;
    }
    if (status != NEURON_OK) {
        neuron_scored_program_destroy(made);
        return status;
    }
    *program = made;
    return NEURON_OK;
}

const struct neuron_tensor_spec *
neuron_scored_program_inputs(const struct neuron_scored_program *program)
{
    return program->inputs;
}

const struct neuron_tensor_spec *
neuron_scored_program_outputs(const struct neuron_scored_program *program)
{
    return program->outputs;
}

const bool *
neuron_scored_program_shared(const struct neuron_scored_program *program)
{
    return program->is_shared;
}

uint32_t
neuron_scored_program_input_count(const struct neuron_scored_program *program)
{
    return program->input_count;
}

uint32_t
neuron_scored_program_output_count(const struct neuron_scored_program *program)
{
    return program->output_count;
}

uint64_t
neuron_scored_program_batch_rows(const struct neuron_scored_program *program)
{
    return program->batch_rows;
}

uint32_t
neuron_scored_program_core_count(const struct neuron_scored_program *program)
{
    return program->model != NULL ? neuron_model_core_count(program->model) : 1;
}

bool
neuron_scored_program_is_custom(const struct neuron_scored_program *program)
{
    return program->library != NULL;
}

bool
neuron_scored_program_find_lack(const struct neuron_scored_program *program,
                                struct neuron_error *lack)
{
    return program->model != NULL && neuron_model_check_machine(program->model, lack) != NEURON_OK;
}

static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

enum neuron_status
neuron_scored_program_identify(const struct neuron_scored_program *program,
                               struct neuron_job_fingerprint *fingerprint,
                               struct neuron_error *error)
{
    const struct neuron_score_options *options = program->options;
    uint64_t sum = 0;

    if (program->model != NULL) {
        char hex[2 * NEURON_MODEL_IDENTITY_BYTES + 1] = "";
        const unsigned char *identity = neuron_model_identity(program->model);

        for (size_t i = 0; i < NEURON_MODEL_IDENTITY_BYTES; i += 1) {
            hex[2 * i] = "0123456789abcdef"[identity[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"[identity[i] & 15];
        }
        return neuron_job_fingerprint_add(fingerprint, "model", error, "%s %s",
                                          name_of(options->model_path), hex);
    }
    enum neuron_status status = neuron_file_sum(options->model_path, &sum, error);
    if (status == NEURON_OK) {
        status = neuron_job_fingerprint_add(fingerprint, "model", error, "%s %016llx",
                                            name_of(options->model_path), (unsigned long long)sum);
    }
    if (status == NEURON_OK && options->config != NULL) {
        status = neuron_job_fingerprint_add(fingerprint, "config", error, "%s", options->config);
    }
    return status;
}

enum neuron_status
neuron_scored_program_place(const struct neuron_scored_program *program,
                            struct neuron_runtime *runtime,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    if (program->model != NULL) {
        return neuron_data_parallel_create(runtime, program->model, options, parallel, error);
    }
    return neuron_data_parallel_create_custom(
        runtime, neuron_custom_library_program(program->library), options, parallel, error);
}

void
neuron_scored_program_destroy(struct neuron_scored_program *program)
{
    if (program == NULL) {
        return;
    }
    neuron_model_destroy(program->model);
    neuron_custom_library_close(program->library);
    free(program->inputs);
    free(program->outputs);
    free(program->is_shared);
    free(program);
}
