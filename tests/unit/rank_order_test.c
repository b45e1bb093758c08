/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "rank_order.h"

/* Orders ranges of one core each that begin at `firsts`, and compares with `expected`. */
static void
check_order(const uint32_t *turns, const uint32_t *firsts, const uint32_t *expected, uint32_t count)
{
    struct neuron_placement_range ranges[8] = {{0}};
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < count; i += 1) {
        ranges[i] = (struct neuron_placement_range){.first = firsts[i], .count = 1 + firsts[i]};
    }
    assert_ok(neuron_rank_order_apply(turns, ranges, count, &error), &error);
    for (uint32_t i = 0; i < count; i += 1) {
        assert_int_equal(ranges[i].first, expected[i]);
        assert_int_equal(ranges[i].count, 1 + expected[i]);
    }
}

static void
objects_give_their_ranges_in_turn(void **state)
{
    const uint32_t turns[] = {0, 0, 1, 1};

    (void)state;
    check_order(turns, (const uint32_t[]){0, 1, 2, 3}, (const uint32_t[]){0, 2, 1, 3}, 4);
}

static void
an_object_without_more_is_passed_over(void **state)
{
    const uint32_t turns[] = {0, 1, 1, 1, 2, 2};

    (void)state;
    check_order(turns, (const uint32_t[]){0, 1, 2, 3, 4, 5}, (const uint32_t[]){0, 1, 4, 2, 5, 3},
                6);
}

static void
along_cores_the_order_of_cores_results(void **state)
{
    const uint32_t turns[] = {0, 2, 1, 3}; /* cores of caches that are interleaved */

    (void)state;
    check_order(turns, (const uint32_t[]){0, 1, 2, 3}, (const uint32_t[]){0, 2, 1, 3}, 4);
}

static void
ranges_of_one_object_keep_their_order(void **state)
{
    const uint32_t turns[] = {7, 7, 7, 7};

    (void)state;
    check_order(turns, (const uint32_t[]){2, 0, 3, 1}, (const uint32_t[]){2, 0, 3, 1}, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_give_their_ranges_in_turn),
        cmocka_unit_test(an_object_without_more_is_passed_over),
        cmocka_unit_test(along_cores_the_order_of_cores_results),
        cmocka_unit_test(ranges_of_one_object_keep_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
