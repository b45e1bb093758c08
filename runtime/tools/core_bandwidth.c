/* SPDX-License-Identifier: Apache-2.0 */
#include "core_bandwidth.h"

#include "core_rate.h"
#include "core_vectors.h"
#include "cpu.h"

enum { LOOP_SUMS = 8 };

#define LOOP_NAME read_plain
#define LOOP_TARGET
#define LOOP_VECTOR lanes_of_16_bytes
#include "core_bandwidth_loop.h"

#if defined(__x86_64__)

#define LOOP_NAME   read_avx2
#define LOOP_TARGET __attribute__((target("avx2")))
#define LOOP_VECTOR lanes_of_32_bytes
#include "core_bandwidth_loop.h"

#define LOOP_NAME   read_avx512
#define LOOP_TARGET __attribute__((target("avx512f")))
#define LOOP_VECTOR lanes_of_64_bytes
#include "core_bandwidth_loop.h"

#endif

typedef float
read_fn(const void *bytes, size_t size_bytes);

struct reading {
    read_fn *read;
    const void *bytes;
    size_t size_bytes;
};

static read_fn *
choose_read(uint32_t features)
{
#if defined(__x86_64__)
    if ((features & NEURON_CPU_AVX512) != 0) {
        return read_avx512;
    }
    if ((features & NEURON_CPU_AVX2) != 0) {
        return read_avx2;
    }
#endif
    (void)features;
    return read_plain;
}

static void
read_rounds(void *argument, uint64_t rounds)
{
    const struct reading *reading = argument;
    /* Read anew, so that a round is not left out for being like the one before. */
    const void *volatile bytes = reading->bytes;
    volatile float sum = 0.0F;

    for (uint64_t round = 0; round < rounds; round += 1) {
        sum = sum + reading->read(bytes, reading->size_bytes);
    }
}

double
neuron_core_bandwidth_measure(const void *bytes, size_t size_bytes, uint32_t features)
{
    struct reading reading = {
        .read = choose_read(features), .bytes = bytes, .size_bytes = size_bytes};

    return neuron_core_rate_measure(read_rounds, &reading) * (double)size_bytes;
}
