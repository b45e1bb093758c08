/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of processor this is, as far as it decides how fast its cores are. */
#ifndef NEURON_TOOLS_CPU_H
#define NEURON_TOOLS_CPU_H

#include <stdint.h>

enum { NEURON_CPU_TEXT_BYTES = 160 };

/* Sets of instructions, as bits. A set is there when the system lets programs use it, and oneDNN
   does, which DNNL_MAX_CPU_ISA in the environment allows fewer. */
enum neuron_cpu_feature {
    NEURON_CPU_AVX2 = 1 << 0, /* with FMA */
    NEURON_CPU_AVX512 = 1 << 1,
    NEURON_CPU_AVX512_BF16 = 1 << 2,
    NEURON_CPU_AVX_VNNI = 1 << 3,
    NEURON_CPU_AVX512_VNNI = 1 << 4,
    NEURON_CPU_AMX_BF16 = 1 << 5,
    NEURON_CPU_AMX_INT8 = 1 << 6
};

struct neuron_cpu {
    uint32_t features;
    const char *limit; /* the set that oneDNN uses, where the processor has more; else "" */
    /* Architecture, vendor, family.model.stepping and features, one line: what was measured holds
       where the text is the same. */
    char text[NEURON_CPU_TEXT_BYTES];
};

/* Reads it. Where a processor has AMX, asks the system to let this process use it. */
void
neuron_cpu_read(struct neuron_cpu *cpu);

#endif
