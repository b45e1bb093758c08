/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/memory_share.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

enum { CORES = 5 };

/* Five cores, the last two of device 1; model "a" on 0, 1 and 3, another "a" on 1, "b" on 2. */
struct bench {
    struct neuron_core_sample cores[CORES];
    struct neuron_counter_sample runtime;
    uint64_t shares[CORES][NEURON_MEMORY_USES];
};

static void
add_module(struct bench *bench, const char *name, uint64_t cores)
{
    struct neuron_module_sample *module = &bench->runtime.modules[bench->runtime.module_count];

    (void)snprintf(module->name, sizeof(module->name), "%s", name);
    module->cores[0] = cores;
    bench->runtime.module_count += 1;
}

static struct neuron_memory_sample *
add_owner(struct bench *bench, const char *name, uint32_t device, uint64_t weights)
{
    struct neuron_memory_sample *owner = &bench->runtime.memory[bench->runtime.memory_count];

    (void)snprintf(owner->name, sizeof(owner->name), "%s", name);
    owner->device = device;
    owner->bytes[NEURON_MEMORY_WEIGHTS] = weights;
    bench->runtime.memory_count += 1;
    return owner;
}

static void
set_up(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    bench->runtime.cores = bench->cores;
    bench->runtime.core_count = CORES;
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        bench->cores[nc] = (struct neuron_core_sample){.core = nc, .device = nc < 3 ? 0 : 1};
    }
    add_module(bench, "a", 1 | 2 | 8);
    add_module(bench, "a", 2);
    add_module(bench, "b", 4);
}

static void
assert_weights(struct bench *bench, const struct neuron_memory_sample *owner,
               const uint64_t expected[CORES])
{
    neuron_memory_share_cores(&bench->runtime, owner, bench->shares);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(bench->shares[nc][NEURON_MEMORY_WEIGHTS], expected[nc]);
    }
}

static void
memory_goes_to_the_cores_of_its_models(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench);
    assert_weights(&bench, add_owner(&bench, "a", 0, 10), (const uint64_t[CORES]){3, 7, 0, 0, 0});
    assert_weights(&bench, add_owner(&bench, "a", 1, 5), (const uint64_t[CORES]){0, 0, 0, 5, 0});
    assert_weights(&bench, add_owner(&bench, "b", 0, 8), (const uint64_t[CORES]){0, 0, 8, 0, 0});
    assert_weights(&bench, add_owner(&bench, "x", 1, 9), (const uint64_t[CORES]){0, 0, 0, 4, 5});
    assert_weights(&bench, add_owner(&bench, "x", 9, 6), (const uint64_t[CORES]){1, 1, 1, 1, 2});
    assert_weights(&bench, add_owner(&bench, "b", UINT32_MAX, UINT64_MAX),
                   (const uint64_t[CORES]){UINT64_MAX / 5, UINT64_MAX / 5, UINT64_MAX / 5,
                                           UINT64_MAX / 5, UINT64_MAX / 5});
}

static void
parts_of_models_add_up(void **state)
{
    struct bench bench;
    uint64_t bytes[NEURON_MEMORY_USES] = {0};

    (void)state;
    set_up(&bench);
    add_owner(&bench, "a", 0, 10)->bytes[NEURON_MEMORY_ARENA] = 300;
    neuron_memory_share_module(&bench.runtime, 0, 0, bytes);
    assert_int_equal(bytes[NEURON_MEMORY_WEIGHTS], 3);
    neuron_memory_share_module(&bench.runtime, 0, 1, bytes);
    neuron_memory_share_module(&bench.runtime, 1, 1, bytes);
    assert_int_equal(bytes[NEURON_MEMORY_WEIGHTS], 10);
    assert_int_equal(bytes[NEURON_MEMORY_ARENA], 300);
    neuron_memory_share_module(&bench.runtime, 2, 2, bytes);
    assert_int_equal(bytes[NEURON_MEMORY_WEIGHTS], 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_goes_to_the_cores_of_its_models),
        cmocka_unit_test(parts_of_models_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
