/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output_files.h"
#include "test_folder.h"

static const struct neuron_output_style plain = {0};

static enum neuron_status
create(const struct test_folder *folder, const char *name, uint32_t rank_count,
       struct neuron_output_files **files, struct neuron_error *error)
{
    char path[TEST_PATH_BYTES] = "";

    return neuron_output_files_create(test_folder_path(folder, name, path), rank_count, &plain,
                                      NULL, files, error);
}

/* Fails unless a file of the folder has this size. */
static void
check_size(const struct test_folder *folder, const char *name, long size_bytes)
{
    char path[TEST_PATH_BYTES] = "";
    struct stat status = {0};

    assert_int_equal(stat(test_folder_path(folder, name, path), &status), 0);
    assert_int_equal(status.st_size, size_bytes);
}

static void
names_sort_by_rank(void **state)
{
    struct neuron_output_files *files = NULL;
    struct neuron_error error = {0};

    assert_ok(create(*state, "a", 11, &files, &error), &error);
    check_size(*state, "a/rank.00.out", 0);
    check_size(*state, "a/rank.10.err", 0);
    check_size(*state, "a/all.err", 0);
    assert_int_equal(test_folder_file_count(*state), 24);
    neuron_output_files_destroy(files);
    assert_ok(create(*state, "b", 10, &files, &error), &error);
    check_size(*state, "b/rank.9.err", 0);
    neuron_output_files_destroy(files);
    neuron_output_files_destroy(NULL);
}

static void
old_files_are_replaced_and_others_stay(void **state)
{
    struct neuron_output_files *files = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES] = "";

    test_file_put(test_folder_path(*state, "rank.0.out", path), "old text", 8);
    test_file_put(test_folder_path(*state, "notes", path), "mine", 4);
    assert_ok(create(*state, ".", 1, &files, &error), &error);
    neuron_output_files_put(files, 0, NEURON_OUTPUT_STDOUT, "new", 3);
    neuron_output_files_put(files, 0, NEURON_OUTPUT_STDOUT, "", 0);
    check_size(*state, "rank.0.out", 3);
    check_size(*state, "notes", 4);
    assert_ok(neuron_output_files_check(files, &error), &error);
    neuron_output_files_destroy(files);
}

static void
a_folder_that_cannot_be_made_is_refused(void **state)
{
    struct neuron_output_files *files = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES] = "";
    char long_name[5000] = "";

    test_file_put(test_folder_path(*state, "file", path), "", 0);
    assert_status(NEURON_SYSTEM, create(*state, "file", 1, &files, &error), &error);
    assert_status(NEURON_SYSTEM, create(*state, "file/below", 1, &files, &error), &error);
    assert_contains(error.text, "--output-filename: cannot make folder ");
    memset(long_name, 'x', sizeof(long_name) - 1);
    assert_status(NEURON_SYSTEM,
                  neuron_output_files_create(long_name, 1, &plain, NULL, &files, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_output_files_create("", 1, &plain, NULL, &files, &error),
                  &error);
    assert_null(files);
}

static void
what_is_no_regular_file_is_refused(void **state)
{
    struct neuron_output_files *files = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES] = "";

    assert_int_equal(mkdir(test_folder_path(*state, "a", path), 0700), 0);
    assert_int_equal(mkdir(test_folder_path(*state, "a/rank.1.err", path), 0700), 0);
    assert_status(NEURON_SYSTEM, create(*state, "a", 2, &files, &error), &error);
    assert_contains(error.text, "a/rank.1.err: Is a directory");
    assert_int_equal(mkdir(test_folder_path(*state, "b", path), 0700), 0);
    assert_int_equal(mkfifo(test_folder_path(*state, "b/all.out", path), 0600), 0);
    assert_status(NEURON_SYSTEM, create(*state, "b", 1, &files, &error), &error);
    assert_contains(error.text, "b/all.out: ");
}

/* The soft limit alone, which can be taken back. A write beyond it fails as one to a full disk. */
static void
limit_file_size(rlim_t size_bytes)
{
    struct rlimit limit = {0};

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size_bytes < limit.rlim_max ? size_bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_limit_on_files_is_told_of(void **state)
{
    enum { LIMIT_BYTES = 100 };
    struct neuron_output_files *files = NULL;
    struct neuron_error error = {0};
    char bytes[LIMIT_BYTES] = "";

    assert_ok(create(*state, "a", 2, &files, &error), &error);
    limit_file_size(LIMIT_BYTES);
    for (int i = 0; i < 3; i += 1) {
        neuron_output_files_put(files, 1, NEURON_OUTPUT_STDERR, bytes, 60);
        neuron_output_files_put(files, 0, NEURON_OUTPUT_STDOUT, bytes, 20);
    }
    limit_file_size(RLIM_INFINITY);
    assert_status(NEURON_SYSTEM, neuron_output_files_check(files, &error), &error);
    assert_contains(error.text, "a/rank.1.err: File too large");
    check_size(*state, "a/rank.1.err", LIMIT_BYTES);
    check_size(*state, "a/rank.0.out", 60);
    neuron_output_files_destroy(files);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_sort_by_rank, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(old_files_are_replaced_and_others_stay, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_limit_on_files_is_told_of, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
