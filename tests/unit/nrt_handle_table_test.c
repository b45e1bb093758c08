/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>

#include "nrt/handle_table.h"

enum { HANDLE_COUNT = 5000 };

static char places[HANDLE_COUNT];

static void
an_empty_table_knows_nothing(void **state)
{
    const struct libnrt_handle_table table = {.slots = NULL};

    (void)state;
    assert_int_equal(libnrt_handle_table_kind(&table, NULL), 0);
    assert_int_equal(libnrt_handle_table_kind(&table, &places[0]), 0);
    assert_null(libnrt_handle_table_any(&table, 1));
}

static void
what_was_added_is_known_until_it_is_removed(void **state)
{
    struct libnrt_handle_table table = {.slots = NULL};

    (void)state;
    for (int i = 0; i < HANDLE_COUNT; i += 1) {
        assert_true(libnrt_handle_table_add(&table, &places[i], 1 + i % 3));
    }
    for (int i = 0; i < HANDLE_COUNT; i += 2) {
        libnrt_handle_table_remove(&table, &places[i]);
    }
    for (int i = 0; i < HANDLE_COUNT; i += 1) {
        assert_int_equal(libnrt_handle_table_kind(&table, &places[i]), i % 2 == 0 ? 0 : 1 + i % 3);
    }
    assert_int_equal(libnrt_handle_table_kind(&table, NULL), 0);
    libnrt_handle_table_clear(&table);
}

/* Addresses that fall into few slots, so that removing has to move others. */
static void
removing_moves_what_stood_behind(void **state)
{
    struct libnrt_handle_table table = {.slots = NULL};

    (void)state;
    for (int round = 0; round < HANDLE_COUNT; round += 1) {
        assert_true(libnrt_handle_table_add(&table, &places[round], 7));
        if (round >= 20) {
            libnrt_handle_table_remove(&table, &places[round - 20]);
        }
        for (int i = round >= 20 ? round - 19 : 0; i <= round; i += 1) {
            assert_int_equal(libnrt_handle_table_kind(&table, &places[i]), 7);
        }
    }
    assert_int_equal(table.entry_count, 20);
    assert_true(table.slot_count <= 64);
    libnrt_handle_table_clear(&table);
}

static void
any_finds_each_of_a_kind(void **state)
{
    struct libnrt_handle_table table = {.slots = NULL};
    int count = 0;

    (void)state;
    for (int i = 0; i < 100; i += 1) {
        assert_true(libnrt_handle_table_add(&table, &places[i], i < 40 ? 1 : 2));
    }
    for (const void *handle = libnrt_handle_table_any(&table, 1); handle != NULL;
         handle = libnrt_handle_table_any(&table, 1)) {
        libnrt_handle_table_remove(&table, handle);
        count += 1;
    }
    assert_int_equal(count, 40);
    assert_int_equal(table.entry_count, 60);
    libnrt_handle_table_clear(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_knows_nothing),
        cmocka_unit_test(what_was_added_is_known_until_it_is_removed),
        cmocka_unit_test(removing_moves_what_stood_behind),
        cmocka_unit_test(any_finds_each_of_a_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
