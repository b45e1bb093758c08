/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_model.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cc_exit.h"
#include "cc_weights.h"
#include "compiler/compile_graph.h"
#include "module/model_body.h"

static bool
ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* The first byte of a file; -1 where it has none, or is no file to read from. */
static int
first_byte(const char *path)
{
    /* Not blocking, as opening a pipe would. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    unsigned char byte = 0;
    bool is_read = file >= 0 && pread(file, &byte, 1, 0) == 1;

    if (file >= 0) {
        (void)close(file);
    }
    return is_read ? byte : -1;
}

bool
neuron_cc_is_onnx(const char *path)
{
    switch (first_byte(path)) {
    case 0x08: /* ir_version, the first field as nearly every writer orders them */
        return true;
    case 0x89: /* a compiled file; in an ONNX file these three would be fields that there are not */
    case 0x01: /* one for other hardware, which its reader knows */
    case 0x02:
        return false;
    default:
        return ends_in(path, ".onnx");
    }
}

/* Whether the options give the shape of an input, so that its array only has to agree. */
static bool
has_shape(const struct neuron_cc_options *options, const char *input)
{
    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        if (strcmp(options->shapes[i].input, input) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the shapes of the arrays to those of the options. */
static void
join_shapes(const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
            struct neuron_onnx_input_shape *shapes, uint32_t *shape_count)
{
    uint32_t count = options->shape_count;

    if (count > 0) {
        memcpy(shapes, options->shapes, count * sizeof(*shapes));
    }
    for (uint32_t i = 0; i < arrays->count; i += 1) {
        const struct neuron_tensor_view *view = &arrays->views[i];

        if (!has_shape(options, options->array_files[i].input)) {
            shapes[count] = (struct neuron_onnx_input_shape){.input = options->array_files[i].input,
                                                             .rank = view->rank};
            memcpy(shapes[count].dims, view->shape, sizeof(shapes[count].dims));
            count += 1;
        }
    }
    *shape_count = count;
}

static enum neuron_status
import(const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
       struct neuron_graph **graph, struct neuron_onnx_report **report, struct neuron_error *error)
{
    struct neuron_onnx_options given = {.batch = options->batch,
                                        .shared_inputs = options->shared_inputs,
                                        .shared_input_count = options->shared_input_count,
                                        .keeps_weights = options->weights_path != NULL};
    struct neuron_onnx_input_shape *shapes =
        calloc((size_t)options->shape_count + arrays->count + 1, sizeof(*shapes));

    if (shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the shapes of inputs");
    }
    join_shapes(options, arrays, shapes, &given.shape_count);
    given.shapes = shapes;
    enum neuron_status status =
        neuron_onnx_import(options->model_path, &given, graph, report, error);
    free(shapes);
    return status;
}

static enum neuron_status
open_onnx(const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
          struct neuron_cc_model *model, struct neuron_onnx_report **report,
          struct neuron_error *error)
{
    const char *slash = strrchr(options->model_path, '/');
    struct neuron_compiler_options compiler = options->compiler;
    struct neuron_graph *compiled = NULL;
    enum neuron_status status = import(options, arrays, &model->imported, report, error);

    compiler.weights_apart = options->weights_path != NULL;
    if (status == NEURON_OK) {
        status = neuron_compile_graph(model->imported, &compiler, &compiled, error);
    }
    return status == NEURON_OK
               ? neuron_model_adopt(compiled, slash == NULL ? options->model_path : slash + 1,
                                    &model->model, error)
               : status;
}

static enum neuron_status
open_compiled(const struct neuron_cc_options *options, struct neuron_cc_model *model,
              struct neuron_error *error)
{
    if (options->batch > 0 || options->shape_count > 0 || options->shared_input_count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is compiled, and has its shapes; leave out --batch, --shape and "
                           "--shared-input",
                           options->model_path);
    }
    if (options->has_compiler_options) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is compiled; leave out -O, --auto-cast, --auto-cast-type and "
                           "--target, or give the ONNX file",
                           options->model_path);
    }
    return neuron_model_load(options->model_path, &model->model, error);
}

enum neuron_status
neuron_cc_model_open(const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
                     struct neuron_cc_model *model, struct neuron_onnx_report **report,
                     struct neuron_error *error)
{
    struct neuron_cc_model opened = {0};
    enum neuron_status status = neuron_cc_is_onnx(options->model_path)
                                    ? open_onnx(options, arrays, &opened, report, error)
                                    : open_compiled(options, &opened, error);

    if (status == NEURON_OK) {
        status = neuron_cc_give_weights(options, &opened.model, error);
    }
    if (status != NEURON_OK) {
        neuron_cc_model_close(&opened);
        return status;
    }
    neuron_cc_note_machine(options->model_path, opened.model->file.graph);
    *model = opened;
    return NEURON_OK;
}

const struct neuron_graph *
neuron_cc_model_graph(const struct neuron_cc_model *model)
{
    return model->model->file.graph;
}

void
neuron_cc_model_close(struct neuron_cc_model *model)
{
    neuron_model_destroy(model->model);
    neuron_graph_destroy(model->imported);
    *model = (struct neuron_cc_model){0};
}
