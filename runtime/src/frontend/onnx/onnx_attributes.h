/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of a node, by name. A missing one has the value that it had before the call. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_ATTRIBUTES_H
#define NEURON_FRONTEND_ONNX_ONNX_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>

#include <onnx/onnx.pb-c.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

/* Each returns NEURON_DAMAGED_MODEL when the attribute is there and of another type or range. */

NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_integer(const Neuron__Onnx__Node *node, const char *name, int64_t *number,
                              struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_float(const Neuron__Onnx__Node *node, const char *name, float *number,
                            struct neuron_error *error);

/* A list of integers. `numbers` has room for NEURON_RANK_LIMIT, `count` stays when it is missing.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_list(const Neuron__Onnx__Node *node, const char *name, int64_t *numbers,
                           uint32_t *count, struct neuron_error *error);

/* Lists of any length, which live as long as the node; without elements where they are missing. */
struct neuron_onnx_floats {
    const float *numbers;
    size_t count;
};
struct neuron_onnx_integers {
    const int64_t *numbers;
    size_t count;
};
struct neuron_onnx_texts {
    const ProtobufCBinaryData *texts;
    size_t count;
};

NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_floats(const Neuron__Onnx__Node *node, const char *name,
                             struct neuron_onnx_floats *list, struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_integers(const Neuron__Onnx__Node *node, const char *name,
                               struct neuron_onnx_integers *list, struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_attribute_texts(const Neuron__Onnx__Node *node, const char *name,
                            struct neuron_onnx_texts *list, struct neuron_error *error);

/* Says whether a text attribute has this value; `is_default` is said of a missing one. */
bool
neuron_onnx_attribute_is(const Neuron__Onnx__Node *node, const char *name, const char *text,
                         bool is_default);

/* The tensor of an attribute; NULL when there is none. Lives as long as the node. */
const Neuron__Onnx__Tensor *
neuron_onnx_attribute_tensor(const Neuron__Onnx__Node *node, const char *name);

/* An attribute of any type; NULL when it is missing. */
const Neuron__Onnx__Attribute *
neuron_onnx_attribute_find(const Neuron__Onnx__Node *node, const char *name);

#endif
