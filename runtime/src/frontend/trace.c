/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/fold_node.h"
#include "engine/kernels/kernel.h"
#include "frontend/trace_body.h"
#include "graph/node_cost.h"

struct neuron_value
neuron_trace_fail(struct neuron_trace *trace, enum neuron_status status)
{
    trace->status = status;
    return (struct neuron_value){0};
}

/* Says whether a value belongs to the trace; where not, that is the trace's failure. */
static bool
is_usable(struct neuron_trace *trace, struct neuron_value value, const char *name)
{
    if (trace->status != NEURON_OK) {
        return false;
    }
    if (value.id == 0 || value.id > trace->graph->value_count) {
        (void)neuron_trace_fail(trace,
                                NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                            "%s: an input is not a value of this trace", name));
        return false;
    }
    return true;
}

enum { FOLDED_ELEMENT_LIMIT = 1 << 28 /* most elements of what is computed at once */ };

/* Takes the cost of the last node from what may be spent. */
static enum neuron_status
charge_fold(struct neuron_trace *trace)
{
    const struct neuron_graph *graph = trace->graph;
    const struct neuron_node *node = &graph->nodes[graph->node_count - 1];
    struct neuron_node_cost cost = {0};
    size_t count = 0;
    uint64_t sum = 0;

    (void)neuron_tensor_shape_element_count(&graph->values[node->output].shape, &count);
    neuron_node_cost_add(graph, node, &cost);
    if (count > FOLDED_ELEMENT_LIMIT ||
        __builtin_add_overflow(cost.moved_bytes, cost.flops, &sum) || sum > *trace->folded_cost) {
        return NEURON_FAIL(&trace->error, NEURON_UNSUPPORTED_MODEL,
                           "%s: the constants of this file take too much work to compute",
                           neuron_operator_name(node->kind));
    }
    *trace->folded_cost -= sum;
    return NEURON_OK;
}

/* Computes the last node, if that is to be done at once and its inputs are constants. */
static enum neuron_status
fold_last(struct neuron_trace *trace)
{
    struct neuron_graph *graph = trace->graph;
    struct neuron_node *node = &graph->nodes[graph->node_count - 1];

    if (trace->folded_cost == NULL || !neuron_node_is_constant(graph, node) ||
        neuron_kernel_find(node->kind)->run == NULL) {
        return NEURON_OK;
    }
    enum neuron_status status = charge_fold(trace);
    if (status == NEURON_OK) {
        status = neuron_fold_node(graph, node, &trace->error);
    }
    if (status == NEURON_OK) {
        free(node->inputs);
        graph->node_count -= 1;
    }
    return status;
}

struct neuron_value
neuron_trace_record(struct neuron_trace *trace, enum neuron_operator kind,
                    const struct neuron_attributes *attributes, const struct neuron_value *inputs,
                    uint32_t input_count)
{
    uint32_t *numbers = calloc((size_t)input_count + 1, sizeof(*numbers));
    uint32_t output = 0;

    if (numbers == NULL) {
        return neuron_trace_fail(
            trace, NEURON_FAIL(&trace->error, NEURON_OUT_OF_MEMORY, "out of memory for a graph"));
    }
    for (uint32_t i = 0; i < input_count; i += 1) {
        if (!is_usable(trace, inputs[i], neuron_operator_name(kind))) {
            free(numbers);
            return (struct neuron_value){0};
        }
        numbers[i] = inputs[i].id - 1;
    }
    enum neuron_status status = trace->status;
    if (status == NEURON_OK) {
        const struct neuron_node node = {
            .kind = kind, .attributes = *attributes, .inputs = numbers, .input_count = input_count};

        status = neuron_graph_add_node(trace->graph, &node, &output, &trace->error);
    }
    if (status == NEURON_OK) {
        status = fold_last(trace);
    }
    free(numbers);
    if (status != NEURON_OK) {
        return neuron_trace_fail(trace, status);
    }
    return (struct neuron_value){.id = output + 1};
}

enum neuron_status
neuron_trace_status(const struct neuron_trace *trace)
{
    return trace->status;
}

struct neuron_tensor_shape
neuron_value_shape(const struct neuron_trace *trace, struct neuron_value value)
{
    if (value.id == 0 || value.id > trace->graph->value_count) {
        return (struct neuron_tensor_shape){0};
    }
    return trace->graph->values[value.id - 1].shape;
}

struct neuron_value
neuron_constant(struct neuron_trace *trace, const struct neuron_tensor_view *weights)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(weights);
    uint32_t value = 0;
    size_t count = 0;

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (!neuron_tensor_shape_element_count(&shape, &count) ||
        neuron_type_size_bytes(shape.type) == 0 || (count > 0 && weights->data == NULL)) {
        char text[80] = "";

        return neuron_trace_fail(
            trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                               "constant: %s is no valid tensor, or its data is NULL",
                               neuron_tensor_shape_format(&shape, text, sizeof(text))));
    }
    enum neuron_status status =
        neuron_graph_add_constant(trace->graph, &shape, weights->data, &value, &trace->error);
    if (status != NEURON_OK) {
        return neuron_trace_fail(trace, status);
    }
    return (struct neuron_value){.id = value + 1};
}

struct neuron_value
neuron_scalar(struct neuron_trace *trace, float number)
{
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 0, .data = &number};

    return neuron_constant(trace, &view);
}

/* Names a port as the signature does, or by its number. */
static enum neuron_status
name_port(struct neuron_graph_port *ports, uint32_t index, const char *const *names,
          const char *fallback, struct neuron_error *error)
{
    struct neuron_graph_port *port = &ports[index];
    int length = names == NULL
                     ? snprintf(port->spec.name, sizeof(port->spec.name), "%s_%u", fallback, index)
                     : snprintf(port->spec.name, sizeof(port->spec.name), "%s", names[index]);

    if (length < 1 || length >= (int)sizeof(port->spec.name)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the name of %s %u has %d bytes; names have 1 to %d", fallback, index,
                           length, NEURON_NAME_LIMIT_BYTES - 1);
    }
    for (uint32_t i = 0; i < index; i += 1) {
        if (strcmp(ports[i].spec.name, port->spec.name) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %u and %u are both named %.60s",
                               fallback, i, index, port->spec.name);
        }
    }
    return NEURON_OK;
}

/* Makes a value for each example; fills in the values that the function will receive. */
static enum neuron_status
add_inputs(struct neuron_trace *trace, const struct neuron_trace_signature *signature,
           struct neuron_value *values)
{
    struct neuron_graph *graph = trace->graph;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < signature->input_count; i += 1) {
        struct neuron_graph_port *port = &graph->inputs[i];
        size_t count = 0;
        char text[80] = "";

        port->spec.shape = neuron_tensor_view_shape(&signature->example_inputs[i]);
        if (!neuron_tensor_shape_element_count(&port->spec.shape, &count) || count == 0 ||
            neuron_type_size_bytes(port->spec.shape.type) == 0) {
            return NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                               "example input %u: %s is nothing to compile for: it needs a type, "
                               "at most 8 dimensions of "
                               "1 or more, and a size that fits memory",
                               i,
                               neuron_tensor_shape_format(&port->spec.shape, text, sizeof(text)));
        }
        port->is_shared = signature->input_is_shared != NULL && signature->input_is_shared[i];
        status = name_port(graph->inputs, i, signature->input_names, "input", &trace->error);
        if (status == NEURON_OK) {
            status = neuron_graph_add_value(graph, &port->spec.shape, NEURON_VALUE_INPUT, NULL,
                                            &port->value, &trace->error);
        }
        values[i].id = port->value + 1;
    }
    return status;
}

static enum neuron_status
add_outputs(struct neuron_trace *trace, const struct neuron_trace_signature *signature,
            const struct neuron_value *values)
{
    struct neuron_graph *graph = trace->graph;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < signature->output_count; i += 1) {
        if (values[i].id == 0 || values[i].id > graph->value_count) {
            return NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                               "the traced function did not set output %u", i);
        }
        graph->outputs[i].value = values[i].id - 1;
        graph->outputs[i].spec.shape = graph->values[values[i].id - 1].shape;
        status = name_port(graph->outputs, i, signature->output_names, "output", &trace->error);
    }
    return status;
}

/* Runs the function between inputs and outputs. */
static enum neuron_status
run_function(struct neuron_trace *trace, neuron_trace_fn *function,
             const struct neuron_trace_signature *signature, void *user)
{
    struct neuron_value *inputs = calloc((size_t)signature->input_count + 1, sizeof(*inputs));
    struct neuron_value *outputs = calloc((size_t)signature->output_count + 1, sizeof(*outputs));
    enum neuron_status status = NEURON_OK;

    if (inputs == NULL || outputs == NULL) {
        status = NEURON_FAIL(&trace->error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    if (status == NEURON_OK) {
        status = add_inputs(trace, signature, inputs);
    }
    if (status == NEURON_OK) {
        status = function(trace, inputs, outputs, user);
        if (trace->status != NEURON_OK) {
            status = trace->status;
        } else if (status != NEURON_OK) {
            neuron_error_set(&trace->error, status, "the traced function returned %s",
                             neuron_status_name(status));
        }
    }
    if (status == NEURON_OK) {
        status = add_outputs(trace, signature, outputs);
    }
    free(inputs);
    free(outputs);
    return status;
}

enum neuron_status
neuron_trace(neuron_trace_fn *function, const struct neuron_trace_signature *signature, void *user,
             struct neuron_graph **graph, struct neuron_error *error)
{
    struct neuron_trace trace = {0};

    if (signature->output_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a traced function has an output");
    }
    enum neuron_status status =
        neuron_graph_create(signature->input_count, signature->output_count, &trace.graph, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = run_function(&trace, function, signature, user);
    if (status != NEURON_OK) {
        neuron_graph_destroy(trace.graph);
        neuron_error_set(error, status, "%s", trace.error.text);
        return status;
    }
    *graph = trace.graph;
    return NEURON_OK;
}
