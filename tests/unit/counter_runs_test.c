/* SPDX-License-Identifier: Apache-2.0 */
/* What modules and executors count, as another process would read it. */
#include "counters/counter_reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "neuron/module.h"

#include "batched_module.h"
#include "chooser.h"
#include "gate.h"
#include "placement_bench.h"
#include "staged_model.h"
#include "test_runtime.h"

/* Reads the page at a position of those that this process has; says how many there are. */
static uint32_t
read_page(uint32_t position, struct neuron_counter_sample *sample)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_true(position < readers.count);
    assert_ok(neuron_counter_reader_read(readers.readers[position], sample, &error), &error);
    uint32_t count = readers.count;
    neuron_counter_readers_close(&readers);
    return count;
}

static uint64_t
sum_of(const uint64_t *counts, uint32_t count)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        sum += counts[i];
    }
    return sum;
}

/* Fails unless there were so many runs on the cores, and so many requests that led to them. */
static void
check_counts(const struct neuron_counter_sample *sample, uint64_t runs, uint64_t requests)
{
    uint64_t ended = 0;

    for (uint32_t nc = 0; nc < sample->core_count; nc += 1) {
        ended += sum_of(sample->cores[nc].ended, NEURON_COUNTER_STATUSES);
    }
    assert_int_equal(ended, runs);
    assert_int_equal(sum_of(sample->run_times.counts, NEURON_LATENCY_BUCKETS), runs);
    assert_int_equal(sum_of(sample->request_times.counts, NEURON_LATENCY_BUCKETS), requests);
}

static void
each_run_is_counted_with_its_times(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "2");
    struct neuron_module *module = load(bench);
    for (uint64_t runs = 0; runs < 5; runs += 1) {
        assert_int_equal(read_page(0, &sample), 1);
        check_counts(&sample, runs, runs);
        assert_int_equal(sample.cores[0].ended[NEURON_OK], runs);
        assert_true(sample.cores[0].busy_ns > 0); /* already with loading */
        assert_int_equal(sample.cores[0].module != 0, runs > 0);
        assert_int_equal(sample.cores[1].busy_ns, 0);
        assert_ok(run_dense(module, &error), &error);
    }
    assert_int_equal(sample.module_count, 1);
    assert_int_equal(sample.cores[0].module, sample.modules[0].serial);
    assert_int_equal(sample.modules[0].cores[0], 1);
    double run = neuron_latency_quantile(sample.run_times.counts, 0);
    double request = neuron_latency_quantile(sample.request_times.counts, 0);
    assert_true(run > 0);
    assert_true(request >= run); /* it is handed over before it is run */
    neuron_counter_sample_clear(&sample);
    neuron_module_destroy(module);
}

static void
refused_calls_are_no_runs_but_counted(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_counter_sample sample = {0};

    placement_bench_start_cores(bench, "1");
    struct neuron_module *module = load(bench);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_module_run(module, NULL, 0, NULL, 0, NULL), NULL);
    (void)read_page(0, &sample);
    check_counts(&sample, 0, 0);
    assert_int_equal(sample.refused[NEURON_INVALID_ARGUMENT], 1);
    assert_int_equal(sum_of(sample.refused, NEURON_COUNTER_STATUSES), 1);
    neuron_counter_sample_clear(&sample);
    neuron_module_destroy(module);
}

static void
a_core_is_busy_while_its_request_lasts(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_counter_sample sample = {0};
    struct gate gate;
    uint64_t before = 0;

    placement_bench_start_cores(bench, "2");
    gate_close(&gate, neuron_runtime_executor(bench->runtime, 1));
    gate_await_arrival(&gate);
    for (int i = 0; i < 3; i += 1) {
        (void)read_page(0, &sample);
        assert_true(sample.cores[1].is_busy);
        assert_false(sample.cores[0].is_busy);
        assert_true(sample.cores[1].busy_ns >= before);
        before = sample.cores[1].busy_ns;
    }
    assert_true(before > 0);
    gate_open(&gate);
    /* The gate is left inside the request: its end comes a moment later. */
    for (int i = 0; i < 10000 && sample.cores[1].is_busy; i += 1) {
        (void)read_page(0, &sample);
    }
    assert_false(sample.cores[1].is_busy);
    assert_true(sample.cores[1].busy_ns > 0);
    check_counts(&sample, 0, 0); /* it was no run */
    neuron_counter_sample_clear(&sample);
}

static void
each_runtime_of_a_process_has_a_page(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_counter_sample samples[2] = {{0}};
    struct neuron_runtime *second = NULL;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "2");
    struct neuron_runtime_options options = {
        .core_count = 3, .process_tag = "second", .lease.directory = bench->folder.path};
    assert_ok(neuron_runtime_create(&options, &second, &error), &error);
    struct neuron_module *module = load(bench);
    assert_ok(run_dense(module, &error), &error);
    assert_int_equal(read_page(0, &samples[0]), 2);
    assert_int_equal(read_page(1, &samples[1]), 2);
    assert_int_equal(samples[0].core_count, 2);
    assert_int_equal(samples[1].core_count, 3);
    assert_string_equal(samples[1].tag, "second");
    check_counts(&samples[0], 1, 1);
    check_counts(&samples[1], 0, 0);
    neuron_runtime_destroy(second);
    assert_int_equal(read_page(0, &samples[0]), 1);
    neuron_counter_sample_clear(&samples[0]);
    neuron_counter_sample_clear(&samples[1]);
    neuron_module_destroy(module);
}

static void
a_batch_is_a_request_for_each_of_its_runs(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};
    struct module_batch batch = {0};

    placement_bench_start_cores(bench, "2");
    struct neuron_module *module = batched_module_create(bench->runtime, bench->model);
    module_batch_create(&batch, bench->model, 5 * 4 - 1, 1); /* of a compiled batch of 4 rows */
    assert_ok(module_batch_run(&batch, module, &error), &error);
    (void)read_page(0, &sample);
    check_counts(&sample, 5, 5);
    assert_int_equal(sample.cores[0].ended[NEURON_OK], 3);
    assert_int_equal(sample.cores[1].ended[NEURON_OK], 2);
    neuron_counter_sample_clear(&sample);
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
}

/* Runs a model of several cores, and fails unless each core counts each run, and one each request.
 */
static void
check_several_cores(const struct test_runtime *owner, struct staged_model *staged, uint32_t cores)
{
    struct neuron_counter_sample sample = {0};
    struct chooser_call call = chooser_call_of(3);
    struct neuron_error error = {0};
    struct neuron_module *module = staged_module_create(owner, staged->model, 0, NEURON_AUTOMATIC);

    for (int i = 0; i < 7; i += 1) {
        assert_ok(chooser_run(module, &call, &error), &error);
    }
    (void)read_page(0, &sample);
    check_counts(&sample, (uint64_t)7 * cores, 7);
    assert_int_equal(sample.module_count, 1);
    assert_int_equal(sample.modules[0].model_cores, cores);
    for (uint32_t nc = 0; nc < cores; nc += 1) {
        assert_int_equal(sample.cores[nc].ended[NEURON_OK], 7);
        assert_int_equal(sample.cores[nc].module, sample.modules[0].serial);
    }
    neuron_counter_sample_clear(&sample);
    neuron_module_destroy(module);
    staged_model_destroy(staged);
}

static void
stages_count_runs_each_and_requests_once(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 3);
    check_several_cores(*state, &staged, 3);
}

static void
cores_that_work_together_count_runs_each_and_requests_once(void **state)
{
    struct staged_model staged = {0};

    staged_model_create_wide(&staged, staged_trace_over(chooser, CHOOSER_EXAMPLES, 2, NULL), 2);
    check_several_cores(*state, &staged, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_run_is_counted_with_its_times, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(refused_calls_are_no_runs_but_counted,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_is_busy_while_its_request_lasts,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(each_runtime_of_a_process_has_a_page, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_batch_is_a_request_for_each_of_its_runs,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(stages_count_runs_each_and_requests_once,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(cores_that_work_together_count_runs_each_and_requests_once,
                                        staged_runtime_setup, staged_runtime_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
