/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "neuron/core_holders.h"
#include "test_folder.h"

static void
a_folder_that_is_not_there_holds_nothing(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_core_holders list = {0};
    struct neuron_error error = {0};

    (void)test_folder_path(*state, "none", path);
    assert_ok(neuron_core_holders_read(path, &list, &error), &error);
    assert_int_equal(list.count, 0);
    neuron_core_holders_clear(&list);
}

static void
files_that_nobody_locks_or_of_other_names_say_nothing(void **state)
{
    static const char *const names[] = {"core-0",  "core-",     "core-x", "core-1x",
                                        "core--1", "my-core-1", "claims", "core-99999999999"};
    const struct test_folder *folder = *state;
    char path[TEST_PATH_BYTES];
    struct neuron_core_holders list = {0};
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        test_file_put(test_folder_path(folder, names[i], path), "", 0);
    }
    assert_ok(neuron_core_holders_read(folder->path, &list, &error), &error);
    assert_int_equal(list.count, 0);
}

static void
a_file_in_place_of_the_folder_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_core_holders list = {0};
    struct neuron_error error = {0};

    test_file_put(test_folder_path(*state, "file", path), "", 0);
    assert_status(NEURON_SYSTEM, neuron_core_holders_read(path, &list, &error), &error);
    assert_contains(error.text, path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_holds_nothing, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(files_that_nobody_locks_or_of_other_names_say_nothing,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_in_place_of_the_folder_is_refused, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
