/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/lease_size.h"

static const struct neuron_lease_rules guided = {
    .rows = 1000000, .most_rows = 10000, .least_ns = 1000, .most_ns = 100000};

static uint64_t
size_of(uint64_t free_rows, double share, double rate, uint64_t round_rows)
{
    const struct neuron_lease_need need = {
        .free_rows = free_rows, .share = share, .rows_per_ns = rate, .round_rows = round_rows};

    return neuron_lease_size(&guided, &need);
}

static void
a_rank_that_was_not_measured_gets_one_round(void **state)
{
    (void)state;
    assert_int_equal(size_of(1000000, 0.5, 0.0, 48), 48);
    assert_int_equal(size_of(1000000, 0.5, 0.0, 20000), 10000);
}

static void
a_third_of_the_share_is_given(void **state)
{
    (void)state;
    assert_int_equal(size_of(3000, 0.5, 0.01, 1), 500);
    assert_int_equal(size_of(3000, 1.0, 0.01, 64), 960);
}

static void
leases_take_no_less_and_no_more_than_their_time(void **state)
{
    (void)state;
    assert_int_equal(size_of(30, 0.5, 0.1, 1), 100);
    assert_int_equal(size_of(30, 0.5, 0.1, 64), 128);
    assert_int_equal(size_of(1000000, 1.0, 0.01, 1), 1000);
    assert_int_equal(size_of(1000000, 1.0, 0.01, 300), 900);
}

static void
no_lease_is_above_the_limit(void **state)
{
    (void)state;
    assert_int_equal(size_of(UINT64_MAX, 1.0, 1e18, 1), 10000);
    assert_int_equal(size_of(UINT64_MAX, 1.0, 1e18, 300), 9900);
    assert_int_equal(size_of(0, 0.0, 10.0, 7000), 7000);
    assert_int_equal(size_of(0, 0.0, 1e-30, UINT64_MAX), 10000);
}

static void
a_static_lease_takes_the_most_time(void **state)
{
    struct neuron_lease_rules rules = guided;
    const struct neuron_lease_need need = {.free_rows = 5, .rows_per_ns = 0.01, .round_rows = 10};

    (void)state;
    rules.schedule = NEURON_SCHEDULE_STATIC;
    assert_int_equal(neuron_lease_size(&rules, &need), 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_that_was_not_measured_gets_one_round),
        cmocka_unit_test(a_third_of_the_share_is_given),
        cmocka_unit_test(leases_take_no_less_and_no_more_than_their_time),
        cmocka_unit_test(no_lease_is_above_the_limit),
        cmocka_unit_test(a_static_lease_takes_the_most_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
