/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "custom_failure.h"

static void
a_failure_with_a_text_is_passed_on(void **state)
{
    struct neuron_custom_failure failure = {.where = "here",
                                            .function = "run",
                                            .status = NEURON_NUMERICAL_ERROR,
                                            .error = {NEURON_OK, "row 3 is\nmad"}};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_NUMERICAL_ERROR, neuron_custom_failure_report(&failure, &error), &error);
    assert_int_equal(error.status, NEURON_NUMERICAL_ERROR);
    assert_string_equal(error.text, "here: row 3 is mad");
    assert_status(NEURON_NUMERICAL_ERROR, neuron_custom_failure_report(&failure, NULL), NULL);
}

static void
a_failure_without_a_text_gets_one(void **state)
{
    struct neuron_custom_failure failure = {
        .where = "here", .function = "run", .status = NEURON_OUT_OF_MEMORY};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_OUT_OF_MEMORY, neuron_custom_failure_report(&failure, &error), &error);
    assert_string_equal(error.text, "here: run() gave NEURON_OUT_OF_MEMORY, and no reason");
}

static void
a_number_that_is_no_failure_is_one_of_the_system(void **state)
{
    static const int numbers[] = {NEURON_OK, NEURON_DEVICE_MEMORY_FULL + 1, 4711, -1, INT32_MIN};
    struct neuron_custom_failure failure = {.where = "here", .function = "run"};
    struct neuron_error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        char text[80] = "";

        failure.status = (enum neuron_status)numbers[i];
        (void)snprintf(text, sizeof(text), "here: run() gave %d, which is no failure", numbers[i]);
        assert_status(NEURON_SYSTEM, neuron_custom_failure_report(&failure, &error), &error);
        assert_string_equal(error.text, text);
    }
    failure.error = (struct neuron_error){NEURON_OK, "but it says why"};
    assert_status(NEURON_SYSTEM, neuron_custom_failure_report(&failure, &error), &error);
    assert_string_equal(error.text,
                        "here: run() gave -2147483648, which is no failure: but it says why");
}

static void
a_status_that_is_not_the_programs_is_only_told(void **state)
{
    static const enum neuron_status foreign[] = {
        NEURON_INVALID_SYNTAX, NEURON_NO_SUCH_CORE,      NEURON_CORES_TAKEN, NEURON_DAMAGED_MODEL,
        NEURON_QUEUE_FULL,     NEURON_TIMED_OUT,         NEURON_CANCELLED,   NEURON_STOPPED,
        NEURON_PEER_LOST,      NEURON_DEVICE_MEMORY_FULL};
    struct neuron_custom_failure failure = {.where = "here", .function = "run"};
    struct neuron_error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i += 1) {
        char text[80] = "";

        failure.status = foreign[i];
        failure.error.text[0] = '\0';
        (void)snprintf(text, sizeof(text), "here: run() gave %s: no reason",
                       neuron_status_name(foreign[i]));
        assert_status(NEURON_SYSTEM, neuron_custom_failure_report(&failure, &error), &error);
        assert_string_equal(error.text, text);
    }
    failure.error = (struct neuron_error){NEURON_OK, "full"};
    assert_status(NEURON_SYSTEM, neuron_custom_failure_report(&failure, &error), &error);
    assert_string_equal(error.text, "here: run() gave NEURON_DEVICE_MEMORY_FULL: full");
}

static void
what_is_the_programs_own_is_passed_on(void **state)
{
    static const enum neuron_status own[] = {NEURON_INVALID_ARGUMENT, NEURON_OUT_OF_MEMORY,
                                             NEURON_UNSUPPORTED_MODEL, NEURON_SYSTEM,
                                             NEURON_NUMERICAL_ERROR};
    struct neuron_custom_failure failure = {.where = "here", .function = "run"};

    (void)state;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i += 1) {
        failure.status = own[i];
        assert_status(own[i], neuron_custom_failure_report(&failure, NULL), NULL);
    }
    /* When this fails, there is a status more, and custom_failure.c is to know it. */
    assert_string_equal(neuron_status_name((enum neuron_status)(NEURON_DEVICE_MEMORY_FULL + 1)),
                        "unknown status");
}

static void
a_text_without_an_end_is_cut(void **state)
{
    struct neuron_custom_failure failure = {
        .where = "here", .function = "run", .status = NEURON_SYSTEM};
    struct neuron_error error = {0};

    (void)state;
    memset(failure.error.text, 'n', sizeof(failure.error.text));
    assert_status(NEURON_SYSTEM, neuron_custom_failure_report(&failure, &error), &error);
    assert_int_equal(strlen(error.text), NEURON_ERROR_TEXT_BYTES - 1);
    assert_contains(error.text, "here: nnn");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_with_a_text_is_passed_on),
        cmocka_unit_test(a_failure_without_a_text_gets_one),
        cmocka_unit_test(a_number_that_is_no_failure_is_one_of_the_system),
        cmocka_unit_test(a_status_that_is_not_the_programs_is_only_told),
        cmocka_unit_test(what_is_the_programs_own_is_passed_on),
        cmocka_unit_test(a_text_without_an_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
