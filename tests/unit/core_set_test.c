/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/core_set.h"

#include <string.h>

#include "check.h"
#include "invented_machine.h"

static void
create_makes_consecutive_cores(void **state)
{
    struct neuron_core_set *set = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_core_set_create(3, 4, &set, &error), &error);
    assert_int_equal(neuron_core_set_count(set), 4);
    assert_false(neuron_core_set_contains(set, 2));
    assert_true(neuron_core_set_contains(set, 3));
    assert_true(neuron_core_set_contains(set, 6));
    assert_false(neuron_core_set_contains(set, 7));
    neuron_core_set_destroy(set);
}

static void
create_with_count_zero_makes_an_empty_set(void **state)
{
    struct neuron_core_set *set = NULL;

    (void)state;
    assert_ok(neuron_core_set_create(7, 0, &set, NULL), NULL);
    assert_int_equal(neuron_core_set_count(set), 0);
    assert_false(neuron_core_set_contains(set, 7));
    assert_cores(set, "");
    neuron_core_set_destroy(set);
}

static void
create_takes_every_number_below_the_limit(void **state)
{
    struct neuron_core_set *set = NULL;

    (void)state;
    assert_ok(neuron_core_set_create(0, NEURON_CORE_NUMBER_LIMIT, &set, NULL), NULL);
    assert_int_equal(neuron_core_set_count(set), NEURON_CORE_NUMBER_LIMIT);
    assert_cores(set, "0-65535");
    neuron_core_set_destroy(set);
}

static void
create_refuses_numbers_that_reach_the_limit(void **state)
{
    static const uint32_t refused[][2] = {
        {0, NEURON_CORE_NUMBER_LIMIT + 1},
        {NEURON_CORE_NUMBER_LIMIT - 1, 2},
        {NEURON_CORE_NUMBER_LIMIT, 1},
        {1, UINT32_MAX},
        {UINT32_MAX, 1},
        {UINT32_MAX, UINT32_MAX},
        {1U << 31, 1U << 31}, /* the sum wraps to 0 */
    };
    struct neuron_core_set *set = NULL;
    struct neuron_error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_core_set_create(refused[i][0], refused[i][1], &set, &error), &error);
        assert_null(set);
        assert_true(strlen(error.text) > 0);
    }
}

static void
add_inserts_in_order_and_only_once(void **state)
{
    struct neuron_core_set *set = cores_of("8");
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_core_set_add(set, 3, &error), &error);
    assert_ok(neuron_core_set_add(set, 65535, &error), &error);
    assert_ok(neuron_core_set_add(set, 3, &error), &error);
    assert_int_equal(neuron_core_set_count(set), 3);
    assert_cores(set, "3,8,65535");
    neuron_core_set_destroy(set);
}

static void
add_refuses_a_core_at_the_limit(void **state)
{
    struct neuron_core_set *set = cores_of("8");
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_core_set_add(set, NEURON_CORE_NUMBER_LIMIT, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_core_set_add(set, UINT32_MAX, &error), &error);
    assert_cores(set, "8");
    neuron_core_set_destroy(set);
}

static void
a_copy_stands_on_its_own(void **state)
{
    struct neuron_core_set *set = cores_of("1,4-5");
    struct neuron_core_set *copy = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_core_set_copy(set, &copy, &error), &error);
    assert_ok(neuron_core_set_add(set, 2, &error), &error);
    neuron_core_set_destroy(set);
    assert_cores(copy, "1,4-5");
    neuron_core_set_destroy(copy);
}

static void
contains_denies_numbers_that_no_set_can_have(void **state)
{
    struct neuron_core_set *set = NULL;

    (void)state;
    assert_ok(neuron_core_set_create(0, NEURON_CORE_NUMBER_LIMIT, &set, NULL), NULL);
    assert_false(neuron_core_set_contains(set, NEURON_CORE_NUMBER_LIMIT));
    assert_false(neuron_core_set_contains(set, NEURON_NO_CORE));
    assert_false(neuron_core_set_contains(set, UINT32_MAX));
    neuron_core_set_destroy(set);
}

static void
includes_is_true_for_a_part_only(void **state)
{
    struct neuron_core_set *many = cores_of("0-3,100");
    struct neuron_core_set *few = cores_of("1,100");
    struct neuron_core_set *other = cores_of("1,101");
    struct neuron_core_set *empty = NULL;

    (void)state;
    assert_ok(neuron_core_set_create(0, 0, &empty, NULL), NULL);
    assert_true(neuron_core_set_includes(many, many));
    assert_true(neuron_core_set_includes(many, few));
    assert_true(neuron_core_set_includes(many, empty));
    assert_true(neuron_core_set_includes(empty, empty));
    assert_false(neuron_core_set_includes(few, many));
    assert_false(neuron_core_set_includes(many, other));
    assert_false(neuron_core_set_includes(empty, few));
    neuron_core_set_destroy(empty);
    neuron_core_set_destroy(other);
    neuron_core_set_destroy(few);
    neuron_core_set_destroy(many);
}

static void
equals_compares_cores_and_not_history(void **state)
{
    struct neuron_core_set *both = cores_of("1-2");
    struct neuron_core_set *one = cores_of("2");
    struct neuron_error error = {0};

    (void)state;
    assert_true(neuron_core_set_equals(both, both));
    assert_false(neuron_core_set_equals(both, one));
    assert_false(neuron_core_set_equals(one, both));
    assert_ok(neuron_core_set_add(one, 1, &error), &error);
    assert_true(neuron_core_set_equals(both, one));
    neuron_core_set_destroy(one);
    neuron_core_set_destroy(both);
}

static void
at_names_cores_in_ascending_order(void **state)
{
    struct neuron_core_set *set = cores_of("4,6-7");

    (void)state;
    assert_int_equal(neuron_core_set_at(set, 0), 4);
    assert_int_equal(neuron_core_set_at(set, 1), 6);
    assert_int_equal(neuron_core_set_at(set, 2), 7);
    assert_int_equal(neuron_core_set_at(set, 3), NEURON_NO_CORE);
    assert_int_equal(neuron_core_set_at(set, UINT32_MAX), NEURON_NO_CORE);
    neuron_core_set_destroy(set);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_core_set_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_makes_consecutive_cores),
        cmocka_unit_test(create_with_count_zero_makes_an_empty_set),
        cmocka_unit_test(create_takes_every_number_below_the_limit),
        cmocka_unit_test(create_refuses_numbers_that_reach_the_limit),
        cmocka_unit_test(add_inserts_in_order_and_only_once),
        cmocka_unit_test(add_refuses_a_core_at_the_limit),
        cmocka_unit_test(a_copy_stands_on_its_own),
        cmocka_unit_test(contains_denies_numbers_that_no_set_can_have),
        cmocka_unit_test(includes_is_true_for_a_part_only),
        cmocka_unit_test(equals_compares_cores_and_not_history),
        cmocka_unit_test(at_names_cores_in_ascending_order),
        cmocka_unit_test(destroy_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
