/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/node_choice.h"

const char *
neuron_algorithm_name(enum neuron_algorithm algorithm)
{
    static const char *const names[NEURON_ALGORITHM_END] = {"default", "direct", "blocked",
                                                            "winograd"};

    return names[algorithm];
}

const char *
neuron_precision_name(enum neuron_precision precision)
{
    static const char *const names[NEURON_PRECISION_END] = {"fp32", "bf16", "fp16", "int8"};

    return names[precision];
}
