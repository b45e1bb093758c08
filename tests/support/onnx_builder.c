/* SPDX-License-Identifier: Apache-2.0 */
#include "onnx_builder.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* The numbers of fields in the ONNX format. */
enum {
    MODEL_IR_VERSION = 1,
    MODEL_GRAPH = 7,
    MODEL_OPERATOR_SET = 8,
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    NODE_DOMAIN = 7,
    TENSOR_DIMS = 1,
    TENSOR_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_RAW = 9,
    TENSOR_EXTERNAL = 13,
    TENSOR_LOCATION = 14,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
    ATTRIBUTE_TYPE = 20
};

enum { WIRE_NUMBER = 0, WIRE_BYTES = 2, WIRE_FLOAT = 5, NUMBER_LIMIT = 16 };

static void
append(struct onnx_message *message, const void *bytes, size_t size_bytes)
{
    assert_true(size_bytes <= sizeof(message->bytes) - message->size_bytes);
    if (size_bytes > 0) {
        memcpy(message->bytes + message->size_bytes, bytes, size_bytes);
    }
    message->size_bytes += size_bytes;
}

static void
append_varint(struct onnx_message *message, uint64_t number)
{
    do {
        unsigned char byte = (unsigned char)(number & 0x7FU);

        number >>= 7;
        byte |= number != 0 ? 0x80U : 0;
        append(message, &byte, 1);
    } while (number != 0);
}

static void
append_key(struct onnx_message *message, uint32_t field, uint32_t wire)
{
    append_varint(message, (uint64_t)field << 3 | wire);
}

void
onnx_put_number(struct onnx_message *message, uint32_t field, int64_t number)
{
    append_key(message, field, WIRE_NUMBER);
    append_varint(message, (uint64_t)number);
}

void
onnx_put_bytes(struct onnx_message *message, uint32_t field, const void *bytes, size_t size_bytes)
{
    append_key(message, field, WIRE_BYTES);
    append_varint(message, size_bytes);
    append(message, bytes, size_bytes);
}

void
onnx_put_text(struct onnx_message *message, uint32_t field, const char *text)
{
    onnx_put_bytes(message, field, text, strlen(text));
}

void
onnx_put_float(struct onnx_message *message, uint32_t field, float number)
{
    append_key(message, field, WIRE_FLOAT);
    append(message, &number, sizeof(number));
}

void
onnx_put_message(struct onnx_message *message, uint32_t field, const struct onnx_message *part)
{
    onnx_put_bytes(message, field, part->bytes, part->size_bytes);
}

static struct onnx_message *
begin_message(void)
{
    struct onnx_message *message = calloc(1, sizeof(*message));

    assert_non_null(message);
    return message;
}

/* Puts a part into a message and frees it. */
static void
end_message(struct onnx_message *message, uint32_t field, struct onnx_message *part)
{
    onnx_put_message(message, field, part);
    free(part);
}

struct onnx_model *
onnx_create(void)
{
    struct onnx_model *model = calloc(1, sizeof(*model));

    assert_non_null(model);
    onnx_put_text(&model->graph, GRAPH_NAME, "tested"); /* not read, but demanded by the format */
    return model;
}

void
onnx_destroy(struct onnx_model *model)
{
    free(model);
}

/* Reads a list such as "1,-1"; returns how many numbers there are. */
static size_t
parse_list(const char *text, int64_t *numbers)
{
    size_t count = 0;

    while (*text != '\0') {
        char *end = NULL;

        assert_true(count < NUMBER_LIMIT);
        numbers[count] = strtoll(text, &end, 10);
        assert_true(end != text);
        count += 1;
        text = *end == ',' ? end + 1 : end;
    }
    return count;
}

/* One dimension, a number or a name, of a list that goes on behind the comma. */
static const char *
put_dimension(struct onnx_message *shape, const char *text)
{
    struct onnx_message *dimension = begin_message();
    size_t length = strcspn(text, ",");

    if ((text[0] >= '0' && text[0] <= '9') || text[0] == '-') {
        onnx_put_number(dimension, 1, strtoll(text, NULL, 10));
    } else {
        onnx_put_bytes(dimension, 2, text, length);
    }
    end_message(shape, 1, dimension);
    return text[length] == ',' ? text + length + 1 : text + length;
}

void
onnx_add_input(struct onnx_model *model, const char *name, const char *dims)
{
    struct onnx_message *shape = begin_message();
    struct onnx_message *tensor = begin_message();
    struct onnx_message *type = begin_message();
    struct onnx_message *input = begin_message();

    while (*dims != '\0') {
        dims = put_dimension(shape, dims);
    }
    onnx_put_number(tensor, 1, ONNX_FLOAT);
    end_message(tensor, 2, shape);
    end_message(type, 1, tensor);
    onnx_put_text(input, 1, name);
    end_message(input, 2, type);
    end_message(&model->graph, GRAPH_INPUT, input);
}

void
onnx_add_output(struct onnx_model *model, const char *name)
{
    struct onnx_message *output = begin_message();

    onnx_put_text(output, 1, name);
    end_message(&model->graph, GRAPH_OUTPUT, output);
}

/* What a tensor is, without its bytes. */
static void
describe_tensor(struct onnx_message *tensor, const char *name, int type, const char *dims)
{
    int64_t numbers[NUMBER_LIMIT];
    size_t count = parse_list(dims, numbers);

    for (size_t i = 0; i < count; i += 1) {
        onnx_put_number(tensor, TENSOR_DIMS, numbers[i]);
    }
    onnx_put_number(tensor, TENSOR_TYPE, type);
    onnx_put_text(tensor, TENSOR_NAME, name);
}

void
onnx_put_tensor(struct onnx_message *tensor, const char *name, int type, const char *dims,
                const void *bytes, size_t size_bytes)
{
    describe_tensor(tensor, name, type, dims);
    onnx_put_bytes(tensor, TENSOR_RAW, bytes, size_bytes);
}

/* Says where an external tensor is: one entry of its list. */
static void
put_place(struct onnx_message *tensor, const char *key, const char *value)
{
    if (value != NULL) {
        struct onnx_message *entry = begin_message();

        onnx_put_text(entry, ENTRY_KEY, key);
        onnx_put_text(entry, ENTRY_VALUE, value);
        end_message(tensor, TENSOR_EXTERNAL, entry);
    }
}

void
onnx_add_external(struct onnx_model *model, const char *name, const char *dims,
                  const char *location, const char *offset, const char *length)
{
    struct onnx_message *tensor = begin_message();

    describe_tensor(tensor, name, ONNX_FLOAT, dims);
    put_place(tensor, "location", location);
    put_place(tensor, "offset", offset);
    put_place(tensor, "length", length);
    onnx_put_number(tensor, TENSOR_LOCATION, 1);
    end_message(&model->graph, GRAPH_INITIALIZER, tensor);
}

void
onnx_add_tensor(struct onnx_model *model, const char *name, int type, const char *dims,
                const void *bytes, size_t size_bytes)
{
    struct onnx_message *tensor = begin_message();

    onnx_put_tensor(tensor, name, type, dims, bytes, size_bytes);
    end_message(&model->graph, GRAPH_INITIALIZER, tensor);
}

void
onnx_fill_weights(float *numbers, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = (float)((i * 7 + (size_t)seed * 5) % 19) / 16.0F - 0.5F;
    }
}

void
onnx_add_weights(struct onnx_model *model, const char *name, const char *dims, uint32_t seed)
{
    int64_t numbers[NUMBER_LIMIT];
    size_t rank = parse_list(dims, numbers);
    size_t count = 1;

    for (size_t i = 0; i < rank; i += 1) {
        count *= (size_t)numbers[i];
    }
    float *weights = calloc(count, sizeof(*weights));
    assert_non_null(weights);
    onnx_fill_weights(weights, count, seed);
    onnx_add_tensor(model, name, ONNX_FLOAT, dims, weights, count * sizeof(*weights));
    free(weights);
}

void
onnx_add_integers(struct onnx_model *model, const char *name, const char *numbers)
{
    int64_t list[NUMBER_LIMIT];
    size_t count = parse_list(numbers, list);
    char dims[2] = {(char)('0' + count), '\0'};

    assert_true(count < 10);
    onnx_add_tensor(model, name, ONNX_INT64, dims, list, count * sizeof(*list));
}

/* Puts names between blanks into a field each. */
static void
put_names(struct onnx_message *node, uint32_t field, const char *names)
{
    while (*names != '\0') {
        size_t length = strcspn(names, " ");

        onnx_put_bytes(node, field, names, length == 1 && names[0] == '-' ? 0 : length);
        names += names[length] == ' ' ? length + 1 : length;
    }
}

void
onnx_begin_node(struct onnx_model *model, const char *operator_type, const char *inputs,
                const char *outputs)
{
    model->node.size_bytes = 0;
    put_names(&model->node, NODE_INPUT, inputs);
    put_names(&model->node, NODE_OUTPUT, outputs);
    onnx_put_text(&model->node, NODE_TYPE, operator_type);
}

void
onnx_begin_table_node(struct onnx_model *model, const char *operator_type, const char *inputs,
                      const char *outputs)
{
    onnx_begin_node(model, operator_type, inputs, outputs);
    onnx_put_text(&model->node, NODE_DOMAIN, "ai.onnx.ml");
    model->has_tables = true;
}

void
onnx_add_integer(struct onnx_model *model, const char *name, int64_t number)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    onnx_put_number(attribute, 3, number);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 2);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_list(struct onnx_model *model, const char *name, const char *numbers)
{
    struct onnx_message *attribute = begin_message();
    int64_t list[NUMBER_LIMIT];
    size_t count = parse_list(numbers, list);

    onnx_put_text(attribute, 1, name);
    for (size_t i = 0; i < count; i += 1) {
        onnx_put_number(attribute, 8, list[i]);
    }
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 7);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_float(struct onnx_model *model, const char *name, float number)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    onnx_put_float(attribute, 2, number);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 1);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_floats(struct onnx_model *model, const char *name, const float *numbers, size_t count)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    for (size_t i = 0; i < count; i += 1) {
        onnx_put_float(attribute, 7, numbers[i]);
    }
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 6);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_texts(struct onnx_model *model, const char *name, const char *texts)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    put_names(attribute, 9, texts);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 8);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_doubles(struct onnx_model *model, const char *name, const char *dims,
                 const double *numbers, size_t count)
{
    struct onnx_message *attribute = begin_message();
    struct onnx_message *tensor = begin_message();

    onnx_put_text(attribute, 1, name);
    onnx_put_tensor(tensor, name, ONNX_DOUBLE, dims, numbers, count * sizeof(*numbers));
    end_message(attribute, 5, tensor);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 4);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_string(struct onnx_model *model, const char *name, const char *text)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    onnx_put_text(attribute, 4, text);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 3);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_add_graph(struct onnx_model *model, const char *name, struct onnx_model *inner)
{
    struct onnx_message *attribute = begin_message();

    onnx_put_text(attribute, 1, name);
    onnx_put_message(attribute, 6, &inner->graph);
    onnx_put_number(attribute, ATTRIBUTE_TYPE, 5);
    end_message(&model->node, NODE_ATTRIBUTE, attribute);
    onnx_destroy(inner);
}

void
onnx_end_node(struct onnx_model *model)
{
    onnx_put_message(&model->graph, GRAPH_NODE, &model->node);
}

void
onnx_add_node(struct onnx_model *model, const char *operator_type, const char *inputs,
              const char *outputs)
{
    onnx_begin_node(model, operator_type, inputs, outputs);
    onnx_end_node(model);
}

void
onnx_finish(struct onnx_model *model, int64_t opset)
{
    struct onnx_message *set = begin_message();

    model->file.size_bytes = 0;
    onnx_put_number(&model->file, MODEL_IR_VERSION, 8);
    onnx_put_message(&model->file, MODEL_GRAPH, &model->graph);
    onnx_put_text(set, 1, "");
    onnx_put_number(set, 2, opset);
    end_message(&model->file, MODEL_OPERATOR_SET, set);
    if (model->has_tables) {
        set = begin_message();
        onnx_put_text(set, 1, "ai.onnx.ml");
        onnx_put_number(set, 2, 3);
        end_message(&model->file, MODEL_OPERATOR_SET, set);
    }
}
