/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>

#include "stop_order.h"

static void
a_failure_sends_term_and_after_the_grace_kill(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 1000};

    (void)state;
    assert_int_equal(neuron_stop_order_ask(&order, NEURON_STOP_RANK_FAILED, 5000), SIGTERM);
    assert_int_equal(neuron_stop_order_deadline(&order), 6000);
    assert_int_equal(neuron_stop_order_tick(&order, 5999), 0);
    assert_int_equal(neuron_stop_order_tick(&order, 6000), SIGKILL);
    assert_int_equal(neuron_stop_order_tick(&order, 9000), 0);
    assert_true(neuron_stop_order_deadline(&order) == UINT64_MAX);
}

static void
nothing_is_sent_before_somebody_asks(void **state)
{
    struct neuron_stop_order order = {0};

    (void)state;
    assert_int_equal(neuron_stop_order_tick(&order, UINT64_MAX), 0);
    assert_true(neuron_stop_order_deadline(&order) == UINT64_MAX);
}

static void
the_first_cause_counts(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 1000};

    (void)state;
    assert_int_equal(neuron_stop_order_ask(&order, NEURON_STOP_TIMED_OUT, 0), SIGTERM);
    assert_int_equal(neuron_stop_order_ask(&order, NEURON_STOP_RANK_FAILED, 10), 0);
    assert_int_equal(order.cause, NEURON_STOP_TIMED_OUT);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGINT, 500), SIGINT);
    assert_int_equal(order.cause, NEURON_STOP_TIMED_OUT);
    assert_int_equal(neuron_stop_order_deadline(&order), 1000);
}

static void
a_signal_is_passed_on_as_it_is(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 1000};

    (void)state;
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGHUP, 700), SIGHUP);
    assert_int_equal(order.cause, NEURON_STOP_SIGNAL);
    assert_int_equal(order.signal_number, SIGHUP);
    assert_int_equal(neuron_stop_order_tick(&order, 1700), SIGKILL);
}

static void
a_second_signal_kills(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 60000};

    (void)state;
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGINT, 0), SIGINT);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGTERM, 10), SIGKILL);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGTERM, 5000), 0);
    assert_int_equal(order.signal_number, SIGINT);
}

static void
a_copy_of_a_signal_changes_nothing(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 60000};

    (void)state;
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGINT, 1000), SIGINT);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGINT, 1199), 0);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGINT, 1200), SIGKILL);
}

static void
a_hurry_does_not_wait_for_the_grace(void **state)
{
    struct neuron_stop_order order = {.grace_ms = 60000};

    (void)state;
    (void)neuron_stop_order_ask(&order, NEURON_STOP_OUTPUT_FAILED, 0);
    assert_int_equal(neuron_stop_order_hurry(&order), SIGKILL);
    assert_int_equal(neuron_stop_order_hurry(&order), 0);
    assert_int_equal(neuron_stop_order_ask_by_signal(&order, SIGTERM, 100), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_sends_term_and_after_the_grace_kill),
        cmocka_unit_test(nothing_is_sent_before_somebody_asks),
        cmocka_unit_test(the_first_cause_counts),
        cmocka_unit_test(a_signal_is_passed_on_as_it_is),
        cmocka_unit_test(a_second_signal_kills),
        cmocka_unit_test(a_copy_of_a_signal_changes_nothing),
        cmocka_unit_test(a_hurry_does_not_wait_for_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
