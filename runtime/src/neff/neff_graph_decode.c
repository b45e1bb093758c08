/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes may be anything: their checksum only says that they are what somebody wrote. The graph
 * is therefore built as a front end builds it, one value and one node after the other, so that an
 * index can only name what is already there and every shape is inferred.
 */
#include "neff/neff_graph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <neff/neff.pb-c.h>

#include "graph/bucket.h"
#include "graph/weight.h"
#include "neff/neff_attributes.h"
#include "neff/neff_spread.h"
#include "neff/neff_weights.h"

/* A graph on its way from messages. */
struct decoding {
    const struct neuron_neff_sections *sections;
    const Neuron__Neff__Graph *message;
    struct neuron_graph *graph;
};

/* Refuses a shape that no tensor has. */
static enum neuron_status
decode_shape(const Neuron__Neff__Shape *message, size_t number, struct neuron_tensor_shape *shape,
             struct neuron_error *error)
{
    size_t count = 0;

    if (message == NULL || message->n_dims > NEURON_RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: value %zu has no shape, or one of more than %d dimensions",
                           number, NEURON_RANK_LIMIT);
    }
    /* The first is unsigned; a code that does not fit the enum is no type either. */
    if (message->type > INT32_MAX || neuron_type_size_bytes((enum neuron_type)message->type) == 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by a newer version: value %zu has type %u, which this "
                           "program does not know",
                           number, message->type);
    }
    *shape = (struct neuron_tensor_shape){.type = (enum neuron_type)message->type,
                                          .rank = (uint32_t)message->n_dims};
    if (message->n_dims > 0) {
        memcpy(shape->dims, message->dims, message->n_dims * sizeof(shape->dims[0]));
    }
    if (!neuron_tensor_shape_element_count(shape, &count)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: value %zu has a negative or a huge dimension", number);
    }
    return NEURON_OK;
}

/* Finds the bytes of a constant in the weights section; those of a weight may be missing. */
static enum neuron_status
find_constant(const struct decoding *decoding, size_t number,
              const struct neuron_tensor_shape *shape, const void **constant,
              struct neuron_error *error)
{
    const struct neuron_neff_sections *sections = decoding->sections;
    const Neuron__Neff__Value *message = decoding->message->values[number];
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);

    if (message->size_bytes == 0 && message->offset == 0 && size_bytes > 0) {
        *constant = NULL;
        return NEURON_OK;
    }
    if (message->size_bytes != size_bytes) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: constant %zu has %" PRIu64 " bytes, its shape %zu", number,
                           message->size_bytes, size_bytes);
    }
    if (message->offset % NEURON_NEFF_CONSTANT_ALIGNMENT != 0 ||
        message->offset > sections->weights_bytes ||
        size_bytes > sections->weights_bytes - message->offset) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: constant %zu (%zu bytes at %" PRIu64
                           ") is not aligned or lies outside the %zu bytes of weights",
                           number, size_bytes, message->offset, sections->weights_bytes);
    }
    *constant = sections->weights + message->offset;
    return NEURON_OK;
}

/* Adds inputs and constants, which stand before all results. */
static enum neuron_status
decode_leaves(struct decoding *decoding, struct neuron_error *error)
{
    const Neuron__Neff__Graph *message = decoding->message;
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < message->n_values; i += 1) {
        uint32_t origin = message->values[i]->origin;
        struct neuron_tensor_shape shape = {0};
        const void *constant = NULL;
        uint32_t value = 0;

        if (origin != NEURON_VALUE_INPUT && origin != NEURON_VALUE_CONSTANT) {
            return NEURON_OK;
        }
        status = decode_shape(message->values[i]->shape, i, &shape, error);
        if (status == NEURON_OK && origin == NEURON_VALUE_CONSTANT) {
            status = find_constant(decoding, i, &shape, &constant, error);
        }
        if (status == NEURON_OK) {
            status = neuron_graph_add_value(
                decoding->graph, &shape, (enum neuron_value_origin)origin, constant, &value, error);
        }
    }
    return status;
}

/* Refuses inputs that are not there yet, and a result that does not come next. */
static enum neuron_status
check_node_values(const struct decoding *decoding, size_t number, struct neuron_error *error)
{
    const Neuron__Neff__Node *message = decoding->message->nodes[number];
    const struct neuron_graph *graph = decoding->graph;

    if (message->output != graph->value_count || message->output >= decoding->message->n_values) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: node %zu gives value %u out of turn", number,
                           message->output);
    }
    if (message->n_inputs == 0 || message->n_inputs > NEURON_NEFF_NODE_INPUT_LIMIT) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: node %zu has %zu inputs",
                           number, message->n_inputs);
    }
    for (size_t i = 0; i < message->n_inputs; i += 1) {
        if (message->inputs[i] >= graph->value_count) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: node %zu reads value %u, which is not computed yet",
                               number, message->inputs[i]);
        }
    }
    return NEURON_OK;
}

/* Adds a node; what the inference refuses was never written by the compiler. */
static enum neuron_status
add_node(struct decoding *decoding, size_t number, enum neuron_operator kind,
         const struct neuron_attributes *attributes, struct neuron_error *error)
{
    const Neuron__Neff__Node *message = decoding->message->nodes[number];
    struct neuron_error reason = {0};
    uint32_t output = 0;
    const struct neuron_node node = {.kind = kind,
                                     .attributes = *attributes,
                                     .inputs = message->inputs,
                                     .input_count = (uint32_t)message->n_inputs};
    enum neuron_status status = neuron_graph_add_node(decoding->graph, &node, &output, &reason);

    if (status == NEURON_INVALID_ARGUMENT) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: node %zu: %s", number,
                           reason.text);
    }
    if (status != NEURON_OK) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_OK;
}

/* Refuses a result whose shape in the file is not the inferred one. */
static enum neuron_status
check_result(const struct decoding *decoding, size_t node, struct neuron_error *error)
{
    uint32_t number = decoding->message->nodes[node]->output;
    const Neuron__Neff__Value *message = decoding->message->values[number];
    const struct neuron_tensor_shape *inferred = &decoding->graph->values[number].shape;
    struct neuron_tensor_shape stored = {0};
    char stored_text[64] = "";
    char inferred_text[64] = "";
    enum neuron_status status = decode_shape(message->shape, number, &stored, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (message->origin != NEURON_VALUE_COMPUTED ||
        !neuron_tensor_shape_equals(&stored, inferred)) {
        return NEURON_FAIL(
            error, NEURON_DAMAGED_MODEL, "is damaged: node %zu (%s) gives %s, and the file says %s",
            node, neuron_operator_name(decoding->graph->nodes[node].kind),
            neuron_tensor_shape_format(inferred, inferred_text, sizeof(inferred_text)),
            neuron_tensor_shape_format(&stored, stored_text, sizeof(stored_text)));
    }
    return NEURON_OK;
}

static enum neuron_status
decode_node(struct decoding *decoding, size_t number, struct neuron_error *error)
{
    const Neuron__Neff__Node *message = decoding->message->nodes[number];
    struct neuron_attributes attributes;
    enum neuron_operator kind = NEURON_OPERATOR_NONE;
    enum neuron_status status = check_node_values(decoding, number, error);

    if (status == NEURON_OK) {
        status = neuron_neff_operator_decode(message->operator_code, number, &kind, error);
    }
    if (status == NEURON_OK) {
        status = neuron_neff_attributes_decode(message->attributes, number, &attributes, error);
    }
    if (status == NEURON_OK) {
        status = add_node(decoding, number, kind, &attributes, error);
    }
    if (status == NEURON_OK) {
        status = check_result(decoding, number, error);
    }
    return status;
}

/* Fills in a port; `ports` are those of its side, and the ones before it are filled in. */
static enum neuron_status
decode_port(const struct decoding *decoding, const Neuron__Neff__Port *message,
            struct neuron_graph_port *ports, uint32_t index, struct neuron_error *error)
{
    struct neuron_graph_port *port = &ports[index];
    size_t length = strnlen(message->name, NEURON_NAME_LIMIT_BYTES);

    if (length == 0 || length >= sizeof(port->spec.name)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: an input or output has a name of no or more than %d bytes",
                           NEURON_NAME_LIMIT_BYTES - 1);
    }
    if (message->value >= decoding->graph->value_count) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: the input or output %.60s is value %u of %u", message->name,
                           message->value, decoding->graph->value_count);
    }
    memcpy(port->spec.name, message->name, length + 1);
    port->value = message->value;
    port->spec.shape = decoding->graph->values[message->value].shape;
    for (uint32_t i = 0; i < index; i += 1) {
        if (strcmp(ports[i].spec.name, port->spec.name) == 0) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: two inputs or outputs are named %.60s", message->name);
        }
    }
    return NEURON_OK;
}

/* Says whether an input port names an input that no port before it names. */
static bool
names_its_own_input(const struct neuron_graph *graph, uint32_t index)
{
    uint32_t value = graph->inputs[index].value;

    for (uint32_t i = 0; i < index; i += 1) {
        if (graph->inputs[i].value == value) {
            return false;
        }
    }
    return graph->values[value].origin == NEURON_VALUE_INPUT;
}

/* Every input of the graph has a port, so that a run can give it. */
static enum neuron_status
check_inputs(const struct neuron_graph *graph, struct neuron_error *error)
{
    uint32_t input_values = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        input_values += graph->values[i].origin == NEURON_VALUE_INPUT ? 1 : 0;
    }
    if (input_values != graph->input_count) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: %u values are inputs, and %u inputs have a name",
                           input_values, graph->input_count);
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        if (!names_its_own_input(graph, i)) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: the input %.60s is none of the graph, or there twice",
                               graph->inputs[i].spec.name);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
decode_ports(const struct decoding *decoding, struct neuron_error *error)
{
    const Neuron__Neff__Graph *message = decoding->message;
    struct neuron_graph *graph = decoding->graph;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < graph->input_count; i += 1) {
        status = decode_port(decoding, message->inputs[i], graph->inputs, i, error);
        graph->inputs[i].is_shared = message->inputs[i]->is_shared != 0;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->output_count; i += 1) {
        status = decode_port(decoding, message->outputs[i], graph->outputs, i, error);
    }
    return status == NEURON_OK ? check_inputs(graph, error) : status;
}

/* Fills in the graph, which has room for the ports. */
static enum neuron_status
decode_body(struct decoding *decoding, struct neuron_error *error)
{
    const Neuron__Neff__Graph *message = decoding->message;
    neuron_neff_decode_target(message, decoding->graph);
    enum neuron_status status = decode_leaves(decoding, error);

    if (status == NEURON_OK &&
        message->n_values - decoding->graph->value_count != message->n_nodes) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: %zu nodes compute %zu values",
                           message->n_nodes, message->n_values - decoding->graph->value_count);
    }
    for (size_t i = 0; status == NEURON_OK && i < message->n_nodes; i += 1) {
        status = decode_node(decoding, i, error);
    }
    decoding->graph->load_order = (struct neuron_load_order){.is_lazy = message->lazy_load != 0,
                                                             .is_async = message->async_load != 0};
    if (status == NEURON_OK) {
        status = decode_ports(decoding, error);
    }
    if (status == NEURON_OK) {
        status = neuron_neff_decode_weights(message, decoding->graph, error);
    }
    return status == NEURON_OK ? neuron_neff_decode_split(message, decoding->graph, error) : status;
}

static enum neuron_status
decode_message(const struct neuron_neff_sections *sections, const Neuron__Neff__Graph *message,
               struct neuron_graph **graph, struct neuron_error *error)
{
    struct decoding decoding = {.sections = sections, .message = message};

    if (message->n_inputs > NEURON_NEFF_PORT_LIMIT || message->n_outputs > NEURON_NEFF_PORT_LIMIT ||
        message->n_outputs == 0) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: it has %zu inputs and %zu outputs", message->n_inputs,
                           message->n_outputs);
    }
    enum neuron_status status = neuron_graph_create(
        (uint32_t)message->n_inputs, (uint32_t)message->n_outputs, &decoding.graph, error);
    if (status == NEURON_OK) {
        status = decode_body(&decoding, error);
    }
    if (status != NEURON_OK) {
        neuron_graph_destroy(decoding.graph);
        return status;
    }
    *graph = decoding.graph;
    return NEURON_OK;
}

/* Unpacks and decodes one message. `message` receives it, to be freed. */
static enum neuron_status
decode_bytes(const struct neuron_neff_sections *sections, Neuron__Neff__Graph **message,
             struct neuron_graph **graph, struct neuron_error *error)
{
    *message = neuron__neff__graph__unpack(NULL, sections->graph_bytes, sections->graph);
    if (*message == NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: its graph does not parse");
    }
    return decode_message(sections, *message, graph, error);
}

/* Decodes a smaller bucket, which has none itself, and lacks no weights. */
static enum neuron_status
decode_bucket(const struct neuron_neff_sections *sections, const ProtobufCBinaryData *bytes,
              struct neuron_graph **bucket, struct neuron_error *error)
{
    const struct neuron_neff_sections own = {.graph = bytes->data,
                                             .graph_bytes = bytes->len,
                                             .weights = sections->weights,
                                             .weights_bytes = sections->weights_bytes};
    Neuron__Neff__Graph *message = NULL;
    enum neuron_status status = decode_bytes(&own, &message, bucket, error);

    if (status == NEURON_OK &&
        (message->n_buckets > 0 || neuron_weight_check_all(*bucket, NULL) != NEURON_OK ||
         neuron_core_split_core_count(&(*bucket)->split) > 1)) {
        status = NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                             "is damaged: a bucket has buckets, lacks weights, or is for several "
                             "cores");
    }
    if (message != NULL) {
        neuron__neff__graph__free_unpacked(message, NULL);
    }
    return status;
}

/* Gives a graph its smaller buckets. */
static enum neuron_status
decode_buckets(const struct neuron_neff_sections *sections, const Neuron__Neff__Graph *message,
               struct neuron_graph *graph, struct neuron_error *error)
{
    const struct neuron_graph *graphs[NEURON_BUCKET_LIMIT] = {graph};
    const struct neuron_buckets buckets = {.graphs = graphs,
                                           .count = (uint32_t)message->n_buckets + 1};
    struct neuron_error reason = {0};
    enum neuron_status status = NEURON_OK;

    if (message->n_buckets >= NEURON_BUCKET_LIMIT ||
        neuron_weight_check_all(graph, NULL) != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: it has %zu buckets, or buckets without weights",
                           message->n_buckets);
    }
    graph->buckets = calloc(message->n_buckets, sizeof(struct neuron_graph *));
    if (graph->buckets == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (uint32_t i = 0; status == NEURON_OK && i + 1 < buckets.count; i += 1) {
        status = decode_bucket(sections, &message->buckets[i], &graph->buckets[i], error);
        graphs[i + 1] = graph->buckets[i];
        graph->bucket_count += graph->buckets[i] != NULL ? 1 : 0;
    }
    if (status == NEURON_OK && neuron_buckets_check(&buckets, &reason) != NEURON_OK) {
        status = NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: %s", reason.text);
    }
    return status;
}

enum neuron_status
neuron_neff_graph_decode(const struct neuron_neff_sections *sections, struct neuron_graph **graph,
                         struct neuron_error *error)
{
    Neuron__Neff__Graph *message = NULL;
    struct neuron_graph *decoded = NULL;

    if (sections->graph_bytes > NEURON_NEFF_GRAPH_LIMIT_BYTES) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its graph takes %zu bytes, above the limit of %d",
                           sections->graph_bytes, NEURON_NEFF_GRAPH_LIMIT_BYTES);
    }
    enum neuron_status status = decode_bytes(sections, &message, &decoded, error);
    if (status == NEURON_OK && message->n_buckets > 0) {
        status = decode_buckets(sections, message, decoded, error);
    }
    if (message != NULL) {
        neuron__neff__graph__free_unpacked(message, NULL);
    }
    if (status != NEURON_OK) {
        neuron_graph_destroy(decoded);
        return status;
    }
    *graph = decoded;
    return NEURON_OK;
}
