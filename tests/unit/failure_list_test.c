/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "random_numbers.h"
#include "score/failure_list.h"

static struct neuron_error error;

static void
add(struct neuron_failure_list *list, uint64_t row, enum neuron_bad_stage stage)
{
    const struct neuron_row_failure failure = {
        .row = row, .stage = stage, .attempts = (uint32_t)list->count};

    assert_ok(neuron_failure_list_add(list, &failure, &error), &error);
}

static void
rows_are_put_in_their_order(void **state)
{
    struct neuron_failure_list list = {.items = NULL};
    uint64_t random = 5;

    (void)state;
    for (int i = 0; i < 500; i += 1) {
        add(&list, random_below(&random, 300), NEURON_BAD_RUN);
    }
    neuron_failure_list_sort(&list);
    assert_in_range(list.count, 100, 300);
    for (size_t i = 1; i < list.count; i += 1) {
        assert_true(list.items[i - 1].row < list.items[i].row);
    }
    neuron_failure_list_destroy(&list);
}

static void
of_several_stages_the_earliest_stays(void **state)
{
    struct neuron_failure_list list = {.items = NULL};

    (void)state;
    add(&list, UINT64_MAX, NEURON_BAD_CRASH);
    add(&list, 7, NEURON_BAD_NAN);
    add(&list, 7, NEURON_BAD_READ);
    add(&list, 7, NEURON_BAD_RUN);
    add(&list, 0, NEURON_BAD_TIME);
    neuron_failure_list_sort(&list);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0].row, 0);
    assert_int_equal(list.items[1].row, 7);
    assert_int_equal(list.items[1].stage, NEURON_BAD_READ);
    assert_int_equal(list.items[1].attempts, 2);
    assert_true(list.items[2].row == UINT64_MAX);
    neuron_failure_list_sort(&list);
    assert_int_equal(list.count, 3);
    neuron_failure_list_destroy(&list);
}

static void
an_empty_list_may_be_sorted_and_destroyed(void **state)
{
    struct neuron_failure_list list = {.items = NULL};

    (void)state;
    neuron_failure_list_sort(&list);
    assert_int_equal(list.count, 0);
    neuron_failure_list_destroy(&list);
    add(&list, 1, NEURON_BAD_RUN);
    neuron_failure_list_destroy(&list);
    assert_null(list.items);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_put_in_their_order),
        cmocka_unit_test(of_several_stages_the_earliest_stays),
        cmocka_unit_test(an_empty_list_may_be_sorted_and_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
