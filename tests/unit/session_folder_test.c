/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "session_folder.h"
#include "test_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
folders_are_the_users_alone_and_go_as_a_whole(void **state)
{
    const struct test_folder *temporary = *state;
    struct neuron_session_folder folder = {0};
    struct neuron_error error = {0};
    struct stat status = {0};
    char path[TEST_PATH_BYTES] = "";

    assert_ok(neuron_session_folder_create(temporary->path, &folder, &error), &error);
    assert_int_equal(stat(folder.files, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    (void)snprintf(path, sizeof(path), "%s/job", folder.files);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/job/file", folder.files);
    test_file_put(path, "x", 1);
    neuron_session_folder_destroy(&folder);
    assert_int_equal(test_folder_file_count(temporary), 0);
    assert_string_equal(folder.files, "");
    neuron_session_folder_destroy(&folder);
}

static void
a_sweep_takes_only_what_nobody_holds(void **state)
{
    const struct test_folder *temporary = *state;
    struct neuron_session_folder held = {0};
    struct neuron_session_folder left = {0};
    struct neuron_error error = {0};
    char other[TEST_PATH_BYTES] = "";

    assert_ok(neuron_session_folder_create(temporary->path, &held, &error), &error);
    assert_ok(neuron_session_folder_create(temporary->path, &left, &error), &error);
    assert_int_equal(mkdir(test_folder_path(temporary, "neuronrun-other", other), 0700), 0);
    /* As the kernel does when a launcher is killed. */
    (void)close(left.files_lock);
    if (left.shared_lock >= 0) {
        (void)close(left.shared_lock);
    }
    neuron_session_folder_sweep(temporary->path);
    assert_int_equal(access(held.files, F_OK), 0);
    assert_int_equal(access(left.files, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
    assert_int_equal(left.shared[0] == '\0' ? -1 : access(left.shared, F_OK), -1);
    neuron_session_folder_destroy(&held);
}

static void
only_a_daemons_folder_is_removed_for_it(void **state)
{
    const struct test_folder *temporary = *state;
    char top[TEST_PATH_BYTES] = "";
    char files[TEST_PATH_BYTES + 8] = "";

    assert_int_equal(mkdir(test_folder_path(temporary, "other", top), 0700), 0);
    neuron_session_folder_remove_foreign(top);
    assert_int_equal(access(top, F_OK), 0);
    assert_int_equal(mkdir(test_folder_path(temporary, "ompi.h1.0", top), 0700), 0);
    (void)snprintf(files, sizeof(files), "%s/jf.1", top);
    neuron_session_folder_remove_foreign(files);
    assert_int_equal(access(top, F_OK), 0);
    assert_int_equal(mkdir(files, 0700), 0);
    neuron_session_folder_remove_foreign(files);
    assert_int_equal(access(top, F_OK), -1);
    neuron_session_folder_remove_foreign("none");
    neuron_session_folder_remove_foreign("");
}

static void
a_temporary_folder_that_is_none_is_refused(void **state)
{
    struct neuron_session_folder folder = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_SYSTEM, neuron_session_folder_create("/nowhere/x", &folder, &error),
                  &error);
    assert_contains(error.text, "TMPDIR");
    neuron_session_folder_destroy(&folder);
    neuron_session_folder_sweep("/nowhere/x");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders_are_the_users_alone_and_go_as_a_whole,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_sweep_takes_only_what_nobody_holds, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(only_a_daemons_folder_is_removed_for_it, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test(a_temporary_folder_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
