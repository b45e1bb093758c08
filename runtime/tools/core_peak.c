/* SPDX-License-Identifier: Apache-2.0 */
#include "core_peak.h"

#include <stddef.h>
#include <stdio.h>

#include "core_rate.h"
#include "core_tiles.h"
#include "core_vectors.h"
#include "cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SUM_COUNT = 12 };

/* Factors under which sums converge, or grow by less than they can hold. */
static const float half = 0.5F;
static const float one = 1.0F;

static inline lanes_of_16_bytes
step_plain(lanes_of_16_bytes sum, lanes_of_16_bytes left, lanes_of_16_bytes right)
{
    return sum * left + right;
}

#define LOOP_NAME run_plain
#define LOOP_TARGET
#define LOOP_VECTOR lanes_of_16_bytes
#define LOOP_STEP   step_plain
#include "core_peak_loop.h"

#if defined(__x86_64__)

/* Bits of pairs of bf16: 2^-40, and 1. */
static const float small_pair = 0x1.0057p-40F;
static const float one_pair = 0x1.007fp+0F;

__attribute__((target("avx2,fma"))) static inline lanes_of_32_bytes
step_avx2(lanes_of_32_bytes sum, lanes_of_32_bytes left, lanes_of_32_bytes right)
{
    return sum * left + right;
}

#define LOOP_NAME   run_avx2
#define LOOP_TARGET __attribute__((target("avx2,fma")))
#define LOOP_VECTOR lanes_of_32_bytes
#define LOOP_STEP   step_avx2
#include "core_peak_loop.h"

__attribute__((target("avx512f"))) static inline lanes_of_64_bytes
step_avx512(lanes_of_64_bytes sum, lanes_of_64_bytes left, lanes_of_64_bytes right)
{
    return sum * left + right;
}

#define LOOP_NAME   run_avx512
#define LOOP_TARGET __attribute__((target("avx512f")))
#define LOOP_VECTOR lanes_of_64_bytes
#define LOOP_STEP   step_avx512
#include "core_peak_loop.h"

__attribute__((target("avx512bf16"))) static inline lanes_of_64_bytes
step_avx512_bf16(lanes_of_64_bytes sum, lanes_of_64_bytes left, lanes_of_64_bytes right)
{
    return (lanes_of_64_bytes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)left, (__m512bh)right);
}

#define LOOP_NAME   run_avx512_bf16
#define LOOP_TARGET __attribute__((target("avx512bf16")))
#define LOOP_VECTOR lanes_of_64_bytes
#define LOOP_STEP   step_avx512_bf16
#include "core_peak_loop.h"

/* Bytes of whatever the bits are: sums of integers may wrap. */
__attribute__((target("avx512vnni"))) static inline lanes_of_64_bytes
step_avx512_vnni(lanes_of_64_bytes sum, lanes_of_64_bytes left, lanes_of_64_bytes right)
{
    return (lanes_of_64_bytes)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)left, (__m512i)right);
}

#define LOOP_NAME   run_avx512_vnni
#define LOOP_TARGET __attribute__((target("avx512vnni")))
#define LOOP_VECTOR lanes_of_64_bytes
#define LOOP_STEP   step_avx512_vnni
#include "core_peak_loop.h"

__attribute__((target("avx2,avxvnni"))) static inline lanes_of_32_bytes
step_avx_vnni(lanes_of_32_bytes sum, lanes_of_32_bytes left, lanes_of_32_bytes right)
{
    return (lanes_of_32_bytes)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)left, (__m256i)right);
}

#define LOOP_NAME   run_avx_vnni
#define LOOP_TARGET __attribute__((target("avx2,avxvnni")))
#define LOOP_VECTOR lanes_of_32_bytes
#define LOOP_STEP   step_avx_vnni
#include "core_peak_loop.h"

#endif

/* Returns a number that depends on all of the work. */
typedef float
loop_fn(uint64_t rounds, float left, float right);

struct loop {
    enum neuron_arithmetic arithmetic; /* of what it multiplies */
    uint32_t feature;                  /* that it needs; 0 for none */
    loop_fn *run;
    const float *left;
    const float *right;
    uint32_t round_flops;
    const char *instructions;
};

static const struct loop loops[] = {
#if defined(__x86_64__)
    {NEURON_ARITHMETIC_INT8, NEURON_CPU_AMX_INT8, neuron_core_tiles_run_int8, &one, &one,
     NEURON_CORE_TILES_INT8_FLOPS, "AMX"},
    {NEURON_ARITHMETIC_INT8, NEURON_CPU_AVX512_VNNI, run_avx512_vnni, &small_pair, &one_pair,
     SUM_COUNT * 128, "AVX-512 VNNI"},
    {NEURON_ARITHMETIC_INT8, NEURON_CPU_AVX_VNNI, run_avx_vnni, &small_pair, &one_pair,
     SUM_COUNT * 64, "AVX-VNNI"},
    {NEURON_ARITHMETIC_BF16, NEURON_CPU_AMX_BF16, neuron_core_tiles_run_bf16, &one, &one,
     NEURON_CORE_TILES_BF16_FLOPS, "AMX"},
    {NEURON_ARITHMETIC_BF16, NEURON_CPU_AVX512_BF16, run_avx512_bf16, &small_pair, &one_pair,
     SUM_COUNT * 64, "AVX-512 BF16"},
    {NEURON_ARITHMETIC_FLOAT32, NEURON_CPU_AVX512, run_avx512, &half, &one, SUM_COUNT * 32,
     "AVX-512"},
    {NEURON_ARITHMETIC_FLOAT32, NEURON_CPU_AVX2, run_avx2, &half, &one, SUM_COUNT * 16, "AVX2"},
#endif
    {NEURON_ARITHMETIC_FLOAT32, 0, run_plain, &half, &one, SUM_COUNT * 8, "vectors of 16 bytes"},
};

enum { LOOP_COUNT = sizeof(loops) / sizeof(loops[0]) };

const char *
neuron_arithmetic_name(enum neuron_arithmetic arithmetic)
{
    static const char *const names[NEURON_ARITHMETIC_COUNT] = {
        [NEURON_ARITHMETIC_FLOAT32] = "float32",
        [NEURON_ARITHMETIC_BF16] = "bf16",
        [NEURON_ARITHMETIC_INT8] = "int8",
    };

    return names[arithmetic];
}

static void
run_loop(void *argument, uint64_t rounds)
{
    const struct loop *loop = argument;
    /* Read and written where the compiler cannot know that nobody else does. */
    volatile float number = *loop->left;
    float left = number;

    number = loop->run(rounds, left, *loop->right);
}

/* The widest loop for this arithmetic, or NULL. */
static const struct loop *
find_loop(enum neuron_arithmetic arithmetic, uint32_t features)
{
    for (int i = 0; i < LOOP_COUNT; i += 1) {
        if (loops[i].arithmetic == arithmetic && (loops[i].feature & ~features) == 0) {
            return &loops[i];
        }
    }
    return NULL;
}

static struct neuron_core_peak
measure_loop(const struct loop *loop)
{
    struct loop copy = *loop;
    double rate = neuron_core_rate_measure(run_loop, &copy);
    struct neuron_core_peak peak = {.gflops = rate * (double)copy.round_flops};

    (void)snprintf(peak.instructions, sizeof(peak.instructions), "%s", copy.instructions);
    return peak;
}

struct neuron_core_peak
neuron_core_peak_measure(enum neuron_arithmetic arithmetic, uint32_t features)
{
    const struct loop *narrow = find_loop(arithmetic, features);
    struct neuron_core_peak best = measure_loop(find_loop(NEURON_ARITHMETIC_FLOAT32, features));

    if (narrow != NULL && narrow->arithmetic != NEURON_ARITHMETIC_FLOAT32) {
        struct neuron_core_peak peak = measure_loop(narrow);

        best = peak.gflops > best.gflops ? peak : best;
    }
    return best;
}
