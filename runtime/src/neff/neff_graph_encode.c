/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serialized messages that are put one behind another are the serialization of their sum: that is
 * how protobuf defines repeated fields. So each value, node and port is written as a graph of its
 * own that has just this one element, and all of them together are the graph. It needs no copy of
 * the graph in the form of messages. Everything is done twice: once to count the bytes, once to
 * write them.
 */
#include "neff/neff_graph.h"

#include <stdlib.h>
#include <string.h>

#include <neff/neff.pb-c.h>

#include "neff/neff_attributes.h"

/* A graph on its way to bytes. */
struct encoding {
    const struct neuron_graph *graph;
    const uint64_t *offsets;
    uint32_t *numbers; /* by value: its number in the file */
    uint32_t *inputs;  /* those of the node at hand, numbered so */
    const struct neuron_neff_bytes *buckets;
    uint32_t bucket_count;
    unsigned char *bytes; /* NULL while they are counted */
    size_t size_bytes;
};

static void
append(struct encoding *encoding, const Neuron__Neff__Graph *part)
{
    if (encoding->bytes == NULL) {
        encoding->size_bytes += neuron__neff__graph__get_packed_size(part);
    } else {
        encoding->size_bytes +=
            neuron__neff__graph__pack(part, encoding->bytes + encoding->size_bytes);
    }
}

static void
append_value(struct encoding *encoding, uint32_t number)
{
    const struct neuron_graph_value *from = &encoding->graph->values[number];
    struct neuron_tensor_shape copy = from->shape;
    Neuron__Neff__Shape shape = NEURON__NEFF__SHAPE__INIT;
    Neuron__Neff__Value value = NEURON__NEFF__VALUE__INIT;
    Neuron__Neff__Value *values[1] = {&value};
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    shape.type = copy.type;
    shape.n_dims = copy.rank;
    shape.dims = copy.dims;
    value.shape = &shape;
    value.origin = from->origin;
    if (from->origin == NEURON_VALUE_CONSTANT && !from->is_replaceable) {
        value.offset = encoding->offsets[number];
        value.size_bytes = neuron_tensor_shape_size_bytes(&from->shape);
    }
    part.n_values = 1;
    part.values = values;
    append(encoding, &part);
}

static void
append_node(struct encoding *encoding, const struct neuron_node *from)
{
    struct neuron_attributes copy = from->attributes;
    Neuron__Neff__Attributes attributes = neuron_neff_attributes_encode(&copy);
    Neuron__Neff__Node node = NEURON__NEFF__NODE__INIT;
    Neuron__Neff__Node *nodes[1] = {&node};
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    for (uint32_t i = 0; i < from->input_count; i += 1) {
        encoding->inputs[i] = encoding->numbers[from->inputs[i]];
    }
    node.operator_code = from->kind;
    node.n_inputs = from->input_count;
    node.inputs = encoding->inputs;
    node.output = encoding->numbers[from->output];
    node.attributes = &attributes;
    part.n_nodes = 1;
    part.nodes = nodes;
    append(encoding, &part);
}

static void
append_ports(struct encoding *encoding)
{
    const struct neuron_graph *graph = encoding->graph;

    for (uint32_t i = 0; i < graph->input_count + graph->output_count; i += 1) {
        bool is_input = i < graph->input_count;
        const struct neuron_graph_port *from =
            is_input ? &graph->inputs[i] : &graph->outputs[i - graph->input_count];
        struct neuron_graph_port copy = *from;
        Neuron__Neff__Port port;
        Neuron__Neff__Port *ports[1] = {&port};
        Neuron__Neff__Graph part;

        neuron__neff__graph__init(&part);
        neuron__neff__port__init(&port);
        port.name = copy.spec.name;
        port.value = encoding->numbers[from->value];
        port.is_shared = from->is_shared;
        if (is_input) {
            part.n_inputs = 1;
            part.inputs = ports;
        } else {
            part.n_outputs = 1;
            part.outputs = ports;
        }
        append(encoding, &part);
    }
}

static void
append_target(struct encoding *encoding)
{
    struct neuron_target copy = encoding->graph->target;
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    part.instructions = copy.instructions;
    part.measured_on = copy.processor;
    part.auto_cast = copy.later.auto_cast;
    part.auto_cast_type = copy.later.auto_cast_type;
    part.optimization_level = copy.later.optimization_level;
    append(encoding, &part);
}

static void
append_split(struct encoding *encoding)
{
    struct neuron_core_split copy = encoding->graph->split;
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    part.split = copy.kind;
    part.core_count = copy.core_count;
    part.n_stage_ends = copy.kind == NEURON_SPLIT_KIND_PIPELINE ? copy.core_count : 0;
    part.stage_ends = copy.stage_ends;
    append(encoding, &part);
}

static void
append_weight(struct encoding *encoding, uint32_t number)
{
    Neuron__Neff__Weight weight;
    Neuron__Neff__Weight *weights[1] = {&weight};
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    neuron__neff__weight__init(&weight);
    weight.name = encoding->graph->values[number].name;
    weight.value = encoding->numbers[number];
    part.n_weights = 1;
    part.weights = weights;
    append(encoding, &part);
}

static void
append_load_order(struct encoding *encoding)
{
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    part.lazy_load = encoding->graph->load_order.is_lazy;
    part.async_load = encoding->graph->load_order.is_async;
    append(encoding, &part);
}

/* Appends a smaller bucket, which was encoded. */
static void
append_bucket(struct encoding *encoding, const struct neuron_neff_bytes *bucket)
{
    ProtobufCBinaryData bytes = {.len = bucket->size_bytes, .data = bucket->bytes};
    Neuron__Neff__Graph part;

    neuron__neff__graph__init(&part);
    part.n_buckets = 1;
    part.buckets = &bytes;
    append(encoding, &part);
}

/* Counts the bytes, or writes them. */
static void
append_graph(struct encoding *encoding)
{
    const struct neuron_graph *graph = encoding->graph;

    encoding->size_bytes = 0;
    append_target(encoding);
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin != NEURON_VALUE_COMPUTED) {
            append_value(encoding, i);
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        append_value(encoding, graph->nodes[i].output);
        append_node(encoding, &graph->nodes[i]);
    }
    append_ports(encoding);
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].name != NULL) {
            append_weight(encoding, i);
        }
    }
    append_load_order(encoding);
    append_split(encoding);
    for (uint32_t i = 0; i < encoding->bucket_count; i += 1) {
        append_bucket(encoding, &encoding->buckets[i]);
    }
}

/* Inputs and constants come first, then results in the order in which they are computed. */
static void
number_values(struct encoding *encoding)
{
    const struct neuron_graph *graph = encoding->graph;
    uint32_t next = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin != NEURON_VALUE_COMPUTED) {
            encoding->numbers[i] = next;
            next += 1;
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        encoding->numbers[graph->nodes[i].output] = next;
        next += 1;
    }
}

static enum neuron_status
check_limits(const struct neuron_graph *graph, struct neuron_error *error)
{
    if (graph->input_count > NEURON_NEFF_PORT_LIMIT ||
        graph->output_count > NEURON_NEFF_PORT_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the graph has %u inputs and %u outputs; a NEFF holds %d of each",
                           graph->input_count, graph->output_count, NEURON_NEFF_PORT_LIMIT);
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (graph->nodes[i].input_count > NEURON_NEFF_NODE_INPUT_LIMIT) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s has %u inputs; a NEFF holds %d: do it in several steps",
                               neuron_operator_name(graph->nodes[i].kind),
                               graph->nodes[i].input_count, NEURON_NEFF_NODE_INPUT_LIMIT);
        }
    }
    return NEURON_OK;
}

/* Writes into bytes of its own; the two arrays are there. */
static enum neuron_status
encode(struct encoding *encoding, struct neuron_error *error)
{
    number_values(encoding);
    append_graph(encoding);
    if (encoding->size_bytes > NEURON_NEFF_GRAPH_LIMIT_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the graph of %u operators takes %zu bytes without its weights; a NEFF "
                           "holds %d",
                           encoding->graph->node_count, encoding->size_bytes,
                           NEURON_NEFF_GRAPH_LIMIT_BYTES);
    }
    encoding->bytes = malloc(encoding->size_bytes + 1);
    if (encoding->bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph of %zu bytes",
                           encoding->size_bytes);
    }
    append_graph(encoding);
    return NEURON_OK;
}

enum neuron_status
neuron_neff_graph_encode(const struct neuron_neff_placed_graph *placed,
                         const struct neuron_neff_bytes *buckets, uint32_t bucket_count,
                         struct neuron_neff_bytes *bytes, struct neuron_error *error)
{
    const struct neuron_graph *graph = placed->graph;
    struct encoding encoding = {.graph = graph,
                                .offsets = placed->offsets,
                                .buckets = buckets,
                                .bucket_count = bucket_count};
    enum neuron_status status = check_limits(graph, error);

    if (status != NEURON_OK) {
        return status;
    }
    encoding.numbers = calloc((size_t)graph->value_count + 1, sizeof(*encoding.numbers));
    encoding.inputs = calloc(NEURON_NEFF_NODE_INPUT_LIMIT, sizeof(*encoding.inputs));
    if (encoding.numbers == NULL || encoding.inputs == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    } else {
        status = encode(&encoding, error);
    }
    free(encoding.numbers);
    free(encoding.inputs);
    if (status == NEURON_OK) {
        *bytes =
            (struct neuron_neff_bytes){.bytes = encoding.bytes, .size_bytes = encoding.size_bytes};
    }
    return status;
}
