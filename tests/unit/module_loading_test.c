/* SPDX-License-Identifier: Apache-2.0 */
/* Models that are loaded at their first run, while the caller goes on, or both. */
#include "neuron/module.h"

#include <pthread.h>

#include "neuron/data_parallel.h"
#include "neuron/device_memory.h"

#include "check.h"
#include "gate.h"
#include "module/model_body.h"
#include "test_runtime.h"
#include "weighed_model.h"

enum { THREAD_COUNT = 4 };

static const struct neuron_compiler_options lazy = {.lazy_load = true};
static const struct neuron_compiler_options async = {.async_load = true};
static const struct neuron_compiler_options both = {.lazy_load = true, .async_load = true};

static const uint32_t two_cores[] = {0, 1};
static const struct neuron_module_placement on_two_cores = {
    .kind = NEURON_PLACEMENT_SELECTION, .cores = two_cores, .core_count = 2};

static struct neuron_module *
create_module(const struct model_bench *bench, const struct neuron_model *model,
              const struct neuron_module_placement *placement)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, model, placement, &module, &error), &error);
    return module;
}

static uint64_t
used_bytes(const struct model_bench *bench)
{
    struct neuron_device_memory_stats stats = {0};

    neuron_device_memory_read(bench->runtime, 0, &stats);
    return stats.used_bytes;
}

static void
a_file_says_how_it_is_loaded(void **state)
{
    static const struct neuron_compiler_options *const options[] = {NULL, &lazy, &async, &both};
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 1);
    for (unsigned i = 0; i < 4; i += 1) {
        struct neuron_model *model = weighed_load_with(*state, &numbers, options[i]);

        assert_int_equal(neuron_model_is_lazy(model), i % 2 == 1);
        assert_int_equal(neuron_model_is_async(model), i >= 2);
        neuron_model_destroy(model);
    }
}

static void
a_lazy_model_takes_memory_at_its_first_run(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 2);
    struct neuron_model *model = weighed_load_with(bench, &numbers, &lazy);
    struct neuron_module *module = create_module(bench, model, &on_two_cores);
    assert_int_equal(neuron_module_replica_count(module), 2);
    assert_int_equal(used_bytes(bench), 0);
    weighed_check_module(module, &numbers);
    uint64_t of_one = used_bytes(bench);
    assert_true(of_one > 0);
    weighed_check_module(module, &numbers);
    assert_true(used_bytes(bench) >= of_one);
    uint64_t of_both = used_bytes(bench);
    weighed_check_module(module, &numbers);
    assert_int_equal(used_bytes(bench), of_both);
    neuron_module_destroy(module);
    assert_int_equal(used_bytes(bench), 0);
    neuron_model_destroy(model);
}

static void
a_lazy_module_has_its_core_before_it_runs(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 3);
    struct neuron_model *model = weighed_load_with(bench, &numbers, &lazy);
    struct neuron_module *first = create_module(bench, model, NULL);
    struct neuron_module *second = create_module(bench, model, NULL);
    assert_int_not_equal(neuron_module_replica_core(first, 0),
                         neuron_module_replica_core(second, 0));
    weighed_check_module(second, &numbers);
    neuron_module_destroy(second);
    /* The other one was never loaded. */
    neuron_module_destroy(first);
    neuron_model_destroy(model);
}

static void
a_module_that_moves_loads_where_it_runs_next(void **state)
{
    static const struct neuron_compiler_options *const options[] = {&lazy, &async, &both};
    static const uint32_t second_core[] = {1};
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = second_core, .core_count = 1};
    struct weighed_numbers numbers;
    struct neuron_error error = {0};

    weighed_fill(&numbers, 4);
    for (int i = 0; i < 3; i += 1) {
        struct neuron_model *model = weighed_load_with(*state, &numbers, options[i]);
        struct neuron_module *module = create_module(*state, model, &on_two_cores);

        weighed_check_module(module, &numbers);
        assert_ok(neuron_module_place(module, &placement, &error), &error);
        assert_int_equal(neuron_module_replica_core(module, 0), 1);
        weighed_check_module(module, &numbers);
        neuron_module_destroy(module);
        neuron_model_destroy(model);
    }
}

static void
an_async_model_is_loaded_behind_the_callers_back(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    struct gate gate;

    weighed_fill(&numbers, 5);
    struct neuron_model *model = weighed_load_with(bench, &numbers, &async);
    struct neuron_module *other = create_module(bench, model, NULL);
    struct neuron_executor *executor = neuron_module_replica_executor(other, 0);
    weighed_check_module(other, &numbers);
    neuron_module_destroy(other);
    gate_close(&gate, executor);
    gate_await_arrival(&gate);
    /* The call is back, though its executor could not load yet. */
    struct neuron_module *module = create_module(bench, model, NULL);
    assert_ptr_equal(neuron_module_replica_executor(module, 0), executor);
    assert_int_equal(used_bytes(bench), 0);
    gate_open(&gate);
    weighed_check_module(module, &numbers);
    assert_true(used_bytes(bench) > 0);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
a_module_is_destroyed_while_it_loads(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 6);
    struct neuron_model *model = weighed_load_with(bench, &numbers, &async);
    for (int i = 0; i < 20; i += 1) {
        neuron_module_destroy(create_module(bench, model, &on_two_cores));
    }
    assert_int_equal(used_bytes(bench), 0);
    neuron_model_destroy(model);
}

static void
a_first_run_loads_all_replicas_of_a_model_that_is_both(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 7);
    struct neuron_model *model = weighed_load_with(bench, &numbers, &both);
    struct neuron_module *module = create_module(bench, model, &on_two_cores);
    assert_int_equal(used_bytes(bench), 0);
    weighed_check_module(module, &numbers);
    weighed_check_module(module, &numbers);
    uint64_t of_both = used_bytes(bench);
    for (int i = 0; i < 4; i += 1) {
        weighed_check_module(module, &numbers);
    }
    assert_int_equal(used_bytes(bench), of_both);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

/* A thread that runs a module. It notes, and the test's own thread asserts. */
struct runner {
    pthread_t thread;
    struct neuron_module *module;
    enum neuron_status status;
};

static void *
run_often(void *argument)
{
    struct runner *runner = argument;
    float x[WEIGHED_ROWS * WEIGHED_INPUTS] = {0};
    float y[WEIGHED_ROWS * WEIGHED_OUTPUTS];
    const struct neuron_model *model = neuron_module_model(runner->module);
    const struct neuron_tensor_view input =
        neuron_tensor_view_of(&neuron_model_input(model, 0)->shape, x);
    const struct neuron_tensor_view output =
        neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, y);

    for (int i = 0; runner->status == NEURON_OK && i < 20; i += 1) {
        runner->status = neuron_module_run(runner->module, &input, 1, &output, 1, NULL);
    }
    return NULL;
}

static void
threads_may_meet_in_the_first_run(void **state)
{
    static const struct neuron_compiler_options *const options[] = {&lazy, &async, &both};
    struct runner runners[THREAD_COUNT] = {{.status = NEURON_OK}};
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 8);
    for (int i = 0; i < 3; i += 1) {
        struct neuron_model *model = weighed_load_with(*state, &numbers, options[i]);
        struct neuron_module *module = create_module(*state, model, &on_two_cores);

        for (int j = 0; j < THREAD_COUNT; j += 1) {
            runners[j].module = module;
            assert_int_equal(pthread_create(&runners[j].thread, NULL, run_often, &runners[j]), 0);
        }
        for (int j = 0; j < THREAD_COUNT; j += 1) {
            assert_int_equal(pthread_join(runners[j].thread, NULL), 0);
            assert_int_equal(runners[j].status, NEURON_OK);
        }
        weighed_check_module(module, &numbers);
        neuron_module_destroy(module);
        neuron_model_destroy(model);
    }
}

static void
data_parallel_runs_models_that_are_not_loaded_yet(void **state)
{
    static const struct neuron_compiler_options *const options[] = {&lazy, &async, &both};
    const struct model_bench *bench = *state;
    float x[11 * WEIGHED_INPUTS] = {0};
    float y[11 * WEIGHED_OUTPUTS] = {0};
    struct weighed_numbers numbers;
    struct neuron_error error = {0};
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {11, WEIGHED_INPUTS}, .data = x};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {11, WEIGHED_OUTPUTS}, .data = y};

    weighed_fill(&numbers, 9);
    for (int i = 0; i < 3; i += 1) {
        struct neuron_model *model = weighed_load_with(bench, &numbers, options[i]);
        struct neuron_data_parallel *parallel = NULL;

        assert_ok(neuron_data_parallel_create(bench->runtime, model, NULL, &parallel, &error),
                  &error);
        assert_ok(neuron_data_parallel_run(parallel, &input, 1, &output, 1, &error), &error);
        for (int j = 0; j < 11 * WEIGHED_OUTPUTS; j += 1) {
            assert_true(y[j] == numbers.bias[j % WEIGHED_OUTPUTS]);
        }
        neuron_data_parallel_destroy(parallel);
        neuron_model_destroy(model);
    }
}

/* A run of a module that cannot load fails with this text. */
static void
expect_full(struct neuron_module *module)
{
    const struct neuron_model *model = neuron_module_model(module);
    float x[WEIGHED_ROWS * WEIGHED_INPUTS] = {0};
    float y[WEIGHED_ROWS * WEIGHED_OUTPUTS];
    const struct neuron_tensor_view input =
        neuron_tensor_view_of(&neuron_model_input(model, 0)->shape, x);
    const struct neuron_tensor_view output =
        neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, y);
    struct neuron_error error = {0};

    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_module_run(module, &input, 1, &output, 1, &error), &error);
    assert_contains(error.text, "nc:0: ");
}

static void
what_cannot_be_loaded_is_said_by_each_run(void **state)
{
    static const struct neuron_compiler_options *const options[] = {&lazy, &async, &both};
    struct model_bench bench = {.runtime = NULL};
    struct test_runtime test;
    struct weighed_numbers numbers;

    (void)state;
    weighed_fill(&numbers, 10);
    test_runtime_create_limited(&test, "core:2 pu:1", 1, 64);
    bench.folder = test.folder;
    bench.runtime = test.runtime;
    for (int i = 0; i < 3; i += 1) {
        struct neuron_model *model = weighed_load_with(&bench, &numbers, options[i]);
        struct neuron_module *module = create_module(&bench, model, NULL);

        expect_full(module);
        expect_full(module);
        assert_int_equal(used_bytes(&bench), 0);
        neuron_module_destroy(module);
        neuron_model_destroy(model);
    }
    test_runtime_destroy(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_says_how_it_is_loaded, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lazy_model_takes_memory_at_its_first_run,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lazy_module_has_its_core_before_it_runs,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_that_moves_loads_where_it_runs_next,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(an_async_model_is_loaded_behind_the_callers_back,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_is_destroyed_while_it_loads, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_first_run_loads_all_replicas_of_a_model_that_is_both,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_may_meet_in_the_first_run, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(data_parallel_runs_models_that_are_not_loaded_yet,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test(what_cannot_be_loaded_is_said_by_each_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
