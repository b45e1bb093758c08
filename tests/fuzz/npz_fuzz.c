/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an npz file: what is accepted can be found and read, or is refused with a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "npy/npz_file.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

enum { SIZE_LIMIT_BYTES = 1 << 20 /* most that is unpacked of one array */ };

static void
require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void
read_one(const struct neuron_npz *npz, uint32_t index)
{
    struct neuron_tensor_shape shape = neuron_npz_array_shape(npz, index);
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    volatile unsigned char sum = 0;
    uint32_t found = UINT32_MAX;
    size_t size = neuron_tensor_shape_size_bytes(&shape);

    require(neuron_npz_find(npz, neuron_npz_array_name(npz, index), &found) && found == index);
    if (size > SIZE_LIMIT_BYTES) {
        return;
    }
    if (neuron_npz_read(npz, index, &array, &error) != NEURON_OK) {
        require(error.text[0] != '\0' && array == NULL);
        return;
    }
    const struct neuron_tensor_view view = neuron_npy_array_view(array);
    require((uintptr_t)view.data % 64 == 0);
    for (size_t i = 0; i < size; i += 1) {
        sum = (unsigned char)(sum + ((const unsigned char *)view.data)[i]);
    }
    neuron_npy_array_destroy(array);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};

    if (neuron_npz_parse(bytes, size_bytes, "fuzz.npz", &npz, &error) != NEURON_OK) {
        require(error.text[0] != '\0' && npz == NULL);
        return 0;
    }
    for (uint32_t i = 0; i < neuron_npz_array_count(npz); i += 1) {
        read_one(npz, i);
    }
    neuron_npz_destroy(npz);
    return 0;
}
