/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/target.h"

#include <string.h>

static const char *const names[NEURON_INSTRUCTIONS_END] = {
    "none", "generic", "avx2", "avx512", "avx512-vnni", "avx512-bf16", "amx"};

const char neuron_target_words[] =
    NEURON_TARGET_NATIVE ", generic, avx2, avx512, avx512-vnni, avx512-bf16 and amx";

const char *
neuron_instructions_name(enum neuron_instructions instructions)
{
    return names[instructions];
}

bool
neuron_instructions_find(const char *name, enum neuron_instructions *instructions)
{
    for (int i = NEURON_INSTRUCTIONS_GENERIC; i < NEURON_INSTRUCTIONS_END; i += 1) {
        if (strcmp(names[i], name) == 0) {
            *instructions = (enum neuron_instructions)i;
            return true;
        }
    }
    return false;
}
