/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/rewrite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
}

static void
count_uses(const struct neuron_graph *graph, struct neuron_value_use *uses)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        uses[i] = (struct neuron_value_use){.stands_for = i};
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        for (uint32_t j = 0; j < node->input_count; j += 1) {
            uses[node->inputs[j]].reads += 1;
        }
        uses[node->output].producer = i + 1;
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        uses[graph->outputs[i].value].reads += 1;
    }
}

enum neuron_status
neuron_rewrite_nodes(struct neuron_graph *graph, neuron_rewrite_fn *pass,
                     struct neuron_error *error)
{
    struct neuron_rewrite rewrite = {.graph = graph, .use_count = graph->value_count};
    enum neuron_status status = NEURON_OK;

    rewrite.uses = calloc((size_t)graph->value_count + 1, sizeof(*rewrite.uses));
    if (rewrite.uses == NULL) {
        return refuse_memory(error);
    }
    count_uses(graph, rewrite.uses);
    for (uint32_t i = 0; status == NEURON_OK && i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        for (uint32_t j = 0; j < node->input_count; j += 1) {
            node->inputs[j] = rewrite.uses[node->inputs[j]].stands_for;
        }
        status = pass(&rewrite, node, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->output_count; i += 1) {
        graph->outputs[i].value = rewrite.uses[graph->outputs[i].value].stands_for;
    }
    free(rewrite.uses);
    return status;
}

struct neuron_node *
neuron_rewrite_producer(const struct neuron_rewrite *rewrite, uint32_t value)
{
    if (value >= rewrite->use_count || rewrite->uses[value].producer == 0) {
        return NULL;
    }
    return &rewrite->graph->nodes[rewrite->uses[value].producer - 1];
}

struct neuron_node *
neuron_rewrite_inner(const struct neuron_rewrite *rewrite, uint32_t value,
                     enum neuron_operator kind)
{
    struct neuron_node *node = neuron_rewrite_producer(rewrite, value);

    return node != NULL && node->kind == kind && rewrite->uses[value].reads == 1 ? node : NULL;
}

bool
neuron_rewrite_has_readers(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t most)
{
    return value < rewrite->use_count && rewrite->uses[value].reads <= most;
}

bool
neuron_rewrite_is_float(const struct neuron_rewrite *rewrite, uint32_t value)
{
    const struct neuron_tensor_shape *shape = &rewrite->graph->values[value].shape;
    size_t count = 0;

    return shape->type == NEURON_FLOAT32 && neuron_tensor_shape_element_count(shape, &count) &&
           count > 0;
}

bool
neuron_rewrite_scalar(const struct neuron_rewrite *rewrite, uint32_t value, double *number)
{
    const struct neuron_graph_value *constant = &rewrite->graph->values[value];
    float element = 0.0F;
    size_t count = 0;

    if (!neuron_weight_is_fixed(rewrite->graph, value) || constant->shape.type != NEURON_FLOAT32 ||
        !neuron_tensor_shape_element_count(&constant->shape, &count) || count != 1) {
        return false;
    }
    neuron_weight_fix(rewrite->graph, value);
    memcpy(&element, constant->constant, sizeof(element));
    *number = element;
    return true;
}

bool
neuron_rewrite_is_near(double number, double wanted)
{
    /* Some write constants of float32 with six digits. */
    const double tolerance = 2e-6;

    return fabs(number - wanted) <= tolerance * fabs(wanted);
}

bool
neuron_rewrite_split(const struct neuron_rewrite *rewrite, const struct neuron_node *node,
                     double *number, uint32_t *other)
{
    bool is_commutative =
        node->kind == NEURON_OPERATOR_ADD || node->kind == NEURON_OPERATOR_MULTIPLY;

    if (node->input_count != 2 || !neuron_rewrite_is_float(rewrite, node->output)) {
        return false;
    }
    if (neuron_rewrite_scalar(rewrite, node->inputs[1], number)) {
        *other = node->inputs[0];
    } else if (is_commutative && neuron_rewrite_scalar(rewrite, node->inputs[0], number)) {
        *other = node->inputs[1];
    } else {
        return false;
    }
    return neuron_tensor_shape_equals(&rewrite->graph->values[*other].shape,
                                      &rewrite->graph->values[node->output].shape);
}

/* Says whether inference lets a node through, and gives its result this shape. */
static enum neuron_status
infer_as(const struct neuron_graph *graph, const struct neuron_node *node,
         const struct neuron_tensor_shape *wanted, bool *is_same, struct neuron_error *error)
{
    struct neuron_tensor_shape *shapes = calloc((size_t)node->input_count + 1, sizeof(*shapes));
    struct neuron_tensor_shape result = {0};

    *is_same = false;
    if (shapes == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        shapes[i] = graph->values[node->inputs[i]].shape;
    }
    /* Why it is refused interests nobody: then the node stays what it is. */
    if (neuron_operator_infer(node->kind, &node->attributes, shapes, node->input_count, &result,
                              NULL) == NEURON_OK) {
        *is_same = neuron_tensor_shape_equals(&result, wanted);
    }
    free(shapes);
    return NEURON_OK;
}

enum neuron_status
neuron_rewrite_become(struct neuron_rewrite *rewrite, struct neuron_node *node,
                      const struct neuron_node *wanted, struct neuron_error *error)
{
    struct neuron_graph *graph = rewrite->graph;
    struct neuron_node changed = *wanted;
    bool is_same = false;
    enum neuron_status status =
        infer_as(graph, wanted, &graph->values[node->output].shape, &is_same, error);

    if (status != NEURON_OK || !is_same) {
        return status;
    }
    changed.output = node->output;
    changed.inputs = calloc((size_t)wanted->input_count + 1, sizeof(*changed.inputs));
    if (changed.inputs == NULL) {
        return refuse_memory(error);
    }
    memcpy(changed.inputs, wanted->inputs, wanted->input_count * sizeof(*changed.inputs));
    for (uint32_t i = 0; i < changed.input_count; i += 1) {
        if (changed.inputs[i] < rewrite->use_count) {
            rewrite->uses[changed.inputs[i]].reads += 1;
        }
    }
    free(node->inputs);
    *node = changed;
    return NEURON_OK;
}

enum neuron_status
neuron_rewrite_become_unary(struct neuron_rewrite *rewrite, struct neuron_node *node,
                            enum neuron_operator kind, uint32_t input, struct neuron_error *error)
{
    const struct neuron_node wanted = {.kind = kind, .inputs = &input, .input_count = 1};

    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

void
neuron_rewrite_forward(struct neuron_rewrite *rewrite, const struct neuron_node *node,
                       uint32_t value)
{
    rewrite->uses[node->output].stands_for = value;
    if (value >= rewrite->use_count) {
        return;
    }
    rewrite->uses[value].reads += rewrite->uses[node->output].reads;
    /* The node itself is no reader any more, when it was one. */
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        rewrite->uses[value].reads -= node->inputs[i] == value ? 1 : 0;
    }
}
