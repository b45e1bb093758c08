/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_roofline.h"

const struct neuron_roofline sample_roofline = {
    .peaks =
        {
            [NEURON_ARITHMETIC_FLOAT32] = {100.0, "AVX-512"},
            [NEURON_ARITHMETIC_BF16] = {200.0, "AVX-512 BF16"},
            [NEURON_ARITHMETIC_INT8] = {400.0, "AVX-512 VNNI"},
        },
    .memory =
        {
            [NEURON_MEMORY_L2] = {1000000, 100.0},
            [NEURON_MEMORY_L3] = {16000000, 50.0},
            [NEURON_MEMORY_MAIN] = {0, 10.0},
        },
};
