/* SPDX-License-Identifier: Apache-2.0 */
/* The check of a custom program. What it points to is only read where its version and counts say
   that it is there. */
#include "neuron/custom_program.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_BYTES = 160 };

/* The tensors of one direction. */
struct tensor_list {
    const char *kind; /* "input" */
    const struct neuron_custom_tensor *tensors;
    uint32_t count;
    bool may_be_shared;
};

/* Checks what a list says before its tensors are looked at. */
static enum neuron_status
check_list(const char *program, const struct tensor_list *list, struct neuron_error *error)
{
    if (list->count == 0 || list->count > NEURON_CUSTOM_TENSOR_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "custom program \"%.60s\": %" PRIu32 " %ss; it must have 1 to %d",
                           program, list->count, list->kind, NEURON_CUSTOM_TENSOR_LIMIT);
    }
    if (list->tensors == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "custom program \"%.60s\": %" PRIu32
                           " %ss, but the array of them is NULL",
                           program, list->count, list->kind);
    }
    return NEURON_OK;
}

/* Checks type and rank: what has to be right before dimensions mean anything. */
static enum neuron_status
check_kind(const char *where, const struct neuron_custom_tensor *tensor, struct neuron_error *error)
{
    const struct neuron_tensor_shape *shape = &tensor->spec.shape;

    if (neuron_type_size_bytes(shape->type) == 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s: %d is no element type", where,
                           (int)shape->type);
    }
    if (shape->rank > NEURON_RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s: rank %" PRIu32 "; the most is %d",
                           where, shape->rank, NEURON_RANK_LIMIT);
    }
    if (shape->rank == 0 && !tensor->is_shared) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s: a scalar has no rows; give it a dimension 0, or, for an input that "
                           "all rows share, set is_shared",
                           where);
    }
    return NEURON_OK;
}

static enum neuron_status
check_dimensions(const char *where, const struct neuron_custom_tensor *tensor,
                 struct neuron_error *error)
{
    const struct neuron_tensor_shape *shape = &tensor->spec.shape;

    for (uint32_t i = 0; i < NEURON_RANK_LIMIT; i += 1) {
        bool is_rows = i == 0 && !tensor->is_shared;

        if (is_rows && shape->dims[i] != 0) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "%s: dimension 0 is %" PRId64
                               "; leave it 0, for any number of rows, or, for an input that all "
                               "rows share, set is_shared",
                               where, shape->dims[i]);
        }
        if (!is_rows && i < shape->rank && shape->dims[i] < 1) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "%s: dimension %" PRIu32 " is %" PRId64 "; it must be at least 1",
                               where, i, shape->dims[i]);
        }
        if (i >= shape->rank && shape->dims[i] != 0) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "%s: dimension %" PRIu32 " is %" PRId64 ", but the rank is %" PRIu32,
                               where, i, shape->dims[i], shape->rank);
        }
    }
    return NEURON_OK;
}

/* Checks that the largest run, or a single row where runs have no limit, has a size in bytes. */
static enum neuron_status
check_size(const char *where, const struct neuron_custom_tensor *tensor, uint32_t row_limit,
           struct neuron_error *error)
{
    struct neuron_tensor_shape shape = tensor->spec.shape;
    size_t count = 0;

    if (!tensor->is_shared) {
        shape.dims[0] = row_limit == 0 ? 1 : (int64_t)row_limit;
    }
    if (!neuron_tensor_shape_element_count(&shape, &count)) {
        char text[96] = "";

        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s: a run may need %s: more bytes than can be", where,
                           neuron_tensor_shape_format(&shape, text, sizeof(text)));
    }
    return NEURON_OK;
}

static enum neuron_status
check_tensor(const struct neuron_custom_program *program, const struct tensor_list *list,
             uint32_t index, struct neuron_error *error)
{
    const struct neuron_custom_tensor *tensor = &list->tensors[index];
    const char *name = tensor->spec.name;
    char where[WHERE_BYTES] = "";

    if (name[0] == '\0' || memchr(name, '\0', sizeof(tensor->spec.name)) == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "custom program \"%.60s\": the name of %s %" PRIu32
                           " must have 1 to %d bytes, and an end",
                           program->name, list->kind, index, NEURON_NAME_LIMIT_BYTES - 1);
    }
    (void)snprintf(where, sizeof(where), "custom program \"%.60s\": %s %" PRIu32 " \"%.60s\"",
                   program->name, list->kind, index, name);
    if (tensor->is_shared && !list->may_be_shared) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s: is_shared is for inputs; each row has results of its own", where);
    }
    enum neuron_status status = check_kind(where, tensor, error);

    if (status == NEURON_OK) {
        status = check_dimensions(where, tensor, error);
    }
    if (status == NEURON_OK) {
        status = check_size(where, tensor, program->row_limit, error);
    }
    return status;
}

static enum neuron_status
check_tensors(const struct neuron_custom_program *program, const struct tensor_list *list,
              struct neuron_error *error)
{
    enum neuron_status status = check_list(program->name, list, error);
    bool has_rows = false;

    for (uint32_t i = 0; status == NEURON_OK && i < list->count; i += 1) {
        status = check_tensor(program, list, i, error);
        has_rows = has_rows || !list->tensors[i].is_shared;
    }
    if (status == NEURON_OK && !has_rows) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "custom program \"%.60s\": all rows share every input; one at least "
                           "must have rows",
                           program->name);
    }
    return status;
}

static enum neuron_status
check_functions(const struct neuron_custom_program *program, struct neuron_error *error)
{
    if (program->run == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "custom program \"%.60s\" has no run()",
                           program->name);
    }
    if (program->create == NULL && program->destroy != NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "custom program \"%.60s\" has a destroy(), but no create() that makes "
                           "what it destroys",
                           program->name);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_custom_program_check(const struct neuron_custom_program *program, struct neuron_error *error)
{
    if (program == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the custom program is NULL: there is none");
    }
    /* Before anything else: where other fields lie is the version's. */
    if (program->version != NEURON_CUSTOM_PROGRAM_VERSION) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the custom program is of version %" PRIu32
                           ", not %d: compile it with the headers of this version",
                           program->version, NEURON_CUSTOM_PROGRAM_VERSION);
    }
    if (program->name == NULL || program->name[0] == '\0' ||
        memchr(program->name, '\0', NEURON_NAME_LIMIT_BYTES) == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the custom program's name must have 1 to %d bytes",
                           NEURON_NAME_LIMIT_BYTES - 1);
    }
    const struct tensor_list inputs = {"input", program->inputs, program->input_count, true};
    const struct tensor_list outputs = {"output", program->outputs, program->output_count, false};
    enum neuron_status status = check_functions(program, error);

    if (status == NEURON_OK) {
        status = check_tensors(program, &inputs, error);
    }
    if (status == NEURON_OK) {
        status = check_tensors(program, &outputs, error);
    }
    return status;
}
