/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program of isolated replicas is looked for. */
#include "executor_path.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "environment_variable.h"

static void
a_given_path_comes_first(void **state)
{
    struct neuron_error error = {0};
    char path[PATH_MAX] = "";

    (void)state;
    set_variable("NEURON_EXECUTOR_PATH", "/bin/true");
    assert_ok(neuron_executor_path_find("/bin/sh", path, &error), &error);
    assert_string_equal(path, "/bin/sh");
    assert_ok(neuron_executor_path_find(NULL, path, &error), &error);
    assert_string_equal(path, "/bin/true");
}

static void
a_named_path_that_is_no_program_is_refused(void **state)
{
    struct neuron_error error = {0};
    char path[PATH_MAX] = "unchanged";

    (void)state;
    set_variable("NEURON_EXECUTOR_PATH", "/etc/passwd");
    assert_status(NEURON_SYSTEM, neuron_executor_path_find(NULL, path, &error), &error);
    assert_contains(error.text, "NEURON_EXECUTOR_PATH names no program");
    assert_contains(error.text, "/etc/passwd: Permission denied");
    assert_status(NEURON_SYSTEM, neuron_executor_path_find("/", path, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_executor_path_find("/nowhere", path, &error), &error);
    assert_contains(error.text, "the caller names no program");
    assert_string_equal(path, "unchanged");
}

static void
a_path_that_is_nowhere_is_said(void **state)
{
    struct neuron_error error = {0};
    char path[PATH_MAX] = "";

    (void)state;
    set_variable("NEURON_EXECUTOR_PATH", NULL);
    if (neuron_executor_path_find(NULL, path, &error) == NEURON_OK) {
        skip(); /* it is installed on this machine */
    }
    assert_contains(error.text, "name it by NEURON_EXECUTOR_PATH");
}

static void
a_program_beside_this_one_is_found(void **state)
{
    struct neuron_error error = {0};
    char self[PATH_MAX] = "";
    char path[PATH_MAX] = "";

    (void)state;
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 32) > 0);
    (void)snprintf(strrchr(self, '/') + 1, 32, "neuron-executor");
    int file = open(self, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    set_variable("NEURON_EXECUTOR_PATH", NULL);
    enum neuron_status status = neuron_executor_path_find(NULL, path, &error);
    assert_int_equal(unlink(self), 0);
    assert_ok(status, &error);
    assert_string_equal(strrchr(path, '/'), "/neuron-executor");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_given_path_comes_first),
        cmocka_unit_test(a_named_path_that_is_no_program_is_refused),
        cmocka_unit_test(a_path_that_is_nowhere_is_said),
        cmocka_unit_test(a_program_beside_this_one_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
