/* SPDX-License-Identifier: Apache-2.0 */
#include "score/mask_file.h"

#include "check.h"

#include <string.h>
#include <sys/stat.h>

#include "neuron/npy.h"
#include "test_folder.h"

static void
rows_that_failed_are_true(void **state)
{
    static const struct neuron_row_failure failures[] = {
        {.row = 0}, {.row = 4095}, {.row = 4096}, {.row = 9999}};
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    uint32_t failed = 0;

    test_folder_path(*state, "mask.npy", path);
    assert_ok(neuron_mask_file_write(path, 10000, failures, 4, &error), &error);
    assert_ok(neuron_npy_array_load(path, &array, &error), &error);
    struct neuron_tensor_view view = neuron_npy_array_view(array);
    assert_int_equal(view.type, NEURON_BOOL);
    assert_int_equal(view.rank, 1);
    assert_int_equal(view.shape[0], 10000);
    const unsigned char *rows = view.data;
    for (uint32_t i = 0; i < 10000; i += 1) {
        bool is_failed = failed < 4 && failures[failed].row == i;

        assert_int_equal(rows[i], is_failed ? 1 : 0);
        failed += is_failed ? 1 : 0;
    }
    neuron_npy_array_destroy(array);
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
no_rows_and_no_failures_make_a_mask(void **state)
{
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "mask.npy", path);
    assert_ok(neuron_mask_file_write(path, 3, NULL, 0, &error), &error);
    assert_ok(neuron_mask_file_write(path, 0, NULL, 0, &error), &error);
    assert_ok(neuron_npy_array_load(path, &array, &error), &error);
    assert_int_equal(neuron_npy_array_view(array).shape[0], 0);
    neuron_npy_array_destroy(array);
}

static void
places_that_are_none_are_refused(void **state)
{
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    assert_status(NEURON_INVALID_ARGUMENT, neuron_mask_file_write("", 1, NULL, 0, &error), &error);
    assert_contains(error.text, "names no file");
    assert_status(NEURON_INVALID_ARGUMENT, neuron_mask_file_write("a/", 1, NULL, 0, &error),
                  &error);
    test_folder_path(*state, "none/mask.npy", path);
    assert_status(NEURON_SYSTEM, neuron_mask_file_write(path, 1, NULL, 0, &error), &error);
    assert_contains(error.text, "mask.npy cannot be written");
    test_folder_path(*state, "mask.npy", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_status(NEURON_SYSTEM, neuron_mask_file_write(path, 1, NULL, 0, &error), &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_that_failed_are_true, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(no_rows_and_no_failures_make_a_mask, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(places_that_are_none_are_refused, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
