/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to the stream may fail: whoever opened it asks for that once, when all is written. */
#include "compiler/graph_dump.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_ELEMENT_LIMIT = 4, SHAPE_TEXT_BYTES = 160 };

static void
print_shape(const struct neuron_tensor_shape *shape, FILE *file)
{
    char text[SHAPE_TEXT_BYTES] = "";

    (void)fputs(neuron_tensor_shape_format(shape, text, sizeof(text)), file);
}

/* The first elements of a constant of float32. */
static void
print_elements(const struct neuron_graph_value *value, FILE *file)
{
    size_t count = 0;

    if (value->shape.type != NEURON_FLOAT32 || value->constant == NULL ||
        !neuron_tensor_shape_element_count(&value->shape, &count)) {
        return;
    }
    for (size_t i = 0; i < count && i < SHOWN_ELEMENT_LIMIT; i += 1) {
        float element = 0.0F;

        memcpy(&element, (const char *)value->constant + i * sizeof(element), sizeof(element));
        (void)fprintf(file, " %.9g", (double)element);
    }
    if (count > SHOWN_ELEMENT_LIMIT) {
        (void)fputs(" ...", file);
    }
}

/* A list up to its last element that is not 0; nothing when all are. */
static void
print_words(const char *name, const uint32_t *list, size_t room, FILE *file)
{
    while (room > 0 && list[room - 1] == 0) {
        room -= 1;
    }
    for (size_t i = 0; i < room; i += 1) {
        (void)fprintf(file, "%s%s%" PRIu32, i == 0 ? name : ",", i == 0 ? "=" : "", list[i]);
    }
}

static void
print_numbers(const char *name, const int64_t *list, size_t room, FILE *file)
{
    while (room > 0 && list[room - 1] == 0) {
        room -= 1;
    }
    for (size_t i = 0; i < room; i += 1) {
        (void)fprintf(file, "%s%s%" PRId64, i == 0 ? name : ",", i == 0 ? "=" : "", list[i]);
    }
}

static void
print_lists(const struct neuron_attributes *attributes, FILE *file)
{
    print_words(" kernel", attributes->kernel, NEURON_SPATIAL_LIMIT, file);
    print_words(" strides", attributes->strides, NEURON_SPATIAL_LIMIT, file);
    print_words(" dilations", attributes->dilations, NEURON_SPATIAL_LIMIT, file);
    print_words(" pads", attributes->pads, (size_t)2 * NEURON_SPATIAL_LIMIT, file);
    print_words(" order", attributes->order, NEURON_RANK_LIMIT, file);
    print_numbers(" dims", attributes->dims, NEURON_RANK_LIMIT, file);
    print_numbers(" starts", attributes->starts, NEURON_RANK_LIMIT, file);
    print_numbers(" steps", attributes->steps, NEURON_RANK_LIMIT, file);
}

static void
print_real(const char *name, float number, FILE *file)
{
    if (number != 0.0F) {
        (void)fprintf(file, " %s=%.9g", name, (double)number);
    }
}

static void
print_whole(const char *name, int64_t number, FILE *file)
{
    if (number != 0) {
        (void)fprintf(file, " %s=%" PRId64, name, number);
    }
}

/* Attributes of 0 are left out: that is what those have that do not count. */
static void
print_attributes(const struct neuron_attributes *attributes, FILE *file)
{
    print_whole("axis", attributes->axis, file);
    print_whole("axes", attributes->axes, file);
    print_whole("keep_dims", attributes->keep_dims, file);
    print_whole("mode", attributes->mode, file);
    print_whole("groups", attributes->groups, file);
    print_whole("transpose_left", attributes->transpose_left, file);
    print_whole("transpose_right", attributes->transpose_right, file);
    print_whole("count_padding", attributes->count_padding, file);
    print_whole("residual", attributes->has_residual, file);
    print_real("epsilon", attributes->epsilon, file);
    print_real("alpha", attributes->alpha, file);
    print_real("beta", attributes->beta, file);
    print_real("low", attributes->low, file);
    print_real("high", attributes->high, file);
    if (attributes->activation != NEURON_OPERATOR_NONE) {
        (void)fprintf(file, " activation=%s", neuron_operator_name(attributes->activation));
    }
    if (attributes->algorithm != NEURON_ALGORITHM_DEFAULT) {
        (void)fprintf(file, " algorithm=%s", neuron_algorithm_name(attributes->algorithm));
    }
    if (attributes->precision != NEURON_PRECISION_FLOAT32) {
        (void)fprintf(file, " precision=%s", neuron_precision_name(attributes->precision));
    }
    print_whole("rounds_result", attributes->rounds_result, file);
    print_real("input_peak", attributes->input_peak, file);
    print_lists(attributes, file);
}

static void
print_node(const struct neuron_graph *graph, const struct neuron_node *node, FILE *file)
{
    (void)fprintf(file, "node v%" PRIu32 " ", node->output);
    print_shape(&graph->values[node->output].shape, file);
    (void)fprintf(file, " = %s(", neuron_operator_name(node->kind));
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        (void)fprintf(file, "%sv%" PRIu32, i == 0 ? "" : ", ", node->inputs[i]);
    }
    (void)fputc(')', file);
    print_attributes(&node->attributes, file);
    (void)fputc('\n', file);
}

/* A name from outside, in quotes, on one line. */
static void
print_quoted(const char *text, FILE *file)
{
    (void)fputc('"', file);
    for (; *text != '\0'; text += 1) {
        if (*text == '"' || *text == '\\') {
            (void)fputc('\\', file);
        }
        (void)fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
    }
    (void)fputc('"', file);
}

static void
print_port(const struct neuron_graph_port *port, const char *role, FILE *file)
{
    (void)fprintf(file, "%s v%" PRIu32 " ", role, port->value);
    print_shape(&port->spec.shape, file);
    (void)fputc(' ', file);
    print_quoted(port->spec.name, file);
    (void)fputs(port->is_shared ? " shared\n" : "\n", file);
}

void
neuron_graph_print_text(const struct neuron_graph *graph, FILE *file)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        print_port(&graph->inputs[i], "input", file);
    }
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];

        if (value->origin == NEURON_VALUE_CONSTANT) {
            (void)fprintf(file, "constant v%" PRIu32 " ", i);
            print_shape(&value->shape, file);
            print_elements(value, file);
            (void)fputc('\n', file);
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        print_node(graph, &graph->nodes[i], file);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        print_port(&graph->outputs[i], "output", file);
    }
}

/* Ports are vertices of their own: an output may be an input, or there twice. */
static void
print_dot_ports(const struct neuron_graph *graph, FILE *file)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        (void)fprintf(file, "  v%" PRIu32 " [shape=ellipse, label=", graph->inputs[i].value);
        print_quoted(graph->inputs[i].spec.name, file);
        (void)fputs("];\n", file);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        (void)fprintf(file, "  o%" PRIu32 " [shape=ellipse, label=", i);
        print_quoted(graph->outputs[i].spec.name, file);
        (void)fprintf(file, "];\n  v%" PRIu32 " -> o%" PRIu32 ";\n", graph->outputs[i].value, i);
    }
}

static void
print_dot_node(const struct neuron_graph *graph, const struct neuron_node *node, FILE *file)
{
    (void)fprintf(file, "  v%" PRIu32 " [shape=box, label=\"%s", node->output,
                  neuron_operator_name(node->kind));
    if (node->attributes.activation != NEURON_OPERATOR_NONE) {
        (void)fprintf(file, " + %s", neuron_operator_name(node->attributes.activation));
    }
    (void)fputs("\\n", file);
    print_shape(&graph->values[node->output].shape, file);
    (void)fputs("\"];\n", file);
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        (void)fprintf(file, "  v%" PRIu32 " -> v%" PRIu32 ";\n", node->inputs[i], node->output);
    }
}

void
neuron_graph_print_dot(const struct neuron_graph *graph, FILE *file)
{
    (void)fputs("digraph model {\n", file);
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin == NEURON_VALUE_CONSTANT) {
            (void)fprintf(file, "  v%" PRIu32 " [shape=note, label=\"", i);
            print_shape(&graph->values[i].shape, file);
            (void)fputs("\"];\n", file);
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        print_dot_node(graph, &graph->nodes[i], file);
    }
    print_dot_ports(graph, file);
    (void)fputs("}\n", file);
}
