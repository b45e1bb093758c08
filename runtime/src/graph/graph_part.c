/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph_part.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const uint32_t no_number = UINT32_MAX;

/* A part on its way. */
struct making {
    const struct neuron_graph *whole;
    uint32_t first;
    uint32_t end;
    uint32_t *makers;  /* by value of the whole: the node that makes it; no_number for none */
    uint32_t *readers; /* by value: the last node that reads it, and one; 0 for outputs */
    uint32_t *numbers; /* by value: its number in the part */
    bool *is_leaf;     /* by value: the part needs it, and does not make it */
    struct neuron_graph_part part;
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a part of a graph");
}

static void
find_makers_and_readers(struct making *making)
{
    const struct neuron_graph *whole = making->whole;

    for (uint32_t i = 0; i < whole->value_count; i += 1) {
        making->makers[i] = no_number;
    }
    for (uint32_t i = 0; i < whole->node_count; i += 1) {
        const struct neuron_node *node = &whole->nodes[i];

        making->makers[node->output] = i;
        for (uint32_t j = 0; j < node->input_count; j += 1) {
            making->readers[node->inputs[j]] = i + 1;
        }
    }
    for (uint32_t i = 0; i < whole->output_count; i += 1) {
        making->readers[whole->outputs[i].value] = 0;
    }
}

static bool
is_made_here(const struct making *making, uint32_t value)
{
    uint32_t maker = making->makers[value];

    return maker != no_number && maker >= making->first && maker < making->end;
}

/* Says whether an output of the whole graph is one of the part. */
static bool
has_output(const struct making *making, uint32_t port)
{
    uint32_t value = making->whole->outputs[port].value;

    return making->makers[value] == no_number ? making->first == 0 : is_made_here(making, value);
}

/* Says whether the result of a node of the part is read behind it, and is no output either. */
static bool
crosses(const struct making *making, uint32_t value)
{
    return making->readers[value] > making->end;
}

static void
find_leaves(struct making *making)
{
    const struct neuron_graph *whole = making->whole;

    for (uint32_t i = making->first; i < making->end; i += 1) {
        for (uint32_t j = 0; j < whole->nodes[i].input_count; j += 1) {
            uint32_t value = whole->nodes[i].inputs[j];

            making->is_leaf[value] = !is_made_here(making, value);
        }
    }
    for (uint32_t i = 0; i < whole->output_count; i += 1) {
        if (has_output(making, i)) {
            uint32_t value = whole->outputs[i].value;

            making->is_leaf[value] = !is_made_here(making, value);
        }
    }
}

/* Makes a graph with room for the ports. */
static enum neuron_status
create_graph(struct making *making, struct neuron_error *error)
{
    const struct neuron_graph *whole = making->whole;
    struct neuron_graph_part *part = &making->part;
    uint32_t inputs = 0;
    uint32_t outputs = 0;

    for (uint32_t i = 0; i < whole->value_count; i += 1) {
        bool is_constant = whole->values[i].origin == NEURON_VALUE_CONSTANT;

        inputs += making->is_leaf[i] && !is_constant ? 1 : 0;
    }
    for (uint32_t i = 0; i < whole->output_count; i += 1) {
        outputs += has_output(making, i) ? 1 : 0;
    }
    for (uint32_t i = making->first; i < making->end; i += 1) {
        outputs += crosses(making, whole->nodes[i].output) ? 1 : 0;
    }
    enum neuron_status status = neuron_graph_create(inputs, outputs, &part->graph, error);
    if (status != NEURON_OK) {
        return status;
    }
    part->graph->mapping = whole->mapping;
    part->graph->target = whole->target;
    part->input_values = calloc((size_t)inputs + 1, sizeof(*part->input_values));
    part->output_values = calloc((size_t)outputs + 1, sizeof(*part->output_values));
    part->output_ports = calloc((size_t)outputs + 1, sizeof(*part->output_ports));
    return part->input_values == NULL || part->output_values == NULL || part->output_ports == NULL
               ? refuse_memory(error)
               : NEURON_OK;
}

/* Fills in a port, with a name that says which value of the whole graph it is. */
static void
fill_port(struct making *making, struct neuron_graph_port *port, uint32_t value)
{
    port->value = making->numbers[value];
    port->spec.shape = making->whole->values[value].shape;
    (void)snprintf(port->spec.name, sizeof(port->spec.name), "value %" PRIu32, value);
}

/* Inputs and constants stand before all results. */
static enum neuron_status
add_leaves(struct making *making, struct neuron_error *error)
{
    struct neuron_graph_part *part = &making->part;
    enum neuron_status status = NEURON_OK;
    uint32_t inputs = 0;

    for (uint32_t i = 0; status == NEURON_OK && i < making->whole->value_count; i += 1) {
        const struct neuron_graph_value *from = &making->whole->values[i];
        bool is_constant = from->origin == NEURON_VALUE_CONSTANT;

        if (!making->is_leaf[i]) {
            continue;
        }
        status = neuron_graph_add_value(part->graph, &from->shape,
                                        is_constant ? NEURON_VALUE_CONSTANT : NEURON_VALUE_INPUT,
                                        from->constant, &making->numbers[i], error);
        if (status == NEURON_OK && !is_constant) {
            fill_port(making, &part->graph->inputs[inputs], i);
            part->input_values[inputs] = i;
            inputs += 1;
        }
    }
    return status;
}

static enum neuron_status
add_node(struct making *making, const struct neuron_node *node, struct neuron_error *error)
{
    struct neuron_node copy = *node;

    copy.inputs = calloc((size_t)node->input_count + 1, sizeof(*copy.inputs));
    if (copy.inputs == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        copy.inputs[i] = making->numbers[node->inputs[i]];
    }
    enum neuron_status status =
        neuron_graph_add_node(making->part.graph, &copy, &making->numbers[node->output], error);
    free(copy.inputs);
    return status;
}

static void
add_output(struct making *making, uint32_t index, uint32_t value, uint32_t whole_port)
{
    fill_port(making, &making->part.graph->outputs[index], value);
    making->part.output_values[index] = value;
    making->part.output_ports[index] = whole_port;
}

static void
add_outputs(struct making *making)
{
    const struct neuron_graph *whole = making->whole;
    uint32_t count = 0;

    for (uint32_t i = 0; i < whole->output_count; i += 1) {
        if (has_output(making, i)) {
            add_output(making, count, whole->outputs[i].value, i);
            count += 1;
        }
    }
    for (uint32_t i = making->first; i < making->end; i += 1) {
        if (crosses(making, whole->nodes[i].output)) {
            add_output(making, count, whole->nodes[i].output, no_number);
            count += 1;
        }
    }
}

/* Makes the part; the arrays are there. */
static enum neuron_status
make_part(struct making *making, struct neuron_error *error)
{
    find_makers_and_readers(making);
    find_leaves(making);
    enum neuron_status status = create_graph(making, error);

    if (status == NEURON_OK) {
        status = add_leaves(making, error);
    }
    for (uint32_t i = making->first; status == NEURON_OK && i < making->end; i += 1) {
        status = add_node(making, &making->whole->nodes[i], error);
    }
    if (status == NEURON_OK) {
        add_outputs(making);
    }
    return status;
}

enum neuron_status
neuron_graph_part_create(const struct neuron_graph *whole, uint32_t first, uint32_t end,
                         struct neuron_graph_part *part, struct neuron_error *error)
{
    struct making making = {.whole = whole, .first = first, .end = end};
    enum neuron_status status = NEURON_OK;

    making.makers = calloc((size_t)whole->value_count + 1, sizeof(*making.makers));
    making.readers = calloc((size_t)whole->value_count + 1, sizeof(*making.readers));
    making.numbers = calloc((size_t)whole->value_count + 1, sizeof(*making.numbers));
    making.is_leaf = calloc((size_t)whole->value_count + 1, sizeof(*making.is_leaf));
    if (making.makers == NULL || making.readers == NULL || making.numbers == NULL ||
        making.is_leaf == NULL) {
        status = refuse_memory(error);
    } else {
        status = make_part(&making, error);
    }
    free(making.makers);
    free(making.readers);
    free(making.numbers);
    free(making.is_leaf);
    if (status != NEURON_OK) {
        neuron_graph_part_destroy(&making.part);
        return status;
    }
    *part = making.part;
    return NEURON_OK;
}

void
neuron_graph_part_destroy(struct neuron_graph_part *part)
{
    neuron_graph_destroy(part->graph);
    free(part->input_values);
    free(part->output_values);
    free(part->output_ports);
    *part = (struct neuron_graph_part){0};
}

static uint64_t
add_saturated(uint64_t left, uint64_t right)
{
    return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}

enum neuron_status
neuron_graph_count_crossing(const struct neuron_graph *graph, uint64_t *crossing_bytes,
                            struct neuron_error *error)
{
    /* Of all values that live from one node to another: those that begin, and those that end. */
    uint64_t *ending_bytes = calloc((size_t)graph->node_count + 1, sizeof(*ending_bytes));
    uint32_t *readers = calloc((size_t)graph->value_count + 1, sizeof(*readers));
    uint64_t living_bytes = 0;

    if (ending_bytes == NULL || readers == NULL) {
        free(ending_bytes);
        free(readers);
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        for (uint32_t j = 0; j < graph->nodes[i].input_count; j += 1) {
            readers[graph->nodes[i].inputs[j]] = i;
        }
    }
    crossing_bytes[0] = 0;
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        uint32_t output = graph->nodes[i].output;
        uint64_t bytes = neuron_tensor_shape_size_bytes(&graph->values[output].shape);

        if (readers[output] > i) {
            living_bytes = add_saturated(living_bytes, bytes);
            ending_bytes[readers[output]] = add_saturated(ending_bytes[readers[output]], bytes);
        }
        living_bytes = living_bytes == UINT64_MAX ? UINT64_MAX : living_bytes - ending_bytes[i];
        crossing_bytes[i + 1] = living_bytes;
    }
    free(ending_bytes);
    free(readers);
    return NEURON_OK;
}
