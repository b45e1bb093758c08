/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_arrays.h"

#include <stdlib.h>

enum neuron_status
neuron_cc_arrays_load(const struct neuron_cc_options *options, struct neuron_cc_arrays *arrays,
                      struct neuron_error *error)
{
    uint32_t count = options->array_file_count;
    struct neuron_cc_arrays loaded = {0};
    enum neuron_status status = NEURON_OK;

    loaded.arrays = calloc((size_t)count + 1, sizeof(void *));
    loaded.views = calloc((size_t)count + 1, sizeof(*loaded.views));
    if (loaded.arrays == NULL || loaded.views == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u arrays", count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = neuron_npy_array_load(options->array_files[i].path, &loaded.arrays[i], error);
        if (status == NEURON_OK) {
            loaded.views[i] = neuron_npy_array_view(loaded.arrays[i]);
            loaded.count += 1;
        }
    }
    if (status != NEURON_OK) {
        neuron_cc_arrays_close(&loaded);
        return status;
    }
    *arrays = loaded;
    return NEURON_OK;
}

void
neuron_cc_arrays_close(struct neuron_cc_arrays *arrays)
{
    for (uint32_t i = 0; i < arrays->count; i += 1) {
        neuron_npy_array_destroy(arrays->arrays[i]);
    }
    free(arrays->arrays);
    free(arrays->views);
    *arrays = (struct neuron_cc_arrays){0};
}
