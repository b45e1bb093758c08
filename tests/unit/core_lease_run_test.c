/* SPDX-License-Identifier: Apache-2.0 */
/* Claims by count: the first fitting run of free cores. */
#include "neuron/core_lease.h"

#include <string.h>

#include "check.h"
#include "invented_machine.h"
#include "lease_bench.h"

/* Lets another process hold `taken`, claims `count` cores, and expects to get `expected`. */
static void
check_run(const struct lease_bench *bench, const char *taken, uint32_t count, const char *expected)
{
    struct claim_order order = {.bench = bench, .cores = taken};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_ok(claim_run(bench, count, &lease, &error), &error);
    assert_cores(neuron_core_lease_cores(lease), expected);
    neuron_core_lease_release(lease);
    assert_int_equal(child_process_finish(&holder), 0);
}

/* Lets another process hold `taken`, and expects `count` cores to be refused with this text. */
static void
check_no_run(const struct lease_bench *bench, const char *taken, uint32_t count,
             const char *longest_free)
{
    struct claim_order order = {.bench = bench, .cores = taken};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim_run(bench, count, &lease, &error), &error);
    assert_null(lease);
    assert_contains(error.text, longest_free);
    assert_int_equal(child_process_finish(&holder), 0);
}

/* What is free is listed, and nothing of it is claimed by that. */
static void
the_cores_that_others_leave_are_listed(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "1,4-5"};
    struct neuron_core_set *within = cores_of("0-5");
    struct neuron_core_set *cores = NULL;
    struct child_process holder = {0};
    struct neuron_error error = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    for (int i = 0; i < 2; i += 1) {
        assert_ok(
            neuron_core_lease_list_free(bench->topology, within, &bench->options, &cores, &error),
            &error);
        assert_cores(cores, "0,2-3");
        neuron_core_set_destroy(cores);
    }
    assert_int_equal(child_process_finish(&holder), 0);
    neuron_core_set_destroy(within);
}

static void
a_list_of_cores_that_do_not_exist_is_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *within = cores_of("0-99");
    struct neuron_core_set *cores = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_lease_list_free(bench->topology, within, NULL, &cores, &error),
                  &error);
    assert_null(cores);
    neuron_core_set_destroy(within);
}

static void
a_run_starts_at_the_first_free_core(void **state)
{
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(claim_run(*state, 3, &lease, &error), &error);
    assert_cores(neuron_core_lease_cores(lease), "0-2");
    neuron_core_lease_release(lease);
}

static void
a_run_fits_behind_holes_that_are_too_small(void **state)
{
    check_run(*state, "1,4-7", 2, "2-3");
    check_run(*state, "0,2,4", 3, "5-7");
    check_run(*state, "1,3,5,7", 1, "0");
    check_run(*state, "0-2,5-7", 2, "3-4");
}

static void
a_run_takes_the_first_hole_that_fits_not_the_best(void **state)
{
    check_run(*state, "4", 2, "0-1");
    check_run(*state, "0,5", 2, "1-2");
}

static void
a_run_may_end_at_the_last_core(void **state)
{
    check_run(*state, "0-6", 1, "7");
    check_run(*state, "0", 7, "1-7");
}

static void
a_run_that_fits_nowhere_names_the_longest_free_one(void **state)
{
    check_no_run(*state, "1,4-7", 3, "2-3");
    check_no_run(*state, "0,3", 5, "4-7");
    check_no_run(*state, "0-2,7", 5, "3-6");
}

static void
a_run_is_refused_when_nothing_is_free(void **state)
{
    check_no_run(*state, "0-7", 1, "");
}

static void
runs_of_one_process_follow_each_other(void **state)
{
    struct neuron_core_lease *leases[4] = {0};
    struct neuron_core_lease *fifth = NULL;
    struct neuron_error error = {0};
    static const char *const expected[] = {"0-1", "2-3", "4-5", "6-7"};

    for (size_t i = 0; i < 4; i += 1) {
        assert_ok(claim_run(*state, 2, &leases[i], &error), &error);
        assert_cores(neuron_core_lease_cores(leases[i]), expected[i]);
    }
    assert_status(NEURON_CORES_TAKEN, claim_run(*state, 2, &fifth, &error), &error);
    for (size_t i = 0; i < 4; i += 1) {
        neuron_core_lease_release(leases[i]);
    }
}

static void
a_count_of_zero_claims_every_core(void **state)
{
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(claim_run(*state, 0, &lease, &error), &error);
    assert_cores(neuron_core_lease_cores(lease), "0-7");
    neuron_core_lease_release(lease);
}

static void
a_count_of_zero_is_refused_when_one_core_is_taken(void **state)
{
    check_no_run(*state, "3", 0, "4-7");
}

static void
more_cores_than_the_machine_has_are_refused(void **state)
{
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE, claim_run(*state, 9, &lease, &error), &error);
    assert_contains(error.text, "9");
    assert_status(NEURON_NO_SUCH_CORE, claim_run(*state, UINT32_MAX, &lease, &error), &error);
    assert_null(lease);
}

static void
a_run_stays_within_the_cores_given(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *within = cores_of("1,3-5,7");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_core_lease_claim_run(bench->topology, within, 2, &bench->options, &lease, &error),
        &error);
    assert_cores(neuron_core_lease_cores(lease), "3-4");
    neuron_core_lease_release(lease);
    neuron_core_set_destroy(within);
}

static void
a_count_of_zero_claims_all_of_the_cores_given(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *within = cores_of("2-5");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_core_lease_claim_run(bench->topology, within, 0, &bench->options, &lease, &error),
        &error);
    assert_cores(neuron_core_lease_cores(lease), "2-5");
    neuron_core_lease_release(lease);
    neuron_core_set_destroy(within);
}

static void
a_run_longer_than_any_within_the_cores_given_is_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *within = cores_of("0-1,3-4,6-7");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(
        NEURON_CORES_TAKEN,
        neuron_core_lease_claim_run(bench->topology, within, 3, &bench->options, &lease, &error),
        &error);
    if (strstr(error.text, "held") != NULL) {
        fail_msg("nobody holds a core, but: %s", error.text);
    }
    assert_null(lease);
    neuron_core_set_destroy(within);
    check_another_finds_free(bench, "0-7");
}

static void
cores_given_that_the_machine_lacks_are_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *within = cores_of("6-9");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(
        NEURON_NO_SUCH_CORE,
        neuron_core_lease_claim_run(bench->topology, within, 4, &bench->options, &lease, &error),
        &error);
    assert_null(lease);
    neuron_core_set_destroy(within);
}

enum { CONTENDERS = 8 };

static void
claim_one_core(const struct child_side *side, const void *argument)
{
    struct neuron_core_lease *lease = NULL;
    uint32_t core = NEURON_NO_CORE;

    if (child_side_wait(side) && claim_run(argument, 1, &lease, NULL) == NEURON_OK) {
        core = neuron_core_set_at(neuron_core_lease_cores(lease), 0);
    }
    child_side_report(side, &core, sizeof(core));
    (void)child_side_wait(side);
}

static void
processes_that_claim_at_once_get_different_cores(void **state)
{
    struct child_process contenders[CONTENDERS];
    struct neuron_core_lease *none = NULL;
    uint32_t seen = 0;

    for (size_t i = 0; i < CONTENDERS; i += 1) {
        child_process_start(&contenders[i], claim_one_core, *state);
    }
    for (size_t i = 0; i < CONTENDERS; i += 1) {
        child_process_order(&contenders[i]);
    }
    for (size_t i = 0; i < CONTENDERS; i += 1) {
        uint32_t core = NEURON_NO_CORE;

        child_process_read(&contenders[i], &core, sizeof(core));
        assert_in_range(core, 0, 7);
        seen |= 1U << core;
    }
    assert_int_equal(seen, 0xFF);
    assert_status(NEURON_CORES_TAKEN, claim_run(*state, 1, &none, NULL), NULL);
    for (size_t i = 0; i < CONTENDERS; i += 1) {
        assert_int_equal(child_process_finish(&contenders[i]), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_cores_that_others_leave_are_listed, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_list_of_cores_that_do_not_exist_is_refused,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_starts_at_the_first_free_core, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_fits_behind_holes_that_are_too_small,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_takes_the_first_hole_that_fits_not_the_best,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_may_end_at_the_last_core, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_that_fits_nowhere_names_the_longest_free_one,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_is_refused_when_nothing_is_free, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(runs_of_one_process_follow_each_other, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_count_of_zero_claims_every_core, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_count_of_zero_is_refused_when_one_core_is_taken,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(more_cores_than_the_machine_has_are_refused,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_stays_within_the_cores_given, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_count_of_zero_claims_all_of_the_cores_given,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_longer_than_any_within_the_cores_given_is_refused,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_given_that_the_machine_lacks_are_refused,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(processes_that_claim_at_once_get_different_cores,
                                        lease_bench_setup, lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
