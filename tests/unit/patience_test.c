/* SPDX-License-Identifier: Apache-2.0 */
#include "executor/patience.h"

#include "check.h"

enum { SOME = 100 };

/* What is learnt from waits that all take the same time, in nanoseconds. */
static uint32_t
learn_from(uint64_t waited_ns, uint32_t times, struct neuron_patience *patience)
{
    for (uint32_t i = 0; i < times; i += 1) {
        neuron_patience_learn(patience, waited_ns);
    }
    return neuron_patience_ns(patience);
}

static void
a_new_patience_polls_for_the_least_time(void **state)
{
    const struct neuron_patience patience = {0};

    (void)state;
    assert_int_equal(neuron_patience_ns(&patience), NEURON_PATIENCE_LEAST_NS);
}

static void
a_wait_that_polling_would_have_caught_lengthens_the_next_at_once(void **state)
{
    struct neuron_patience patience = {0};

    (void)state;
    assert_in_range(learn_from(100000, 1, &patience), 100000, NEURON_PATIENCE_MOST_NS);
}

static void
one_quick_wait_does_not_forget_a_slow_one(void **state)
{
    struct neuron_patience patience = {0};

    (void)state;
    (void)learn_from(100000, 1, &patience);
    assert_in_range(learn_from(1000, 1, &patience), 100000, NEURON_PATIENCE_MOST_NS);
}

static void
quick_waits_shorten_the_poll_in_the_end(void **state)
{
    struct neuron_patience patience = {0};

    (void)state;
    (void)learn_from(100000, 1, &patience);
    assert_in_range(learn_from(1000, SOME, &patience), NEURON_PATIENCE_LEAST_NS,
                    NEURON_PATIENCE_LEAST_NS + NEURON_PATIENCE_LEAST_NS / 4);
}

static void
waits_too_long_to_poll_for_are_given_up(void **state)
{
    struct neuron_patience patience = {0};

    (void)state;
    (void)learn_from(200000, 1, &patience);
    assert_in_range(learn_from(10000000, SOME, &patience), NEURON_PATIENCE_LEAST_NS,
                    NEURON_PATIENCE_LEAST_NS + NEURON_PATIENCE_LEAST_NS / 4);
}

static void
no_wait_makes_the_poll_leave_its_bounds(void **state)
{
    const uint64_t waits[] = {0, 1, NEURON_PATIENCE_MOST_NS, NEURON_PATIENCE_MOST_NS + 1,
                              UINT64_MAX};
    struct neuron_patience patience = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i += 1) {
        assert_in_range(learn_from(waits[i], SOME, &patience), NEURON_PATIENCE_LEAST_NS,
                        NEURON_PATIENCE_MOST_NS);
    }
}

static void
a_wait_stops_polling_when_its_time_is_over(void **state)
{
    const struct neuron_wait over = {.begin_ns = 0, .poll_end_ns = 0};
    const struct neuron_wait never = {.begin_ns = 0, .poll_end_ns = UINT64_MAX};

    (void)state;
    assert_false(neuron_wait_yield(&over));
    assert_true(neuron_wait_yield(&never));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_patience_polls_for_the_least_time),
        cmocka_unit_test(a_wait_that_polling_would_have_caught_lengthens_the_next_at_once),
        cmocka_unit_test(one_quick_wait_does_not_forget_a_slow_one),
        cmocka_unit_test(quick_waits_shorten_the_poll_in_the_end),
        cmocka_unit_test(waits_too_long_to_poll_for_are_given_up),
        cmocka_unit_test(no_wait_makes_the_poll_leave_its_bounds),
        cmocka_unit_test(a_wait_stops_polling_when_its_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
