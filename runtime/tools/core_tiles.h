/* SPDX-License-Identifier: Apache-2.0 */
/* Products of AMX's tiles, as many as a core does. Other processors than x86-64 have none. */
#ifndef NEURON_TOOLS_CORE_TILES_H
#define NEURON_TOOLS_CORE_TILES_H

#include <stdint.h>

/* A round is twelve products of tiles of 16 rows of 64 bytes. */
enum {
    NEURON_CORE_TILES_BF16_FLOPS = 12 * 16 * 16 * 32 * 2,
    NEURON_CORE_TILES_INT8_FLOPS = 12 * 16 * 16 * 64 * 2
};

/* The thread runs on a core with NEURON_CPU_AMX_BF16. Returns the sum of the other two. */
float
neuron_core_tiles_run_bf16(uint64_t rounds, float left, float right);

/* The same with NEURON_CPU_AMX_INT8. */
float
neuron_core_tiles_run_int8(uint64_t rounds, float left, float right);

#endif
