/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_names.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *left, const void *right)
{
    const struct neuron_onnx_value *l = left;
    const struct neuron_onnx_value *r = right;

    return strcmp(l->name, r->name);
}

/* The tree's nodes point to values, which the array frees. */
static void
keep(void *value)
{
    (void)value;
}

enum neuron_status
neuron_onnx_names_create(size_t room, struct neuron_onnx_names *names, struct neuron_error *error)
{
    names->values = calloc(room + 1, sizeof(*names->values));
    names->room = room;
    if (names->values == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %zu names", room);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_names_add(struct neuron_onnx_names *names, const char *name,
                      struct neuron_onnx_value **value, struct neuron_error *error)
{
    struct neuron_onnx_value *added = &names->values[names->count];

    *added = (struct neuron_onnx_value){.name = name};
    struct neuron_onnx_value *const *found = tsearch(added, &names->tree, compare);
    if (found == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a name");
    }
    *value = *found == added ? added : NULL;
    names->count += *found == added ? 1 : 0;
    return NEURON_OK;
}

struct neuron_onnx_value *
neuron_onnx_names_find(const struct neuron_onnx_names *names, const char *name)
{
    const struct neuron_onnx_value wanted = {.name = name};
    struct neuron_onnx_value *const *found = tfind(&wanted, &names->tree, compare);

    while (found == NULL && names->around != NULL) {
        names = names->around;
        found = tfind(&wanted, &names->tree, compare);
    }
    if (found == NULL) {
        return NULL;
    }
    return (*found)->same == NULL ? *found : (*found)->same;
}

void
neuron_onnx_names_destroy(struct neuron_onnx_names *names)
{
    tdestroy(names->tree, keep);
    for (size_t i = 0; names->values != NULL && i < names->count; i += 1) {
        if (names->values[i].owns_bytes) {
            free(names->values[i].constant.bytes);
        }
    }
    free(names->values);
    *names = (struct neuron_onnx_names){0};
}
