/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a file, each of which stands for one value. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_NAMES_H
#define NEURON_FRONTEND_ONNX_ONNX_NAMES_H

#include <stddef.h>

#include "frontend/onnx/onnx_call.h"

/* Values do not move while there is room. The tree is balanced, whatever the names are. */
struct neuron_onnx_names {
    struct neuron_onnx_value *values;
    size_t count;
    size_t room;
    void *tree;
    const struct neuron_onnx_names *around; /* of the graph around this one, or NULL */
};

/* Makes room for so many names in a zeroed struct, in which `around` may be set. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_names_create(size_t room, struct neuron_onnx_names *names, struct neuron_error *error);

/*
 * Adds a name, which is borrowed.
 *
 * value  receives its new value, pending; NULL when the name is there already.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_names_add(struct neuron_onnx_names *names, const char *name,
                      struct neuron_onnx_value **value, struct neuron_error *error);

/* Finds what a name stands for, here or else around; NULL for one that was not added. */
struct neuron_onnx_value *
neuron_onnx_names_find(const struct neuron_onnx_names *names, const char *name);

/* Frees the names, and the constants that they own. */
void
neuron_onnx_names_destroy(struct neuron_onnx_names *names);

#endif
