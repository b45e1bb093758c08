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

/* Says whether a name is that of an input; older files list initializers among them, too. */
static bool
names_input(const struct neuron_onnx_importer *importer, const char *name)
{
    const struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, name);

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

/* Says whether the options say that an input carries no batch. */
static bool
is_shared(const struct neuron_onnx_importer *importer, const char *name)
{
    const struct neuron_onnx_options *options = importer->options;

    for (uint32_t i = 0; i < options->shared_input_count; i += 1) {
        if (strcmp(options->shared_inputs[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The shape that the file gives an input; NULL where it gives none. */
static const Neuron__Onnx__Shape *
shape_of(const Neuron__Onnx__ValueInfo *input)
{
    return input->type == NULL || input->type->tensor_type == NULL
               ? NULL
               : input->type->tensor_type->shape;
}

enum { NOT_SAID = -1 /* an extent that is still to be found */ };

/* The batch that the options give an input. */
static int64_t
batch_of(const struct neuron_onnx_importer *importer, const char *name)
{
    int64_t batch = importer->options->batch;

    return batch > 0 && !is_shared(importer, name) ? batch : NOT_SAID;
}

/* What the options alone say of one dimension of an input. */
static int64_t
find_in_options(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
                uint32_t index)
{
    const struct neuron_onnx_input_shape *option = find_option(importer, input->name);

    if (option != NULL) {
        return index < option->rank ? option->dims[index] : NOT_SAID;
    }
    return index == 0 ? batch_of(importer, input->name) : NOT_SAID;
}

/* Finds the extent of an open dimension by its name in one input. */
static int64_t
find_in_input(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
              const char *parameter)
{
    const Neuron__Onnx__Shape *shape = shape_of(input);
    size_t count = shape == NULL || !names_input(importer, input->name) ? 0 : shape->n_dims;
    int64_t extent = NOT_SAID;

    for (uint32_t i = 0; extent == NOT_SAID && i < count && i < NEURON_RANK_LIMIT; i += 1) {
        if (strcmp(shape->dims[i]->parameter, parameter) == 0) {
            extent = find_in_options(importer, input, i);
        }
    }
    return extent;
}

/* Finds the extent of an open dimension by its name in all inputs. */
static int64_t
find_parameter(const struct neuron_onnx_importer *importer, const char *parameter)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    int64_t extent = NOT_SAID;

    for (size_t i = 0; extent == NOT_SAID && i < graph->n_inputs && parameter[0] != '\0'; i += 1) {
        extent = find_in_input(importer, graph->inputs[i], parameter);
    }
    return extent;
}

/* Finds the extent of one dimension that the file has, or leaves open. */
static int64_t
bind_dimension(const struct neuron_onnx_importer *importer, const Neuron__Onnx__ValueInfo *input,
               const Neuron__Onnx__Dimension *dimension, uint32_t index)
{
    bool has_shape = find_option(importer, input->name) != NULL;
    int64_t extent = !has_shape && dimension->size > 0 ? dimension->size
                                                       : find_in_options(importer, input, index);

    return extent == NOT_SAID ? find_parameter(importer, dimension->parameter) : extent;
}

/* Says why a dimension cannot be what was found for it; an empty text where it can. */
static void
check_dimension(const Neuron__Onnx__Dimension *dimension, uint32_t index, int64_t found,
                char reason[NEURON_ERROR_TEXT_BYTES])
{
    if (dimension->size < 0 || found < 0) {
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

        shape->dims[i] = bind_dimension(importer, input, dimension, i);
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
        port->is_shared = is_shared(importer, input->name);
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
        is_good = neuron_tensor_shape_element_count(&shape, &count);
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

static void
refuse_option(struct neuron_onnx_importer *importer, const char *name, const char *reason)
{
    importer->has_misfit_options = true;
    refuse_input(importer, name, reason);
}

/* Every shape and name of the options is of an input, and every shape is one. */
static void
check_options(struct neuron_onnx_importer *importer)
{
    const struct neuron_onnx_options *options = importer->options;

    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        const struct neuron_onnx_input_shape *option = &options->shapes[i];
        bool is_shape = option->rank <= NEURON_RANK_LIMIT;

        for (uint32_t j = 0; is_shape && j < option->rank; j += 1) {
            is_shape = option->dims[j] >= 0;
        }
        if (!is_shape) {
            refuse_option(importer, option->input, "the shape that is given for it is none");
        } else if (!names_input(importer, option->input)) {
            refuse_option(importer, option->input,
                          "a shape is given for it, and the file has no such input");
        }
    }
    for (uint32_t i = 0; i < options->shared_input_count; i += 1) {
        if (!names_input(importer, options->shared_inputs[i])) {
            refuse_option(importer, options->shared_inputs[i],
                          "it is to be shared, and the file has no such input");
        }
    }
    if (options->batch < 0) {
        refuse_option(importer, "", "the batch that is given is negative");
    }
}

/* Says that the batch that is given is for no input: because of the first that would carry it. */
static void
refuse_batch(struct neuron_onnx_importer *importer, const struct neuron_graph_port *first)
{
    char reason[NEURON_ERROR_TEXT_BYTES] = "";

    if (first == NULL) {
        (void)snprintf(reason, sizeof(reason),
                       "no input carries a batch, and --batch %" PRId64 " does nothing: leave it "
                       "out",
                       importer->options->batch);
    } else {
        (void)snprintf(
            reason, sizeof(reason),
            "dimension 0 is %" PRId64 " in %s, and --batch %" PRId64 " does nothing: leave it out",
            first->spec.shape.dims[0],
            find_option(importer, first->spec.name) == NULL ? "the file" : "the shape given for it",
            importer->options->batch);
    }
    refuse_option(importer, first == NULL ? "" : first->spec.name, reason);
}

/* A batch that is given is that of an input at least. */
static void
check_batch(struct neuron_onnx_importer *importer)
{
    const struct neuron_graph *graph = importer->trace.graph;
    const struct neuron_graph_port *first = NULL;
    bool is_used = importer->options->batch <= 0;

    for (uint32_t i = 0; !is_used && i < graph->input_count; i += 1) {
        const struct neuron_graph_port *port = &graph->inputs[i];

        if (!port->is_shared && port->spec.shape.rank > 0) {
            is_used = port->spec.shape.dims[0] == importer->options->batch;
            first = first == NULL ? port : first;
        }
    }
    if (!is_used) {
        refuse_batch(importer, first);
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
        if (names_input(importer, graph->inputs[i]->name)) {
            status = import_input(importer, graph->inputs[i], &importer->trace.graph->inputs[next],
                                  error);
            next += 1;
        }
    }
    /* What is wrong with an input may be why the batch is not that of any. */
    if (status == NEURON_OK && neuron_onnx_report_problem_count(importer->report) == 0) {
        check_batch(importer);
    }
    return status;
}
