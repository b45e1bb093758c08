/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each loop below keeps SUM_COUNT vectors in registers, more than a core can have under way at
 * once, and multiplies and adds to each in every round. The numbers converge, so that none becomes
 * a special case of the arithmetic. They are the same loop three times because a compiler decides
 * on the instructions for a function as a whole, and by its type.
 */
#include "core_peak.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { SUM_COUNT = 12, SLICE_COUNT = 5, SLICE_NS = 4000000 };

/* Returns a number that depends on all of the work, so that none of it is left out. */
typedef float
loop_fn(uint64_t rounds, float start);

struct loop {
    loop_fn *run;
    uint32_t lanes;
    const char *instructions;
};

typedef float lanes_of_16_bytes __attribute__((vector_size(16)));

static float
run_plain(uint64_t rounds, float start)
{
    lanes_of_16_bytes sums[SUM_COUNT];
    const lanes_of_16_bytes factor = (lanes_of_16_bytes){0} + 0.5F;
    const lanes_of_16_bytes term = (lanes_of_16_bytes){0} + start;
    lanes_of_16_bytes total = term;

    for (int i = 0; i < SUM_COUNT; i += 1) {
        sums[i] = term + (float)i;
    }
    for (uint64_t round = 0; round < rounds; round += 1) {
        for (int i = 0; i < SUM_COUNT; i += 1) {
            sums[i] = sums[i] * factor + term;
        }
    }
    for (int i = 0; i < SUM_COUNT; i += 1) {
        total += sums[i];
    }
    return total[0];
}

#if defined(__x86_64__)

typedef float lanes_of_32_bytes __attribute__((vector_size(32)));
typedef float lanes_of_64_bytes __attribute__((vector_size(64)));

__attribute__((target("avx2,fma"))) static float
run_avx2(uint64_t rounds, float start)
{
    lanes_of_32_bytes sums[SUM_COUNT];
    const lanes_of_32_bytes factor = (lanes_of_32_bytes){0} + 0.5F;
    const lanes_of_32_bytes term = (lanes_of_32_bytes){0} + start;
    lanes_of_32_bytes total = term;

    for (int i = 0; i < SUM_COUNT; i += 1) {
        sums[i] = term + (float)i;
    }
    for (uint64_t round = 0; round < rounds; round += 1) {
        for (int i = 0; i < SUM_COUNT; i += 1) {
            sums[i] = sums[i] * factor + term;
        }
    }
    for (int i = 0; i < SUM_COUNT; i += 1) {
        total += sums[i];
    }
    return total[0];
}

__attribute__((target("avx512f"))) static float
run_avx512(uint64_t rounds, float start)
{
    lanes_of_64_bytes sums[SUM_COUNT];
    const lanes_of_64_bytes factor = (lanes_of_64_bytes){0} + 0.5F;
    const lanes_of_64_bytes term = (lanes_of_64_bytes){0} + start;
    lanes_of_64_bytes total = term;

    for (int i = 0; i < SUM_COUNT; i += 1) {
        sums[i] = term + (float)i;
    }
    for (uint64_t round = 0; round < rounds; round += 1) {
        for (int i = 0; i < SUM_COUNT; i += 1) {
            sums[i] = sums[i] * factor + term;
        }
    }
    for (int i = 0; i < SUM_COUNT; i += 1) {
        total += sums[i];
    }
    return total[0];
}

static struct loop
choose_loop(void)
{
    if (__builtin_cpu_supports("avx512f")) {
        return (struct loop){run_avx512, 16, "AVX-512"};
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return (struct loop){run_avx2, 8, "AVX2"};
    }
    return (struct loop){run_plain, 4, "SSE2"};
}

#else

static struct loop
choose_loop(void)
{
    return (struct loop){run_plain, 4, "vectors of 16 bytes"};
}

#endif

static uint64_t
read_clock_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* Runs a number of rounds, and returns the time; at least 1. */
static uint64_t
time_rounds(const struct loop *loop, uint64_t rounds)
{
    volatile float start = 1.0F;
    uint64_t begin_ns = read_clock_ns();
    /* Written where the compiler cannot know that nobody reads it. */
    start = loop->run(rounds, start);
    uint64_t taken_ns = read_clock_ns() - begin_ns;

    return taken_ns == 0 ? 1 : taken_ns;
}

struct neuron_core_peak
neuron_core_peak_measure(void)
{
    const struct loop loop = choose_loop();
    uint64_t rounds = 1000;
    uint64_t taken_ns = time_rounds(&loop, rounds);
    double best = 0.0;

    while (taken_ns < SLICE_NS) {
        rounds *= 2;
        taken_ns = time_rounds(&loop, rounds);
    }
    /* The best of several: others may use the core's partner, or its clock may still rise. */
    for (int i = 0; i < SLICE_COUNT; i += 1) {
        double flops = (double)rounds * SUM_COUNT * loop.lanes * 2.0;
        double gflops = flops / (double)time_rounds(&loop, rounds);

        best = gflops > best ? gflops : best;
    }
    return (struct neuron_core_peak){.gflops = best, .instructions = loop.instructions};
}
