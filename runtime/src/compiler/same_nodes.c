/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Common subexpressions: constants with the same bytes are one, and a node that computes what one
 * before it did is left out.
 */
#include "compiler/pass.h"

#include <stdlib.h>
#include <string.h>

#include "graph/attributes.h"
#include "graph/weight.h"

/* Larger constants are weights, which seldom repeat and take long to read. */
enum { CONSTANT_LIMIT_BYTES = 1 << 20 };

/* What was seen, by hash: open addressing, in a table that is never more than half full. */
struct seen {
    uint32_t *numbers; /* plus one; 0 is free */
    size_t mask;
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
}

static enum neuron_status
create_seen(struct seen *seen, uint32_t count, struct neuron_error *error)
{
    size_t room = 4;

    while (room < 2 * (size_t)count) {
        room *= 2;
    }
    seen->mask = room - 1;
    seen->numbers = calloc(room, sizeof(*seen->numbers));
    return seen->numbers == NULL ? refuse_memory(error) : NEURON_OK;
}

/* FNV-1a: nobody chooses these bytes to slow a compiler down but who waits for it. */
static uint64_t
hash_bytes(const void *bytes, size_t size_bytes, uint64_t hash)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < size_bytes; i += 1) {
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t
hash_value(const struct neuron_graph_value *value)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);

    return hash_bytes(value->constant, size_bytes,
                      (uint64_t)value->shape.type * NEURON_RANK_LIMIT + value->shape.rank);
}

static bool
is_same_constant(const struct neuron_graph_value *left, const struct neuron_graph_value *right)
{
    return neuron_tensor_shape_equals(&left->shape, &right->shape) &&
           memcmp(left->constant, right->constant, neuron_tensor_shape_size_bytes(&left->shape)) ==
               0;
}

/* Says whether a constant is one of those that are compared. */
static bool
is_comparable(const struct neuron_graph *graph, uint32_t number)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&graph->values[number].shape);

    return neuron_weight_is_fixed(graph, number) && size_bytes > 0 &&
           size_bytes <= CONSTANT_LIMIT_BYTES;
}

/* The first constant that is the same as this one, which may be itself. Two weights that become one
   can no longer be replaced one by one. */
static uint32_t
find_constant(struct neuron_graph *graph, struct seen *seen, uint32_t number)
{
    size_t place = hash_value(&graph->values[number]) & seen->mask;

    while (seen->numbers[place] != 0) {
        uint32_t known = seen->numbers[place] - 1;

        if (is_same_constant(&graph->values[known], &graph->values[number])) {
            neuron_weight_fix(graph, known);
            neuron_weight_fix(graph, number);
            return known;
        }
        place = (place + 1) & seen->mask;
    }
    seen->numbers[place] = number + 1;
    return number;
}

static void
substitute(struct neuron_graph *graph, const uint32_t *stands_for)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        for (uint32_t j = 0; j < graph->nodes[i].input_count; j += 1) {
            graph->nodes[i].inputs[j] = stands_for[graph->nodes[i].inputs[j]];
        }
    }
}

static enum neuron_status
merge_constants(struct neuron_graph *graph, struct neuron_error *error)
{
    struct seen seen = {0};
    uint32_t *stands_for = calloc((size_t)graph->value_count + 1, sizeof(*stands_for));
    enum neuron_status status =
        stands_for == NULL ? refuse_memory(error) : create_seen(&seen, graph->value_count, error);

    if (status == NEURON_OK) {
        for (uint32_t i = 0; i < graph->value_count; i += 1) {
            stands_for[i] = is_comparable(graph, i) ? find_constant(graph, &seen, i) : i;
        }
        substitute(graph, stands_for);
    }
    free(stands_for);
    free(seen.numbers);
    return status;
}

/* The order of the inputs of a sum or product does not matter: the lower number comes first. */
static bool
is_swapped(const struct neuron_node *node)
{
    return neuron_operator_is_commutative(node->kind) && node->inputs[0] > node->inputs[1];
}

static uint32_t
input_of(const struct neuron_node *node, uint32_t index)
{
    return node->inputs[is_swapped(node) ? 1 - index : index];
}

static uint64_t
hash_node(const struct neuron_node *node)
{
    uint64_t hash = (uint64_t)node->kind;

    for (uint32_t i = 0; i < node->input_count; i += 1) {
        uint32_t input = input_of(node, i);

        hash = hash_bytes(&input, sizeof(input), hash);
    }
    return hash;
}

static bool
is_same_node(const struct neuron_node *left, const struct neuron_node *right)
{
    if (left->kind != right->kind || left->input_count != right->input_count) {
        return false;
    }
    for (uint32_t i = 0; i < left->input_count; i += 1) {
        if (input_of(left, i) != input_of(right, i)) {
            return false;
        }
    }
    return neuron_attributes_equal(&left->attributes, &right->attributes);
}

/* The first node that computes what this one does, which may be itself. */
static const struct neuron_node *
find_node(const struct neuron_graph *graph, struct seen *seen, uint32_t number)
{
    const struct neuron_node *node = &graph->nodes[number];
    size_t place = hash_node(node) & seen->mask;

    while (seen->numbers[place] != 0) {
        const struct neuron_node *known = &graph->nodes[seen->numbers[place] - 1];

        if (is_same_node(known, node)) {
            return known;
        }
        place = (place + 1) & seen->mask;
    }
    seen->numbers[place] = number + 1;
    return node;
}

/* Walks over the nodes; those behind one that was left out read the one that stays. */
static void
merge_with(struct neuron_graph *graph, struct seen *seen, uint32_t *stands_for)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        stands_for[i] = i;
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        for (uint32_t j = 0; j < node->input_count; j += 1) {
            node->inputs[j] = stands_for[node->inputs[j]];
        }
        stands_for[node->output] = find_node(graph, seen, i)->output;
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        graph->outputs[i].value = stands_for[graph->outputs[i].value];
    }
}

static enum neuron_status
merge_nodes(struct neuron_graph *graph, struct neuron_error *error)
{
    struct seen seen = {0};
    uint32_t *stands_for = calloc((size_t)graph->value_count + 1, sizeof(*stands_for));
    enum neuron_status status =
        stands_for == NULL ? refuse_memory(error) : create_seen(&seen, graph->node_count, error);

    if (status == NEURON_OK) {
        merge_with(graph, &seen, stands_for);
    }
    free(stands_for);
    free(seen.numbers);
    return status;
}

enum neuron_status
neuron_pass_same_nodes(struct neuron_graph *graph, struct neuron_error *error)
{
    enum neuron_status status = merge_constants(graph, error);

    return status == NEURON_OK ? merge_nodes(graph, error) : status;
}
