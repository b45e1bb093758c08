/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "score/growing_list.h"

static void
a_list_keeps_its_items_and_moves_seldom(void **state)
{
    uint32_t *items = NULL;
    size_t limit = 0;
    uint32_t moves = 0;

    (void)state;
    for (uint32_t i = 0; i < 100000; i += 1) {
        size_t before = limit;

        items = neuron_list_reserve(items, i, 1, &limit, sizeof(*items));
        assert_non_null(items);
        assert_true(limit > i);
        moves += limit != before ? 1 : 0;
        items[i] = i;
    }
    for (uint32_t i = 0; i < 100000; i += 1) {
        assert_int_equal(items[i], i);
    }
    assert_true(moves < 20);
    free(items);
}

static void
a_list_without_items_has_room(void **state)
{
    size_t limit = 0;
    void *items = neuron_list_reserve(NULL, 0, 0, &limit, 8);

    (void)state;
    assert_non_null(items);
    free(items);
}

static void
a_list_beyond_all_memory_is_refused(void **state)
{
    size_t limit = 0;
    char *items = neuron_list_reserve(NULL, 0, 1, &limit, 1);
    size_t before = limit;

    (void)state;
    assert_null(neuron_list_reserve(items, SIZE_MAX, 1, &limit, 1));
    assert_null(neuron_list_reserve(items, 1, SIZE_MAX / 2, &limit, 1));
    assert_null(neuron_list_reserve(items, 1, SIZE_MAX / 8, &limit, SIZE_MAX / 8));
    assert_int_equal(limit, before);
    free(items);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_keeps_its_items_and_moves_seldom),
        cmocka_unit_test(a_list_without_items_has_room),
        cmocka_unit_test(a_list_beyond_all_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
