/* SPDX-License-Identifier: Apache-2.0 */
/* What loading and unloading modules does to the budgets of devices. */
#include "neuron/device_memory.h"
#include "neuron/module.h"

#include <stdio.h>

#include "check.h"
#include "test_runtime.h"
#include "weighty_model.h"

enum { CHANNELS = 64, SUMS = 1000 };

/* Two devices of two cores, and a model. */
struct bench {
    struct test_runtime test;
    struct weighty_model weighty;
    struct neuron_model *model;
    struct neuron_error error;
};

static void
create_bench(struct bench *bench, const char *name, uint64_t limit_bytes)
{
    *bench = (struct bench){0};
    test_runtime_create_limited(&bench->test, "numa:2 core:2 pu:1", 4, limit_bytes);
    weighty_model_create(&bench->weighty, CHANNELS, SUMS);
    bench->model = weighty_model_load(&bench->weighty, &bench->test.folder, name);
}

static void
destroy_bench(struct bench *bench)
{
    neuron_model_destroy(bench->model);
    weighty_model_destroy(&bench->weighty);
    test_runtime_destroy(&bench->test);
}

/* Loads the model to cores in a row. */
static enum neuron_status
load(struct bench *bench, uint32_t first, uint32_t count, struct neuron_module **module)
{
    static const uint32_t cores[] = {0, 1, 2, 3};
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores + first, .core_count = count};

    return neuron_module_create(bench->test.runtime, bench->model, &placement, module,
                                &bench->error);
}

static uint64_t
used_bytes(const struct bench *bench, uint32_t nc)
{
    struct neuron_device_memory_stats stats = {0};

    neuron_device_memory_read(bench->test.runtime, nc, &stats);
    return stats.used_bytes;
}

/* What a load to the first cores takes of the first device. */
static uint64_t
measure(uint32_t core_count)
{
    struct bench bench;
    struct neuron_module *module = NULL;

    create_bench(&bench, "weighty", 0);
    assert_ok(load(&bench, 0, core_count, &module), &bench.error);
    uint64_t bytes = used_bytes(&bench, 0);
    neuron_module_destroy(module);
    assert_int_equal(used_bytes(&bench, 0), 0);
    destroy_bench(&bench);
    return bytes;
}

static void
weights_count_once_a_device_and_arenas_once_a_replica(void **state)
{
    struct bench bench;
    struct neuron_module *module = NULL;
    uint64_t one_bytes = measure(1);
    uint64_t two_bytes = measure(2);

    (void)state;
    create_bench(&bench, "weighty", 0);
    assert_true(one_bytes > weighty_model_bytes(&bench.weighty));
    assert_true(two_bytes > one_bytes);
    assert_true(two_bytes - one_bytes < weighty_model_bytes(&bench.weighty));
    assert_ok(load(&bench, 0, 3, &module), &bench.error);
    assert_int_equal(used_bytes(&bench, 0), two_bytes);
    assert_int_equal(used_bytes(&bench, 1), two_bytes);
    assert_int_equal(used_bytes(&bench, 2), one_bytes);
    neuron_module_destroy(module);
    assert_int_equal(used_bytes(&bench, 0), 0);
    assert_int_equal(used_bytes(&bench, 2), 0);
    destroy_bench(&bench);
}

static void
weights_that_do_not_fit_are_refused_with_their_whole_size(void **state)
{
    struct bench bench;
    struct neuron_module *module = NULL;
    char asked[80];

    (void)state;
    create_bench(&bench, "resnet", 100000);
    (void)snprintf(asked, sizeof(asked), "the weights of resnet: %zu bytes asked, 0 of 100000",
                   weighty_model_bytes(&bench.weighty));
    assert_status(NEURON_DEVICE_MEMORY_FULL, load(&bench, 2, 2, &module), &bench.error);
    assert_contains(bench.error.text, "device 1 has no room for ");
    assert_contains(bench.error.text, asked);
    assert_null(module);
    assert_int_equal(used_bytes(&bench, 2), 0);
    destroy_bench(&bench);
}

static void
a_second_replica_that_does_not_fit_leaves_all_as_it_was(void **state)
{
    struct bench bench;
    struct neuron_module *module = NULL;
    struct neuron_module *refused = NULL;
    uint64_t one_bytes = measure(1);

    (void)state;
    create_bench(&bench, "weighty", measure(2) - 1);
    assert_status(NEURON_DEVICE_MEMORY_FULL, load(&bench, 0, 2, &refused), &bench.error);
    assert_contains(bench.error.text, "an arena of weighty");
    assert_contains(bench.error.text, "in use (weighty ");
    assert_contains(bench.error.text, "or raise NEURON_RT_DEVICE_MEMORY");
    assert_int_equal(used_bytes(&bench, 0), 0);
    assert_ok(load(&bench, 0, 1, &module), &bench.error);
    assert_int_equal(used_bytes(&bench, 0), one_bytes);
    assert_status(NEURON_DEVICE_MEMORY_FULL, load(&bench, 1, 1, &refused), &bench.error);
    assert_int_equal(used_bytes(&bench, 0), one_bytes);
    weighty_model_check(&bench.weighty, module);
    /* The other device has room. */
    assert_ok(load(&bench, 2, 1, &refused), &bench.error);
    neuron_module_destroy(refused);
    neuron_module_destroy(module);
    assert_int_equal(used_bytes(&bench, 0), 0);
    destroy_bench(&bench);
}

static void
a_refusal_names_the_models_that_use_the_device(void **state)
{
    struct bench bench;
    struct neuron_module *modules[3] = {NULL};
    uint64_t one_bytes = measure(1);
    char first[80];

    (void)state;
    create_bench(&bench, "bert", 2 * one_bytes + 1000);
    struct neuron_model *bert = bench.model;
    *(float *)bench.weighty.shift.data += 1.0F; /* equal models would share their weights */
    struct neuron_model *resnet = weighty_model_load(&bench.weighty, &bench.test.folder, "resnet");
    assert_ok(load(&bench, 0, 1, &modules[0]), &bench.error);
    bench.model = resnet;
    (void)snprintf(first, sizeof(first), "in use (bert %llu",
                   (unsigned long long)used_bytes(&bench, 0));
    assert_status(NEURON_DEVICE_MEMORY_FULL, load(&bench, 0, 2, &modules[1]), &bench.error);
    assert_contains(bench.error.text, " of resnet: ");
    assert_contains(bench.error.text, "bert ");
    assert_ok(load(&bench, 1, 1, &modules[1]), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, load(&bench, 0, 1, &modules[2]), &bench.error);
    assert_contains(bench.error.text, first);
    assert_contains(bench.error.text, ", resnet ");
    neuron_module_destroy(modules[0]);
    neuron_module_destroy(modules[1]);
    bench.model = bert;
    neuron_model_destroy(resnet);
    destroy_bench(&bench);
}

static void
unloading_gives_back_exactly_what_loading_took(void **state)
{
    struct bench bench;
    struct neuron_module *first = NULL;
    struct neuron_module *second = NULL;
    struct neuron_device_memory_stats stats = {0};

    (void)state;
    create_bench(&bench, "weighty", 0);
    assert_ok(load(&bench, 0, 1, &first), &bench.error);
    uint64_t before_bytes = used_bytes(&bench, 0);
    for (int i = 0; i < 3; i += 1) {
        assert_ok(load(&bench, 0, 4, &second), &bench.error);
        assert_true(used_bytes(&bench, 0) > before_bytes);
        neuron_module_destroy(second);
        assert_int_equal(used_bytes(&bench, 0), before_bytes);
        assert_int_equal(used_bytes(&bench, 2), 0);
    }
    weighty_model_check(&bench.weighty, first);
    neuron_module_destroy(first);
    neuron_device_memory_read(bench.test.runtime, 0, &stats);
    assert_int_equal(stats.used_bytes, 0);
    assert_true(stats.peak_bytes > before_bytes);
    destroy_bench(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_count_once_a_device_and_arenas_once_a_replica),
        cmocka_unit_test(weights_that_do_not_fit_are_refused_with_their_whole_size),
        cmocka_unit_test(a_second_replica_that_does_not_fit_leaves_all_as_it_was),
        cmocka_unit_test(a_refusal_names_the_models_that_use_the_device),
        cmocka_unit_test(unloading_gives_back_exactly_what_loading_took),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
