/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_attributes.h"

#include <string.h>

/* The codes of the types in the file. */
enum {
    TYPE_FLOAT = 1,
    TYPE_INTEGER = 2,
    TYPE_TEXT = 3,
    TYPE_TENSOR = 4,
    TYPE_FLOATS = 6,
    TYPE_INTEGERS = 7,
    TYPE_TEXTS = 8
};

const Neuron__Onnx__Attribute *
neuron_onnx_attribute_find(const Neuron__Onnx__Node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i += 1) {
        if (strcmp(node->attributes[i]->name, name) == 0) {
            return node->attributes[i];
        }
    }
    return NULL;
}

static enum neuron_status
refuse_type(const char *name, const char *wanted, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "its attribute %s is no %s", name, wanted);
}

enum neuron_status
neuron_onnx_attribute_integer(const Neuron__Onnx__Node *node, const char *name, int64_t *number,
                              struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    if (attribute == NULL) {
        return NEURON_OK;
    }
    if (attribute->type != TYPE_INTEGER) {
        return refuse_type(name, "integer", error);
    }
    *number = attribute->i;
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_attribute_float(const Neuron__Onnx__Node *node, const char *name, float *number,
                            struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    if (attribute == NULL) {
        return NEURON_OK;
    }
    if (attribute->type != TYPE_FLOAT) {
        return refuse_type(name, "float", error);
    }
    *number = attribute->f;
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_attribute_list(const Neuron__Onnx__Node *node, const char *name, int64_t *numbers,
                           uint32_t *count, struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    if (attribute == NULL) {
        return NEURON_OK;
    }
    if (attribute->type != TYPE_INTEGERS || attribute->n_ints > NEURON_RANK_LIMIT) {
        return refuse_type(name, "list of at most 8 integers", error);
    }
    for (size_t i = 0; i < attribute->n_ints; i += 1) {
        numbers[i] = attribute->ints[i];
    }
    *count = (uint32_t)attribute->n_ints;
    return NEURON_OK;
}

bool
neuron_onnx_attribute_is(const Neuron__Onnx__Node *node, const char *name, const char *text,
                         bool is_default)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    if (attribute == NULL) {
        return is_default;
    }
    return attribute->type == TYPE_TEXT && attribute->s.len == strlen(text) &&
           memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

const Neuron__Onnx__Tensor *
neuron_onnx_attribute_tensor(const Neuron__Onnx__Node *node, const char *name)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    return attribute == NULL || attribute->type != TYPE_TENSOR ? NULL : attribute->t;
}

/* An attribute that is there and is of this type; NULL where it is missing. */
static enum neuron_status
find_typed(const Neuron__Onnx__Node *node, const char *name, int32_t type, const char *wanted,
           const Neuron__Onnx__Attribute **found, struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(node, name);

    if (attribute != NULL && attribute->type != type) {
        return refuse_type(name, wanted, error);
    }
    *found = attribute;
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_attribute_floats(const Neuron__Onnx__Node *node, const char *name,
                             struct neuron_onnx_floats *list, struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *found = NULL;
    enum neuron_status status =
        find_typed(node, name, TYPE_FLOATS, "list of floats", &found, error);

    if (found != NULL) {
        *list = (struct neuron_onnx_floats){.numbers = found->floats, .count = found->n_floats};
    }
    return status;
}

enum neuron_status
neuron_onnx_attribute_integers(const Neuron__Onnx__Node *node, const char *name,
                               struct neuron_onnx_integers *list, struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *found = NULL;
    enum neuron_status status =
        find_typed(node, name, TYPE_INTEGERS, "list of integers", &found, error);

    if (found != NULL) {
        *list = (struct neuron_onnx_integers){.numbers = found->ints, .count = found->n_ints};
    }
    return status;
}

enum neuron_status
neuron_onnx_attribute_texts(const Neuron__Onnx__Node *node, const char *name,
                            struct neuron_onnx_texts *list, struct neuron_error *error)
{
    const Neuron__Onnx__Attribute *found = NULL;
    enum neuron_status status = find_typed(node, name, TYPE_TEXTS, "list of texts", &found, error);

    if (found != NULL) {
        *list = (struct neuron_onnx_texts){.texts = found->strings, .count = found->n_strings};
    }
    return status;
}
