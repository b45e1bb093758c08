/* SPDX-License-Identifier: Apache-2.0 */
/* A page that is read at full speed while executors write it at full speed. */
#include "counters/counter_reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "neuron/module.h"

#include "placement_bench.h"

enum { RUNS = 300, CORES = 2 };

/* What a thread runs; it asserts nothing. */
struct runner {
    pthread_t thread;
    struct neuron_module *module;
    _Atomic uint32_t *under_way;
    uint32_t failed_count;
};

static void *
run_flat_out(void *argument)
{
    struct runner *runner = argument;

    for (int i = 0; i < RUNS; i += 1) {
        runner->failed_count += run_dense(runner->module, NULL) == NEURON_OK ? 0 : 1;
    }
    atomic_fetch_sub(runner->under_way, 1);
    return NULL;
}

/* Fails unless nothing that counts has become less. */
static void
check_growth(const struct neuron_counter_sample *before, const struct neuron_counter_sample *after)
{
    uint64_t ended = 0;

    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_true(after->cores[nc].ended[NEURON_OK] >= before->cores[nc].ended[NEURON_OK]);
        assert_int_equal(after->cores[nc].ended[NEURON_TIMED_OUT], 0);
        ended += after->cores[nc].ended[NEURON_OK];
    }
    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        assert_true(after->run_times.counts[i] >= before->run_times.counts[i]);
        assert_true(after->request_times.counts[i] >= before->request_times.counts[i]);
    }
    assert_true(ended == 0 || neuron_latency_quantile(after->run_times.counts, 500) > 0);
    assert_int_equal(after->module_count, CORES);
}

static void
check_end(const struct neuron_counter_sample *sample)
{
    uint64_t runs = 0;
    uint64_t requests = 0;

    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        runs += sample->run_times.counts[i];
        requests += sample->request_times.counts[i];
    }
    assert_int_equal(runs, CORES * RUNS);
    assert_int_equal(requests, CORES * RUNS);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(sample->cores[nc].ended[NEURON_OK], RUNS);
    }
}

static void
start(struct runner *runner, struct neuron_module *module, _Atomic uint32_t *under_way)
{
    *runner = (struct runner){.module = module, .under_way = under_way};
    assert_int_equal(pthread_create(&runner->thread, NULL, run_flat_out, runner), 0);
}

/* Takes looks until nothing runs any more, and one more; says which of the two is the last. */
static uint32_t
look_on(_Atomic uint32_t *under_way, struct neuron_counter_sample samples[2])
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};
    bool is_last = false;
    uint32_t turn = 0;

    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &samples[turn], &error), &error);
    while (!is_last) {
        is_last = atomic_load(under_way) == 0;
        turn = 1 - turn;
        assert_ok(neuron_counter_reader_read(readers.readers[0], &samples[turn], &error), &error);
        check_growth(&samples[1 - turn], &samples[turn]);
    }
    neuron_counter_readers_close(&readers);
    return turn;
}

static void
counts_only_grow_and_agree_at_the_end(void **state)
{
    struct placement_bench *bench = *state;
    _Atomic uint32_t under_way = CORES;
    struct neuron_counter_sample samples[2] = {{0}};
    struct neuron_module *modules[CORES] = {NULL};
    struct runner runners[CORES];

    placement_bench_start_cores(bench, "2");
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        const struct neuron_module_placement place = run_of((int32_t)nc, 1);

        modules[nc] = load_to(bench, &place);
    }
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        start(&runners[nc], modules[nc], &under_way);
    }
    uint32_t last = look_on(&under_way, samples);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(pthread_join(runners[nc].thread, NULL), 0);
        assert_int_equal(runners[nc].failed_count, 0);
        neuron_module_destroy(modules[nc]);
    }
    check_end(&samples[last]);
    neuron_counter_sample_clear(&samples[0]);
    neuron_counter_sample_clear(&samples[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_only_grow_and_agree_at_the_end,
                                        placement_bench_setup, placement_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
