/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/record_file.h"
#include "test_folder.h"

static void
check_text(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), strlen(expected));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
}

static void
a_file_is_replaced_whole(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_error error = {0};

    (void)test_folder_path(*state, "report", path);
    assert_ok(neuron_record_file_check(path, &error), &error);
    assert_ok(neuron_record_file_write(path, "the first text", 14, &error), &error);
    check_text(path, "the first text");
    assert_ok(neuron_record_file_write(path, "second", 6, &error), &error);
    check_text(path, "second");
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
behind_a_link_the_file_is_replaced(void **state)
{
    char path[TEST_PATH_BYTES];
    char link[TEST_PATH_BYTES];
    struct stat status = {0};
    struct neuron_error error = {0};

    test_file_put(test_folder_path(*state, "file", path), "old", 3);
    assert_int_equal(symlink("file", test_folder_path(*state, "link", link)), 0);
    assert_ok(neuron_record_file_write(link, "new", 3, &error), &error);
    check_text(path, "new");
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void
a_path_that_cannot_be_written_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_error error = {0};
    const struct test_folder *folder = *state;

    (void)test_folder_path(folder, "none/report", path);
    assert_status(NEURON_SYSTEM, neuron_record_file_check(path, &error), &error);
    assert_contains(error.text, "none/report");
    assert_status(NEURON_SYSTEM, neuron_record_file_check(folder->path, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_record_file_write(path, "x", 1, &error), &error);
    assert_int_equal(test_folder_file_count(folder), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(behind_a_link_the_file_is_replaced, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_path_that_cannot_be_written_is_refused, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
