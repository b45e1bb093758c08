/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "exec_trouble.h"
#include "program_path.h"

static void
check_found(const char *name, const char *search, const char *expected)
{
    struct neuron_error error = {0};
    char *path = NULL;

    assert_int_equal(neuron_program_path_find(name, search, &path, &error), 0);
    assert_string_equal(path, expected);
    free(path);
}

static void
check_refused(const char *name, const char *search, int code)
{
    struct neuron_error error = {0};
    char *path = NULL;

    assert_int_equal(neuron_program_path_find(name, search, &path, &error), code);
    assert_contains(error.text, name);
    assert_null(path);
}

static void
a_name_is_looked_up_in_order(void **state)
{
    (void)state;
    check_found("sh", "/nonexistent:/bin:/usr/bin", "/bin/sh");
    check_found("sh", "/usr/bin:/bin", "/usr/bin/sh");
    check_found("sh", ":/bin", "/bin/sh");
}

static void
a_name_with_a_slash_means_itself(void **state)
{
    (void)state;
    check_found("./sh", "/bin", "./sh");
    check_found("/nonexistent/sh", "/bin", "/nonexistent/sh");
}

static void
a_file_that_may_not_be_executed_is_named(void **state)
{
    (void)state;
    check_refused("passwd", "/etc:/nonexistent", NEURON_EXIT_NOT_EXECUTABLE);
}

static void
what_is_nowhere_is_not_found(void **state)
{
    (void)state;
    check_refused("no-such-program", "/bin:/usr/bin", NEURON_EXIT_NOT_FOUND);
    check_refused("no-such-program", NULL, NEURON_EXIT_NOT_FOUND);
    check_refused("bin", "/usr", NEURON_EXIT_NOT_FOUND); /* a directory is no program */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_looked_up_in_order),
        cmocka_unit_test(a_name_with_a_slash_means_itself),
        cmocka_unit_test(a_file_that_may_not_be_executed_is_named),
        cmocka_unit_test(what_is_nowhere_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
