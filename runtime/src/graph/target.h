/* SPDX-License-Identifier: Apache-2.0 */
/* What a graph was compiled for. */
#ifndef NEURON_GRAPH_TARGET_H
#define NEURON_GRAPH_TARGET_H

#include <stdbool.h>
#include <stdint.h>

/* Sets of instructions, each with all of those before it. The numbers stand in compiled files. */
enum neuron_instructions {
    NEURON_INSTRUCTIONS_NONE = 0, /* nothing is said */
    NEURON_INSTRUCTIONS_GENERIC = 1,
    NEURON_INSTRUCTIONS_AVX2 = 2,
    NEURON_INSTRUCTIONS_AVX512 = 3,
    NEURON_INSTRUCTIONS_AVX512_VNNI = 4, /* products of 8 bits */
    NEURON_INSTRUCTIONS_AVX512_BF16 = 5, /* products of bfloat16 */
    NEURON_INSTRUCTIONS_AMX = 6,
    NEURON_INSTRUCTIONS_END = 7 /* one past the last */
};

enum { NEURON_PROCESSOR_LIMIT_BYTES = 96 };

/* What is decided of the nodes once the weights are given, in a graph that lacks them: the numbers
   of the compiler's options, which stand in compiled files. Zeroed in any other. */
struct neuron_later_choices {
    uint32_t auto_cast;      /* enum neuron_auto_cast */
    uint32_t auto_cast_type; /* enum neuron_auto_cast_type */
    uint32_t optimization_level;
};

struct neuron_target {
    enum neuron_instructions instructions;
    char processor[NEURON_PROCESSOR_LIMIT_BYTES]; /* that algorithms were measured on; empty where
                                                     they were chosen by shapes */
    struct neuron_later_choices later;
};

/* How the command line names the set of this machine, and all that it takes, as a refusal says. */
#define NEURON_TARGET_NATIVE "native"
extern const char neuron_target_words[];

/* Names a set as it stands on the command line: "avx512-bf16". */
const char *
neuron_instructions_name(enum neuron_instructions instructions);

/* Finds a set by its name; false for no such name. */
bool
neuron_instructions_find(const char *name, enum neuron_instructions *instructions);

#endif
