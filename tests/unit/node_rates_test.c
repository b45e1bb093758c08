/* SPDX-License-Identifier: Apache-2.0 */
/* What happened between two made-up looks at a machine. */
#include "node/node_rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "neuron/clock.h"

#include "invented_machine.h"

enum { RUNTIMES = 2, CORES = 4 };

static const uint64_t second = NEURON_NS_PER_S;

/* One process of up to two runtimes, as it was seen at two times. */
struct look {
    struct neuron_node_sample sample;
    struct neuron_node_process process;
    struct neuron_counter_sample runtimes[RUNTIMES];
    struct neuron_core_sample cores[RUNTIMES][CORES];
};

struct bench {
    struct neuron_topology *topology;
    struct neuron_core_set *held;
    struct look before;
    struct look after;
    struct neuron_node_rates rates;
};

/* A process that was started in the 50th second, with a runtime of two cores from the 60th on. */
static void
make_look(struct look *look, struct neuron_core_set *held, uint64_t time_ns)
{
    look->sample.time_ns = time_ns;
    look->sample.processes = &look->process;
    look->sample.process_count = 1;
    look->process.pid = 7;
    look->process.start_ticks = 50 * (uint64_t)sysconf(_SC_CLK_TCK);
    look->process.parent = neuron_no_process;
    look->process.cores = held;
    look->process.runtimes = look->runtimes;
    look->process.runtime_count = 1;
    for (uint32_t i = 0; i < RUNTIMES; i += 1) {
        look->runtimes[i].time_ns = time_ns;
        look->runtimes[i].begin_ns = 60 * second + i;
        look->runtimes[i].ns_per_stamp = 1;
        look->runtimes[i].cores = look->cores[i];
        look->runtimes[i].core_count = 2;
        look->cores[i][0].core = 2 * i;
        look->cores[i][1].core = 2 * i + 1;
    }
}

static int
setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->topology = create_topology("core:4 pu:1");
    bench->held = cores_of("0-3");
    make_look(&bench->before, bench->held, 100 * second);
    make_look(&bench->after, bench->held, 102 * second);
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    neuron_node_rates_clear(&bench->rates);
    neuron_core_set_destroy(bench->held);
    neuron_topology_destroy(bench->topology);
    free(bench);
    return 0;
}

static const struct neuron_process_rate *
find(struct bench *bench, const struct neuron_node_sample *before)
{
    struct neuron_error error = {0};

    assert_ok(neuron_node_rates_find(bench->topology, before, &bench->after.sample, &bench->rates,
                                     &error),
              &error);
    assert_int_equal(bench->rates.process_count, bench->after.sample.process_count);
    assert_int_equal(bench->rates.core_count, 4);
    return &bench->rates.processes[0];
}

static void
check_near(double found, double expected, double part)
{
    if (!(fabs(found - expected) <= part * expected)) {
        fail_msg("%g is not %g", found, expected);
    }
}

static void
what_grew_between_the_looks_counts(void **state)
{
    struct bench *bench = *state;

    bench->before.cores[0][0].ended[NEURON_OK] = 1000;
    bench->after.cores[0][0].ended[NEURON_OK] = 1100;
    bench->after.cores[0][1].ended[NEURON_TIMED_OUT] = 4;
    bench->after.cores[0][1].ended[NEURON_NUMERICAL_ERROR] = 6;
    bench->before.runtimes[0].refused[NEURON_QUEUE_FULL] = 1;
    bench->after.runtimes[0].refused[NEURON_QUEUE_FULL] = 3;
    bench->before.cores[0][1].busy_ns = 30 * second;
    bench->after.cores[0][1].busy_ns = 31 * second;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_int_equal(rate->run_count, 110);
    assert_int_equal(rate->failed_count, 4);
    assert_int_equal(rate->refused[NEURON_QUEUE_FULL], 2);
    check_near(rate->runs_per_s, 55, 1e-9);
    check_near(rate->busy_cores, 0.5, 1e-9);
    check_near(bench->rates.seconds, 2, 1e-9);
    check_near(bench->rates.cores[1].busy, 0.5, 1e-9);
    assert_true(bench->rates.cores[0].busy == 0);
    assert_int_equal(bench->rates.all.run_count, 110);
    check_near(bench->rates.all.runs_per_s, 55, 1e-9);
}

static void
counts_that_go_back_are_nothing_and_no_core_is_more_than_busy(void **state)
{
    struct bench *bench = *state;

    bench->before.cores[0][0].ended[NEURON_OK] = 1000;
    bench->after.cores[0][0].ended[NEURON_OK] = 10;
    bench->before.cores[0][0].busy_ns = 5 * second;
    bench->after.cores[0][0].busy_ns = 4 * second;
    bench->after.cores[0][1].busy_ns = UINT64_MAX;
    bench->before.runtimes[0].run_times.counts[3] = 9;
    bench->before.process.stats.user_ns = 9;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_int_equal(rate->run_count, 0);
    assert_true(rate->user_cpus == 0);
    assert_true(rate->run_s[NEURON_LATENCY_P50] == 0);
    assert_true(bench->rates.cores[0].busy == 0);
    assert_true(bench->rates.cores[1].busy == 1);
}

static void
cores_that_the_machine_lacks_are_passed_over(void **state)
{
    struct bench *bench = *state;

    bench->after.cores[0][0].core = UINT32_MAX;
    bench->after.cores[0][1].core = 4;
    bench->after.cores[0][0].busy_ns = second;
    (void)find(bench, &bench->before.sample);
    for (uint32_t core = 0; core < 4; core += 1) {
        assert_true(bench->rates.cores[core].busy == 0);
    }
}

static void
a_process_of_the_same_number_begins_anew(void **state)
{
    struct bench *bench = *state;
    const uint64_t ticks_per_s = (uint64_t)sysconf(_SC_CLK_TCK);

    bench->before.cores[0][0].ended[NEURON_OK] = 1000;
    bench->after.cores[0][0].ended[NEURON_OK] = 10;
    bench->after.process.start_ticks = 101 * ticks_per_s;
    bench->after.runtimes[0].begin_ns = 101 * second;
    bench->after.process.stats.user_ns = second;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_int_equal(rate->run_count, 10);
    check_near(rate->runs_per_s, 5, 1e-9); /* of the two seconds that are looked at */
    check_near(rate->user_cpus, 0.5, 1e-9);
}

static void
a_process_that_was_overlooked_counts_from_its_beginning(void **state)
{
    struct bench *bench = *state;

    bench->before.sample.process_count = 0;
    bench->after.cores[0][0].ended[NEURON_OK] = 420;
    bench->after.process.stats.user_ns = 26 * second;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    check_near(rate->runs_per_s, 10, 1e-9); /* from the 60th second to the 102nd */
    check_near(rate->user_cpus, 0.5, 1e-9); /* from the 50th */
}

static void
a_process_that_has_gone_does_not_count(void **state)
{
    struct bench *bench = *state;

    bench->before.cores[0][0].ended[NEURON_OK] = 1000;
    bench->after.sample.process_count = 0;
    (void)find(bench, &bench->before.sample);
    assert_int_equal(bench->rates.all.run_count, 0);
    for (uint32_t core = 0; core < 4; core += 1) {
        assert_int_equal(bench->rates.cores[core].process, neuron_no_process);
    }
}

static void
without_a_look_before_each_counts_from_its_own_beginning(void **state)
{
    struct bench *bench = *state;
    const struct neuron_node_sample none = {0};

    bench->after.process.runtime_count = 2;
    bench->after.runtimes[1].begin_ns = 101 * second;
    bench->after.cores[0][0].ended[NEURON_OK] = 4200; /* in 42 seconds */
    bench->after.cores[0][0].busy_ns = 21 * second;
    bench->after.cores[1][0].ended[NEURON_OK] = 7; /* in one */
    bench->after.cores[1][0].busy_ns = second / 4;
    bench->after.process.stats.system_ns = 13 * second; /* in 52 */
    const struct neuron_process_rate *rate = find(bench, &none);
    assert_int_equal(rate->run_count, 4207);
    check_near(rate->runs_per_s, 107, 1e-9);
    check_near(rate->busy_cores, 0.75, 1e-9);
    check_near(rate->system_cpus, 0.25, 1e-9);
    check_near(bench->rates.cores[0].busy, 0.5, 1e-9);
    check_near(bench->rates.cores[2].busy, 0.25, 1e-9);
    check_near(bench->rates.all.runs_per_s, 107, 1e-9);
}

static void
latencies_of_runtimes_with_other_stamps_are_told_in_one_time(void **state)
{
    struct bench *bench = *state;
    struct neuron_counter_sample *runtimes = bench->after.runtimes;

    bench->after.process.runtime_count = 2;
    bench->before.process.runtime_count = 2;
    runtimes[1].ns_per_stamp = 0.5;
    runtimes[0].run_times.counts[neuron_latency_bucket(1000000)] = 500; /* a millisecond */
    runtimes[1].run_times.counts[neuron_latency_bucket(8000000)] = 500; /* four of them */
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    check_near(rate->run_s[NEURON_LATENCY_P0], 1e-3, 0.07);
    check_near(rate->run_s[NEURON_LATENCY_P50], 1e-3, 0.07);
    check_near(rate->run_s[NEURON_LATENCY_P75], 4e-3, 0.07);
    check_near(rate->run_s[NEURON_LATENCY_P100], 4e-3, 0.07);
    check_near(bench->rates.all.run_s[NEURON_LATENCY_P100], 4e-3, 0.07);
    assert_true(rate->request_s[NEURON_LATENCY_P50] == 0);
}

static void
stamps_of_any_length_leave_no_bucket(void **state)
{
    struct bench *bench = *state;
    struct neuron_counter_sample *runtimes = bench->after.runtimes;

    bench->after.process.runtime_count = 2;
    runtimes[0].ns_per_stamp = 1e-300;
    runtimes[1].ns_per_stamp = 1e18;
    memset(&runtimes[1].run_times, 1, sizeof(runtimes[1].run_times));
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_true(rate->run_s[NEURON_LATENCY_P50] >= 0);
    runtimes[0].ns_per_stamp = 1e18;
    runtimes[1].ns_per_stamp = 1e-300;
    rate = find(bench, &bench->before.sample);
    assert_true(rate->run_s[NEURON_LATENCY_P50] >= 0);
}

static void
looks_at_one_moment_divide_by_no_zero(void **state)
{
    struct bench *bench = *state;

    bench->before.sample.time_ns = bench->after.sample.time_ns;
    bench->before.runtimes[0].time_ns = bench->after.runtimes[0].time_ns;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_true(rate->runs_per_s == 0);
    assert_true(isfinite(rate->busy_cores));
}

static void
the_innermost_holds_a_core_and_memory_is_that_of_the_later_look(void **state)
{
    struct bench *bench = *state;
    struct neuron_core_set *inner = cores_of("1,3");
    struct neuron_core_set *shared = cores_of("3");
    struct neuron_node_process processes[3] = {
        bench->after.process, {.pid = 8, .cores = inner}, {.pid = 9, .cores = shared}};

    bench->after.sample.processes = processes;
    bench->after.sample.process_count = 3;
    bench->after.runtimes[0].memory_count = 2;
    bench->before.runtimes[0].memory[0].bytes[NEURON_MEMORY_ARENA] = 1000;
    bench->after.runtimes[0].memory[0].bytes[NEURON_MEMORY_ARENA] = 30;
    bench->after.runtimes[0].memory[1].bytes[NEURON_MEMORY_ARENA] = 4;
    const struct neuron_process_rate *rate = find(bench, &bench->before.sample);
    assert_int_equal(rate->memory_bytes[NEURON_MEMORY_ARENA], 34);
    assert_int_equal(bench->rates.all.memory_bytes[NEURON_MEMORY_ARENA], 34);
    assert_int_equal(bench->rates.cores[0].process, 0);
    assert_int_equal(bench->rates.cores[1].process, 1);
    assert_int_equal(bench->rates.cores[3].process, 1); /* the first of those who share it */
    neuron_core_set_destroy(inner);
    neuron_core_set_destroy(shared);
}

/* A process that holds all cores, and one that works there unseen, or keeps them for others. */
static void
find_with(struct bench *bench, enum neuron_core_lease_kind kind, const char *trouble)
{
    struct neuron_node_process processes[2] = {bench->after.process, bench->after.process};
    struct neuron_core_set *none = NULL;
    struct neuron_node_sample before = bench->before.sample;

    assert_ok(neuron_core_set_create(0, 0, &none, NULL), NULL);
    processes[1].pid = 8;
    processes[1].parent = 0;
    processes[1].runtime_count = 0;
    processes[1].kind = kind;
    processes[1].cores = none;
    (void)snprintf(processes[1].trouble, sizeof(processes[1].trouble), "%s", trouble);
    bench->after.sample.processes = processes;
    bench->after.sample.process_count = 2;
    (void)find(bench, &before);
    bench->after.sample.processes = &bench->after.process;
    neuron_core_set_destroy(none);
}

static void
cores_on_which_somebody_works_unseen_are_not_known(void **state)
{
    struct bench *bench = *state;

    find_with(bench, NEURON_CORE_LEASE_BORROWED, "");
    assert_true(bench->rates.cores[3].is_known);
    assert_int_equal(bench->rates.unknown_count, 0);
    find_with(bench, NEURON_CORE_LEASE_BORROWED, "they are of version 9");
    assert_false(bench->rates.cores[0].is_known);
    assert_false(bench->rates.cores[3].is_known);
    assert_int_equal(bench->rates.unknown_count, 1);
    /* A launcher has no counters that one could miss. */
    find_with(bench, NEURON_CORE_LEASE_RESERVATION, "is of another user");
    assert_true(bench->rates.cores[3].is_known);
    assert_int_equal(bench->rates.unknown_count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cores_on_which_somebody_works_unseen_are_not_known, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_grew_between_the_looks_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(
            counts_that_go_back_are_nothing_and_no_core_is_more_than_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(cores_that_the_machine_lacks_are_passed_over, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_process_of_the_same_number_begins_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_process_that_was_overlooked_counts_from_its_beginning,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_process_that_has_gone_does_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_look_before_each_counts_from_its_own_beginning,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            latencies_of_runtimes_with_other_stamps_are_told_in_one_time, setup, teardown),
        cmocka_unit_test_setup_teardown(stamps_of_any_length_leave_no_bucket, setup, teardown),
        cmocka_unit_test_setup_teardown(looks_at_one_moment_divide_by_no_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_innermost_holds_a_core_and_memory_is_that_of_the_later_look, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
