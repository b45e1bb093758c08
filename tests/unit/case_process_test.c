/* SPDX-License-Identifier: Apache-2.0 */
/* However the process of a case ends, it is one result with a reason. */
#include "case_process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case_run.h"
#include "check.h"

/* The linker makes the name.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__wrap_case_run(const char *folder, const char *scratch, struct neuron_error *error);

/* Stands in for a case: does what the folder's name says. */
enum neuron_status
__wrap_case_run(const char *folder, const char *scratch, struct neuron_error *error)
{
    if (strcmp(folder, "fail") == 0) {
        return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR, "wrong in %s", scratch);
    }
    if (strcmp(folder, "kill") == 0) {
        (void)raise(SIGKILL);
    }
    if (strcmp(folder, "leave") == 0) {
        _exit(9);
    }
    return NEURON_OK;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static void
a_case_that_runs_passes(void **unused)
{
    struct neuron_error error = {0};

    (void)unused;
    assert_true(case_process_run("pass", "scratch", &error));
}

static void
a_case_that_fails_has_its_own_reason(void **unused)
{
    struct neuron_error error = {0};

    (void)unused;
    assert_false(case_process_run("fail", "scratch", &error));
    assert_string_equal(error.text, "wrong in scratch");
}

static void
a_case_that_is_killed_is_a_failure_with_the_signal(void **unused)
{
    struct neuron_error error = {0};

    (void)unused;
    assert_false(case_process_run("kill", "scratch", &error));
    assert_string_equal(error.text, "the process was ended by a signal: Killed");
}

static void
a_case_that_leaves_is_a_failure_with_its_exit_status(void **unused)
{
    struct neuron_error error = {0};

    (void)unused;
    assert_false(case_process_run("leave", "scratch", &error));
    assert_string_equal(error.text, "the process ended with 9");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_that_runs_passes),
        cmocka_unit_test(a_case_that_fails_has_its_own_reason),
        cmocka_unit_test(a_case_that_is_killed_is_a_failure_with_the_signal),
        cmocka_unit_test(a_case_that_leaves_is_a_failure_with_its_exit_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
