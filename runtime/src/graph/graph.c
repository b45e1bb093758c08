/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph_body.h"

#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"
#include "growing_array.h"

enum { CONSTANT_ALIGNMENT = 64 };

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
}

enum neuron_status
neuron_graph_create(uint32_t input_count, uint32_t output_count, struct neuron_graph **graph,
                    struct neuron_error *error)
{
    struct neuron_graph *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return refuse_memory(error);
    }
    created->inputs = calloc((size_t)input_count + 1, sizeof(*created->inputs));
    created->outputs = calloc((size_t)output_count + 1, sizeof(*created->outputs));
    if (created->inputs == NULL || created->outputs == NULL) {
        neuron_graph_destroy(created);
        return refuse_memory(error);
    }
    created->input_count = input_count;
    created->output_count = output_count;
    *graph = created;
    return NEURON_OK;
}

enum neuron_status
neuron_graph_add_value(struct neuron_graph *graph, const struct neuron_tensor_shape *shape,
                       enum neuron_value_origin origin, const void *constant, uint32_t *value,
                       struct neuron_error *error)
{
    struct neuron_graph_value *values =
        neuron_grow(graph->values, graph->value_count, &graph->value_room, sizeof(*values));

    if (values == NULL) {
        return refuse_memory(error);
    }
    graph->values = values;
    values[graph->value_count] =
        (struct neuron_graph_value){.shape = *shape, .origin = origin, .constant = constant};
    *value = graph->value_count;
    graph->value_count += 1;
    return NEURON_OK;
}

void *
neuron_graph_allocate_constant(const struct neuron_tensor_shape *shape)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    size_t padded_bytes = 0;

    if (__builtin_add_overflow(size_bytes, CONSTANT_ALIGNMENT, &padded_bytes)) {
        return NULL;
    }
    return aligned_alloc(CONSTANT_ALIGNMENT, padded_bytes - padded_bytes % CONSTANT_ALIGNMENT);
}

enum neuron_status
neuron_graph_add_constant(struct neuron_graph *graph, const struct neuron_tensor_shape *shape,
                          const void *bytes, uint32_t *value, struct neuron_error *error)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    void *copy = neuron_graph_allocate_constant(shape);

    if (copy == NULL) {
        return refuse_memory(error);
    }
    if (size_bytes > 0) {
        memcpy(copy, bytes, size_bytes);
    }
    enum neuron_status status =
        neuron_graph_add_value(graph, shape, NEURON_VALUE_CONSTANT, copy, value, error);
    if (status != NEURON_OK) {
        free(copy);
        return status;
    }
    graph->values[*value].owned = copy;
    return NEURON_OK;
}

/* Appends a node whose result has this shape; the arrays have room on success. */
static enum neuron_status
append_node(struct neuron_graph *graph, struct neuron_node *node,
            const struct neuron_tensor_shape *result, struct neuron_error *error)
{
    struct neuron_node *nodes =
        neuron_grow(graph->nodes, graph->node_count, &graph->node_room, sizeof(*nodes));

    if (nodes == NULL) {
        return refuse_memory(error);
    }
    graph->nodes = nodes;
    enum neuron_status status =
        neuron_graph_add_value(graph, result, NEURON_VALUE_COMPUTED, NULL, &node->output, error);
    if (status != NEURON_OK) {
        return status;
    }
    nodes[graph->node_count] = *node;
    graph->node_count += 1;
    return NEURON_OK;
}

/* Infers a node's result from the shapes of its inputs. */
static enum neuron_status
infer_node(const struct neuron_graph *graph, const struct neuron_node *node,
           struct neuron_tensor_shape *result, struct neuron_error *error)
{
    struct neuron_tensor_shape *shapes = calloc((size_t)node->input_count + 1, sizeof(*shapes));

    if (shapes == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        shapes[i] = graph->values[node->inputs[i]].shape;
    }
    enum neuron_status status = neuron_operator_infer(node->kind, &node->attributes, shapes,
                                                      node->input_count, result, error);
    free(shapes);
    return status;
}

enum neuron_status
neuron_graph_add_node(struct neuron_graph *graph, const struct neuron_node *node, uint32_t *output,
                      struct neuron_error *error)
{
    struct neuron_node added = *node;
    struct neuron_tensor_shape result = {0};

    added.inputs = calloc((size_t)node->input_count + 1, sizeof(*added.inputs));
    if (added.inputs == NULL) {
        return refuse_memory(error);
    }
    if (node->input_count > 0) {
        memcpy(added.inputs, node->inputs, node->input_count * sizeof(*added.inputs));
    }
    enum neuron_status status = infer_node(graph, &added, &result, error);
    if (status == NEURON_OK) {
        status = append_node(graph, &added, &result, error);
    }
    if (status != NEURON_OK) {
        free(added.inputs);
        return status;
    }
    *output = added.output;
    return NEURON_OK;
}

/* Copies a value with its name. */
static enum neuron_status
copy_value(const struct neuron_graph_value *value, struct neuron_graph *to,
           struct neuron_error *error)
{
    uint32_t added = 0;
    enum neuron_status status =
        neuron_graph_add_value(to, &value->shape, value->origin, value->constant, &added, error);

    if (status == NEURON_OK && value->name != NULL) {
        to->values[added].is_replaceable = value->is_replaceable;
        status = neuron_weight_name(to, added, value->name, error);
    }
    return status;
}

/* Copies values and nodes; the copy has no ports yet beside their count. */
static enum neuron_status
copy_body(const struct neuron_graph *from, struct neuron_graph *to, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < from->value_count; i += 1) {
        status = copy_value(&from->values[i], to, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < from->node_count; i += 1) {
        struct neuron_node node = from->nodes[i];
        struct neuron_node *nodes =
            neuron_grow(to->nodes, to->node_count, &to->node_room, sizeof(*nodes));

        if (nodes == NULL) {
            return refuse_memory(error);
        }
        to->nodes = nodes;
        node.inputs = calloc((size_t)node.input_count + 1, sizeof(*node.inputs));
        if (node.inputs == NULL) {
            return refuse_memory(error);
        }
        memcpy(node.inputs, from->nodes[i].inputs, node.input_count * sizeof(*node.inputs));
        to->nodes[to->node_count] = node;
        to->node_count += 1;
    }
    return status;
}

enum neuron_status
neuron_graph_copy(const struct neuron_graph *from, struct neuron_graph **graph,
                  struct neuron_error *error)
{
    struct neuron_graph *copy = NULL;
    enum neuron_status status =
        neuron_graph_create(from->input_count, from->output_count, &copy, error);

    if (status != NEURON_OK) {
        return status;
    }
    copy->load_order = from->load_order;
    memcpy(copy->inputs, from->inputs, from->input_count * sizeof(*copy->inputs));
    memcpy(copy->outputs, from->outputs, from->output_count * sizeof(*copy->outputs));
    copy->target = from->target;
    status = copy_body(from, copy, error);
    if (status != NEURON_OK) {
        neuron_graph_destroy(copy);
        return status;
    }
    *graph = copy;
    return NEURON_OK;
}

/* Marks every value that a port or a node that is needed reads. */
static void
mark_used(const struct neuron_graph *graph, bool *is_used)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        is_used[graph->inputs[i].value] = true;
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        is_used[graph->outputs[i].value] = true;
    }
    for (uint32_t i = graph->node_count; i > 0; i -= 1) {
        const struct neuron_node *node = &graph->nodes[i - 1];

        for (uint32_t j = 0; is_used[node->output] && j < node->input_count; j += 1) {
            is_used[node->inputs[j]] = true;
        }
    }
}

/* Drops unused nodes, and moves the values that stay together; fills in their new numbers. */
static void
drop_unused(struct neuron_graph *graph, const bool *is_used, uint32_t *renumbered)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (is_used[graph->nodes[i].output]) {
            graph->nodes[kept] = graph->nodes[i];
            kept += 1;
        } else {
            free(graph->nodes[i].inputs);
        }
    }
    graph->node_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (is_used[i]) {
            graph->values[kept] = graph->values[i];
            renumbered[i] = kept;
            kept += 1;
        } else {
            free(graph->values[i].owned);
            free(graph->values[i].name);
        }
    }
    graph->value_count = kept;
}

static void
renumber(struct neuron_graph *graph, const uint32_t *renumbered)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        graph->inputs[i].value = renumbered[graph->inputs[i].value];
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        graph->outputs[i].value = renumbered[graph->outputs[i].value];
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        for (uint32_t j = 0; j < node->input_count; j += 1) {
            node->inputs[j] = renumbered[node->inputs[j]];
        }
        node->output = renumbered[node->output];
    }
}

void
neuron_graph_remove_unused(struct neuron_graph *graph)
{
    bool *is_used = calloc((size_t)graph->value_count + 1, sizeof(*is_used));
    uint32_t *renumbered = calloc((size_t)graph->value_count + 1, sizeof(*renumbered));

    /* Without memory to find out, everything stays: larger, not wrong. */
    if (is_used != NULL && renumbered != NULL) {
        mark_used(graph, is_used);
        drop_unused(graph, is_used, renumbered);
        renumber(graph, renumbered);
    }
    free(is_used);
    free(renumbered);
}

uint32_t
neuron_graph_input_count(const struct neuron_graph *graph)
{
    return graph->input_count;
}

uint32_t
neuron_graph_output_count(const struct neuron_graph *graph)
{
    return graph->output_count;
}

const struct neuron_tensor_spec *
neuron_graph_input(const struct neuron_graph *graph, uint32_t index)
{
    return &graph->inputs[index].spec;
}

const struct neuron_tensor_spec *
neuron_graph_output(const struct neuron_graph *graph, uint32_t index)
{
    return &graph->outputs[index].spec;
}

uint32_t
neuron_graph_operator_count(const struct neuron_graph *graph)
{
    return graph->node_count;
}

bool
neuron_node_is_depthwise(const struct neuron_graph *graph, const struct neuron_node *node)
{
    return (node->kind == NEURON_OPERATOR_CONV || node->kind == NEURON_OPERATOR_CONV_TRANSPOSE) &&
           node->attributes.groups > 1 &&
           graph->values[node->inputs[0]].shape.dims[1] == node->attributes.groups;
}

void
neuron_graph_destroy(struct neuron_graph *graph) /* NOLINT(misc-no-recursion): buckets have none */
{
    if (graph == NULL) {
        return;
    }
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        free(graph->values[i].owned);
        free(graph->values[i].name);
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        free(graph->nodes[i].inputs);
    }
    for (uint32_t i = 0; i < graph->bucket_count; i += 1) {
        neuron_graph_destroy(graph->buckets[i]);
    }
    free(graph->buckets);
    free(graph->values);
    free(graph->nodes);
    free(graph->inputs);
    free(graph->outputs);
    free(graph);
}
