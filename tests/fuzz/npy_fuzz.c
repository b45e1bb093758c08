/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an npy file: what is accepted fits the file, and is written and read back alike. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/npy.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(int holds)
{
    if (!holds) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_npy_description found = {0};
    struct neuron_npy_description again = {0};
    struct neuron_error error = {0};
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES];
    size_t header_bytes = 0;

    if (neuron_npy_parse(bytes, size_bytes, &found, &error) != NEURON_OK) {
        require(error.text[0] != '\0' && found.payload_offset_bytes == 0);
        return 0;
    }
    require(found.payload_offset_bytes + found.payload_size_bytes == size_bytes);
    require(found.payload_size_bytes == neuron_tensor_shape_size_bytes(&found.shape));
    require(neuron_npy_format(&found.shape, header, &header_bytes, &error) == NEURON_OK);

    char *file = calloc(1, header_bytes + found.payload_size_bytes);
    require(file != NULL);
    memcpy(file, header, header_bytes);
    require(neuron_npy_parse(file, header_bytes + found.payload_size_bytes, &again, &error) ==
            NEURON_OK);
    require(neuron_tensor_shape_equals(&found.shape, &again.shape));
    free(file);
    return 0;
}
