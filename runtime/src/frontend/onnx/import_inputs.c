/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs get their dimensions from the file; what it leaves open comes from the options, and from
 * inputs whose open dimension has the same name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "frontend/onnx/importer.h"
#include "frontend/onnx/onnx_report.h"

/* Says whether an input of the file is one of the model; older files list initializers, too. */
static bool
is_input(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input)
{
    const struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, input->name);

    return value != NULL && value->state == NEURON_ONNX_COMPUTED;
}

static void
refuse_input(const struct neuron_onnx_importer *importer, const char *name, const char *reason)
{
    neuron_onnx_report_refuse(importer->report, name, "input", 0, reason);
}

/* What the options say of an input; NULL for nothing. */
static const struct neuron_onnx_input_shape *
find_option(const struct neuron_onnx_importer *importer, const char *name)
{
    const struct neuron_onnx_options *options = importer->options;

    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        if (strcmp(options->shapes[i].input, name) == 0) {
            return &options->shapes[i];
        }
    }
    return NULL;
}

/* The shape that the file gives an input; NULL where it gives none. */
static const Neuron__Onnx__Shape *
shape_of(const Neuron__Onnx__ValueInfo *input)
{
    return input->type == NULL || input->type->tensor_type == NULL
               ? NULL
               : input->type->tensor_type->shape;
}

/* What the options alone say of one dimension of an input; 0 for nothing. */
static int64_t
find_in_options(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
                uint32_t index)
{
    const struct neuron_onnx_input_shape *option = find_option(importer, input->name);

    if (option != NULL) {
        return index < option->rank ? option->dims[index] : 0;
    }
    return index == 0 && importer->options->batch > 0 ? importer->options->batch : 0;
}

/* Finds the extent of an open dimension by its name in one input; 0 when that does not say it. */
static int64_t
find_in_input(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
              const char *parameter)
{
    const Neuron__Onnx__Shape *shape = shape_of(input);
    size_t count = shape == NULL || !is_input(importer, input) ? 0 : shape->n_dims;
    int64_t extent = 0;

    for (uint32_t i = 0; extent == 0 && i < count && i < NEURON_RANK_LIMIT; i += 1) {
        if (strcmp(shape->dims[i]->parameter, parameter) == 0) {
            extent = find_in_options(importer, input, i);
        }
    }
    return extent;
}

/* Finds the extent of an open dimension by its name in all inputs; 0 when none says it. */
static int64_t
find_parameter(const struct neuron_onnx_importer *importer, const char *parameter)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    int64_t extent = 0;

    for (size_t i = 0; extent == 0 && i < graph->n_inputs && parameter[0] != '\0'; i += 1) {
        extent = find_in_input(importer, graph->inputs[i], parameter);
    }
    return extent;
}

/* Finds the extent of one dimension; 0 where nothing says it. */
static int64_t
bind_dimension(const struct neuron_onnx_importer *importer,
               const Neuron__Onnx__Dimension *dimension,
               const struct neuron_onnx_input_shape *option, uint32_t index)
{
    if (option != NULL) {
        return option->dims[index];
    }
    if (dimension->size > 0) {
        return dimension->size;
    }
    if (index == 0 && importer->options->batch > 0) {
        return importer->options->batch;
    }
    return find_parameter(importer, dimension->parameter);
}

/* Says why a dimension cannot be what was found for it; an empty text where it can. */
static void
check_dimension(const Neuron__Onnx__Dimension *dimension, uint32_t index, int64_t found,
                char reason[NEURON_ERROR_TEXT_BYTES])
{
    if (dimension->size < 0 || found < 1) {
        (void)snprintf(reason, NEURON_ERROR_TEXT_BYTES,
                       "dimension %" PRIu32 " (%.40s) is open; say what it is to be, as in "
                       "--shape NAME=1x3x224x224 or, for dimension 0, --batch 8",
                       index, dimension->parameter);
    } else if (dimension->size > 0 && dimension->size != found) {
        (void)snprintf(reason, NEURON_ERROR_TEXT_BYTES,
                       "dimension %" PRIu32 " is %" PRId64 " in the file, and cannot be %" PRId64,
                       index, dimension->size, found);
    }
}

/* Finds the rank that the file and the options agree on. */
static void
bind_rank(const Neuron__Onnx__Shape *given, const struct neuron_onnx_input_shape *option,
          uint32_t *rank, char reason[NEURON_ERROR_TEXT_BYTES])
{
    size_t in_file = given == NULL ? 0 : given->n_dims;
    size_t in_options = option == NULL ? 0 : option->rank;
    size_t wanted = given == NULL ? in_options : in_file;
    bool agrees = given == NULL || option == NULL || in_file == in_options;

    if ((given == NULL && option == NULL) || !agrees || wanted > NEURON_RANK_LIMIT) {
        (void)snprintf(reason, NEURON_ERROR_TEXT_BYTES,
                       "the file gives it %zu dimensions, the options %zu; there are at most %d",
                       in_file, in_options, NEURON_RANK_LIMIT);
        return;
    }
    *rank = (uint32_t)wanted;
}

/* Finds all dimensions. Returns false, and says why, where the file and the options do not give
   them or contradict each other. */
static bool
bind_shape(struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
           struct neuron_tensor_shape *shape)
{
    const Neuron__Onnx__Shape *given = shape_of(input);
    const struct neuron_onnx_input_shape *option = find_option(importer, input->name);
    Neuron__Onnx__Dimension open;
    char reason[NEURON_ERROR_TEXT_BYTES] = "";

    neuron__onnx__dimension__init(&open);
    bind_rank(given, option, &shape->rank, reason);
    for (uint32_t i = 0; i < shape->rank && reason[0] == '\0'; i += 1) {
        const Neuron__Onnx__Dimension *dimension = given == NULL ? &open : given->dims[i];

        shape->dims[i] = bind_dimension(importer, dimension, option, i);
        check_dimension(dimension, i, shape->dims[i], reason);
    }
    if (reason[0] != '\0') {
        importer->has_misfit_options = true;
        refuse_input(importer, input->name, reason);
    }
    return reason[0] == '\0';
}

/* Gives an input a value and a port. */
static enum neuron_status
add_input(struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
          const struct neuron_tensor_shape *shape, struct neuron_graph_port *port,
          struct neuron_error *error)
{
    struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, input->name);

    enum neuron_status status = neuron_graph_add_value(
        importer->trace.graph, shape, NEURON_VALUE_INPUT, NULL, &port->value, error);
    if (status == NEURON_OK) {
        (void)snprintf(port->spec.name, sizeof(port->spec.name), "%s", input->name);
        port->spec.shape = *shape;
        value->constant.shape = *shape;
        value->traced.id = port->value + 1;
    }
    return status;
}

/* Imports one input, or notes why not. */
static enum neuron_status
import_input(struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
             struct neuron_graph_port *port, struct neuron_error *error)
{
    const Neuron__Onnx__TensorType *type = input->type == NULL ? NULL : input->type->tensor_type;
    struct neuron_tensor_shape shape = {0};
    size_t count = 0;
    bool is_good = false;

    shape.type = type == NULL ? NEURON_NO_TYPE : neuron_onnx_type(type->element_type);
    if (shape.type == NEURON_NO_TYPE) {
        refuse_input(importer, input->name, "it is no tensor of a type that is known here");
    } else if (strlen(input->name) >= NEURON_NAME_LIMIT_BYTES) {
        refuse_input(importer, input->name, "its name is longer than 255 bytes");
    } else if (bind_shape(importer, input, &shape)) {
        is_good = neuron_tensor_shape_element_count(&shape, &count) && count > 0;
        if (!is_good) {
            refuse_input(importer, input->name, "it is too large");
        }
    }
    if (!is_good) {
        neuron_onnx_names_find(&importer->names, input->name)->state = NEURON_ONNX_REFUSED;
        return NEURON_OK;
    }
    return add_input(importer, input, &shape, port, error);
}

/* Every shape of the options is of an input, and is one. */
static void
check_options(struct neuron_onnx_importer *importer)
{
    const struct neuron_onnx_options *options = importer->options;

    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        const struct neuron_onnx_input_shape *option = &options->shapes[i];
        const struct neuron_onnx_value *value =
            neuron_onnx_names_find(&importer->names, option->input);
        bool is_shape = option->rank <= NEURON_RANK_LIMIT;

        for (uint32_t j = 0; is_shape && j < option->rank; j += 1) {
            is_shape = option->dims[j] > 0;
        }
        if (value == NULL || value->state != NEURON_ONNX_COMPUTED || !is_shape) {
            importer->has_misfit_options = true;
            refuse_input(importer, option->input,
                         is_shape ? "a shape is given for it, and the file has no such input"
                                  : "the shape that is given for it is none");
        }
    }
    if (options->batch < 0) {
        importer->has_misfit_options = true;
        refuse_input(importer, "", "the batch that is given is negative");
    }
}

enum neuron_status
neuron_onnx_import_inputs(struct neuron_onnx_importer *importer, struct neuron_error *error)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    enum neuron_status status = NEURON_OK;
    uint32_t next = 0;

    check_options(importer);
    for (size_t i = 0; status == NEURON_OK && i < graph->n_inputs; i += 1) {
        if (is_input(importer, graph->inputs[i])) {
            status = import_input(importer, graph->inputs[i], &importer->trace.graph->inputs[next],
                                  error);
            next += 1;
        }
    }
    return status;
}
