/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <sys/stat.h>

#include "score/input_files.h"
#include "test_folder.h"

static void
put(const struct test_folder *folder, const char *name)
{
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(folder, name, path), "1\n", 2);
}

/* Finds the files of a name inside the folder, or of the folder itself for "". */
static enum neuron_status
find(const struct test_folder *folder, const char *name, struct neuron_input_files *files,
     struct neuron_error *error)
{
    char path[TEST_PATH_BYTES];

    return neuron_input_files_find(test_folder_path(folder, name, path), files, error);
}

static void
refuses(const struct test_folder *folder, const char *name, enum neuron_status status,
        const char *part)
{
    struct neuron_input_files files = {0};
    struct neuron_error error = {0};

    assert_status(status, find(folder, name, &files, &error), &error);
    assert_contains(error.text, part);
    assert_contains(error.text, folder->path);
    neuron_input_files_destroy(&files);
}

static void
a_folder_has_its_files_in_order(void **state)
{
    struct neuron_input_files files = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    put(*state, "b.csv");
    put(*state, "a.csv");
    put(*state, "B.csv");
    put(*state, ".hidden.csv");
    put(*state, "c.csv.part");
    put(*state, "README");
    assert_int_equal(mkdir(test_folder_path(*state, "d.csv", path), 0700), 0);
    assert_ok(find(*state, ".", &files, &error), &error);
    assert_int_equal(files.count, 3);
    assert_int_equal(files.kind, NEURON_INPUT_CSV);
    assert_contains(files.paths[0], "/B.csv");
    assert_contains(files.paths[2], "/b.csv");
    neuron_input_files_destroy(&files);
    assert_ok(find(*state, "[ab].c*", &files, &error), &error);
    assert_int_equal(files.count, 2);
    assert_contains(files.paths[0], "/a.csv");
    neuron_input_files_destroy(&files);
}

static void
kinds_are_not_mixed(void **state)
{
    put(*state, "a.csv");
    put(*state, "b.jsonl");
    put(*state, "c.txt");
    refuses(*state, ".", NEURON_INVALID_ARGUMENT, "different kinds of files, as a.csv and b.jsonl");
    refuses(*state, "*.[ct]*", NEURON_INVALID_ARGUMENT, "c.txt is of no known kind");
    refuses(*state, "c.txt", NEURON_INVALID_ARGUMENT, "files end in one of .npy, .npz");
}

static void
nothing_is_refused(void **state)
{
    refuses(*state, ".", NEURON_INVALID_ARGUMENT, "no file in this folder");
    refuses(*state, "*.csv", NEURON_INVALID_ARGUMENT, "no file matches");
    refuses(*state, "a.csv", NEURON_SYSTEM, "No such file");
    refuses(*state, "a.npz:", NEURON_INVALID_ARGUMENT, "a member's name is missing");
}

static void
members_and_odd_names_are_told_apart(void **state)
{
    struct neuron_input_files files = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    put(*state, "a.npz");
    put(*state, "[1].ndjson");
    assert_ok(find(*state, "a.npz:b/c", &files, &error), &error);
    assert_int_equal(files.kind, NEURON_INPUT_NPZ);
    assert_string_equal(files.member, "b/c");
    neuron_input_files_destroy(&files);
    assert_ok(find(*state, "[1].ndjson", &files, &error), &error);
    assert_int_equal(files.kind, NEURON_INPUT_JSONL);
    neuron_input_files_destroy(&files);
    test_file_put(test_folder_path(*state, "rows", path), "\x93NUMPY\x01", 7);
    assert_ok(find(*state, "rows", &files, &error), &error);
    assert_int_equal(files.kind, NEURON_INPUT_NPY);
    neuron_input_files_destroy(&files);
    assert_string_equal(neuron_input_kind_name(NEURON_INPUT_JSONL), "jsonl");
    assert_int_equal(neuron_input_kind_of(".csv"), NEURON_INPUT_UNKNOWN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_has_its_files_in_order, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(kinds_are_not_mixed, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(members_and_odd_names_are_told_apart, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
