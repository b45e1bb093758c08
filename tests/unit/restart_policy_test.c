/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>

#include "restart_policy.h"

static struct neuron_restart_question
ask_after_failure(void)
{
    return (struct neuron_restart_question){.cause = NEURON_STOP_RANK_FAILED, .restart_limit = 3};
}

static void
a_rank_that_failed_starts_the_job_again_as_often_as_allowed(void **state)
{
    struct neuron_restart_question question = ask_after_failure();

    (void)state;
    assert_true(neuron_restart_is_due(&question));
    question.restart_count = 2;
    assert_true(neuron_restart_is_due(&question));
    question.restart_count = 3;
    assert_false(neuron_restart_is_due(&question));
    question = ask_after_failure();
    question.restart_limit = 0;
    assert_false(neuron_restart_is_due(&question));
}

static void
what_is_no_failure_of_a_rank_starts_nothing_again(void **state)
{
    static const enum neuron_stop_cause causes[] = {
        NEURON_STOP_NONE, NEURON_STOP_SIGNAL, NEURON_STOP_TIMED_OUT, NEURON_STOP_OUTPUT_FAILED,
        NEURON_STOP_START_FAILED};

    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i += 1) {
        struct neuron_restart_question question = ask_after_failure();

        question.cause = causes[i];
        assert_false(neuron_restart_is_due(&question));
    }
}

static void
a_program_that_never_ran_is_not_tried_again(void **state)
{
    struct neuron_restart_question question = ask_after_failure();

    (void)state;
    question.step = NEURON_PROCESS_EXEC;
    assert_false(neuron_restart_is_due(&question));
}

static void
a_stop_that_is_wished_meanwhile_ends_the_job(void **state)
{
    struct neuron_restart_question question = ask_after_failure();

    (void)state;
    question.is_timed_out = true;
    assert_false(neuron_restart_is_due(&question));
    question = ask_after_failure();
    question.is_asked_to_stop = true;
    assert_false(neuron_restart_is_due(&question));
}

static void
the_delay_doubles_up_to_a_minute(void **state)
{
    (void)state;
    assert_int_equal(neuron_restart_delay_ms(0), 1000);
    assert_int_equal(neuron_restart_delay_ms(1), 2000);
    assert_int_equal(neuron_restart_delay_ms(5), 32000);
    assert_int_equal(neuron_restart_delay_ms(6), 60000);
    assert_int_equal(neuron_restart_delay_ms(UINT32_MAX), 60000);
}

static void
restarts_are_kept_in_order(void **state)
{
    struct neuron_restart_list list = {0};

    (void)state;
    for (uint32_t i = 0; i < 20; i += 1) {
        struct neuron_restart restart = {.rank = i};

        (void)snprintf(restart.cause, sizeof(restart.cause), "cause %u", i);
        assert_true(neuron_restart_list_add(&list, &restart));
    }
    assert_int_equal(list.count, 20);
    assert_int_equal(list.restarts[0].rank, 0);
    assert_string_equal(list.restarts[19].cause, "cause 19");
    neuron_restart_list_clear(&list);
    assert_int_equal(list.count, 0);
    assert_null(list.restarts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_that_failed_starts_the_job_again_as_often_as_allowed),
        cmocka_unit_test(what_is_no_failure_of_a_rank_starts_nothing_again),
        cmocka_unit_test(a_program_that_never_ran_is_not_tried_again),
        cmocka_unit_test(a_stop_that_is_wished_meanwhile_ends_the_job),
        cmocka_unit_test(the_delay_doubles_up_to_a_minute),
        cmocka_unit_test(restarts_are_kept_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
