/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_bandwidth.h"
#include "cores/memory_limit.h"

enum {
    BUFFER_ALIGNMENT = 4096,
    LEAST_L2_BYTES = 256 * 1024, /* where the system knows of no cache */
    MAIN_BUFFER_BYTES = 256 * 1024 * 1024,
    MEMORY_SHARE = 4, /* as much of what the process may have is taken at most */
    LEAST_BUFFER_BYTES = 4 * 1024 * 1024,
    L3_BUFFER_LIMIT_BYTES = 16 * 1024 * 1024 /* others use a large cache, too */
};

const char *
neuron_memory_level_name(enum neuron_memory_level level)
{
    static const char *const names[NEURON_MEMORY_COUNT] = {
        [NEURON_MEMORY_L2] = "l2", [NEURON_MEMORY_L3] = "l3", [NEURON_MEMORY_MAIN] = "memory"};

    return names[level];
}

static uint64_t
cache_size(int name, uint64_t least_bytes)
{
    long size_bytes = sysconf(name);

    return size_bytes > 0 && (uint64_t)size_bytes > least_bytes ? (uint64_t)size_bytes
                                                                : least_bytes;
}

/* As much as main memory is measured with; less where the process may have little. */
static size_t
main_buffer_size(void)
{
    uint64_t share_bytes = neuron_memory_limit_read("") / MEMORY_SHARE;

    share_bytes -= share_bytes % BUFFER_ALIGNMENT;
    if (share_bytes < LEAST_BUFFER_BYTES) {
        return LEAST_BUFFER_BYTES;
    }
    return share_bytes < MAIN_BUFFER_BYTES ? (size_t)share_bytes : MAIN_BUFFER_BYTES;
}

/* How much of a buffer to read, so that it comes from the level. */
static size_t
read_size(const struct neuron_roofline *roofline, enum neuron_memory_level level,
          size_t buffer_bytes)
{
    uint64_t half_bytes = roofline->memory[level].size_bytes / 2;
    size_t limit_bytes =
        buffer_bytes < L3_BUFFER_LIMIT_BYTES ? buffer_bytes : (size_t)L3_BUFFER_LIMIT_BYTES;

    if (level == NEURON_MEMORY_MAIN) {
        return buffer_bytes;
    }
    half_bytes -= half_bytes % BUFFER_ALIGNMENT;
    return half_bytes < limit_bytes ? (size_t)half_bytes : limit_bytes;
}

enum neuron_status
neuron_roofline_measure(const struct neuron_cpu *cpu, struct neuron_roofline *roofline,
                        struct neuron_error *error)
{
    struct neuron_roofline measured = {0};
    size_t buffer_bytes = main_buffer_size();
    void *buffer = aligned_alloc(BUFFER_ALIGNMENT, buffer_bytes);

    if (buffer == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no %zu MB of memory to measure how fast it is",
                           buffer_bytes / 1024 / 1024);
    }
    memset(buffer, 0, buffer_bytes);
    measured.memory[NEURON_MEMORY_L2].size_bytes =
        cache_size(_SC_LEVEL2_CACHE_SIZE, LEAST_L2_BYTES);
    measured.memory[NEURON_MEMORY_L3].size_bytes =
        cache_size(_SC_LEVEL3_CACHE_SIZE, measured.memory[NEURON_MEMORY_L2].size_bytes);
    for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
        measured.peaks[i] = neuron_core_peak_measure((enum neuron_arithmetic)i, cpu->features);
    }
    for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
        size_t size_bytes = read_size(&measured, (enum neuron_memory_level)i, buffer_bytes);

        measured.memory[i].gbps = neuron_core_bandwidth_measure(buffer, size_bytes, cpu->features);
    }
    free(buffer);
    *roofline = measured;
    return NEURON_OK;
}

enum neuron_memory_level
neuron_roofline_level(const struct neuron_roofline *roofline, uint64_t size_bytes)
{
    enum neuron_memory_level level = NEURON_MEMORY_L2;

    while (level != NEURON_MEMORY_MAIN && size_bytes > roofline->memory[level].size_bytes / 2) {
        level += 1;
    }
    return level;
}

/* The time to read these bytes from where so many come from. */
static double
read_ns(const struct neuron_roofline *roofline, uint64_t size_bytes, uint64_t reused_bytes)
{
    enum neuron_memory_level level = neuron_roofline_level(roofline, reused_bytes);

    return (double)size_bytes / roofline->memory[level].gbps;
}

struct neuron_roofline_bound
neuron_roofline_bound_of(const struct neuron_roofline *roofline, enum neuron_arithmetic arithmetic,
                         const struct neuron_node_cost *cost, uint64_t model_weight_bytes)
{
    uint64_t weight_bytes =
        cost->weight_bytes < cost->moved_bytes ? cost->weight_bytes : cost->moved_bytes;
    uint64_t other_bytes = cost->moved_bytes - weight_bytes;

    return (struct neuron_roofline_bound){
        .compute_ns = (double)cost->flops / roofline->peaks[arithmetic].gflops,
        .memory_ns = read_ns(roofline, weight_bytes, model_weight_bytes) +
                     read_ns(roofline, other_bytes, other_bytes)};
}

double
neuron_roofline_least_ns(const struct neuron_roofline_bound *bound)
{
    return bound->compute_ns > bound->memory_ns ? bound->compute_ns : bound->memory_ns;
}
