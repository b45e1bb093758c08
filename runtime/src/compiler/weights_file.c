/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/weights_file.h"

#include <stdlib.h>
#include <string.h>

#include "npy/npz_file.h"

enum neuron_status
neuron_weights_write(const struct neuron_graph *graph, struct neuron_whole_file *file,
                     struct neuron_error *error)
{
    struct neuron_npz_entry *entries = calloc((size_t)graph->value_count + 1, sizeof(*entries));
    uint32_t count = 0;

    if (entries == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %s", file->path);
    }
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];

        if (value->is_replaceable) {
            entries[count].name = value->name;
            entries[count].tensor = neuron_tensor_view_of(&value->shape, NULL);
            /* They are only read, but a view has no const. */
            memcpy(&entries[count].tensor.data, &value->constant, sizeof(value->constant));
            count += 1;
        }
    }
    enum neuron_status status = neuron_npz_write(entries, count, file, error);
    free(entries);
    return status;
}
