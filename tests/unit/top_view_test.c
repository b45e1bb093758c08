/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_view.h"

#include "check.h"
#include "made_node.h"

/* Three processes with tabs, and one in another container, without. */
static struct neuron_node_sample
make_sample(void)
{
    struct neuron_node_sample sample = {0};

    (void)made_process(&sample, 10, "0", "a");
    (void)made_process(&sample, 0, "1", "");
    (void)made_process(&sample, 20, "2", "b");
    (void)made_process(&sample, 30, "3", "c");
    return sample;
}

static void
tabs_go_round(void **state)
{
    struct neuron_node_sample sample = make_sample();
    struct neuron_top_view view = {.delay_ms = 1000};

    (void)state;
    neuron_top_view_press(&view, NEURON_KEY_RIGHT, &sample);
    assert_int_equal(view.process.pid, 10);
    neuron_top_view_press(&view, NEURON_KEY_TAB, &sample);
    assert_int_equal(view.process.pid, 20);
    assert_int_equal(neuron_top_view_find(&view, &sample), 2);
    neuron_top_view_press(&view, NEURON_KEY_RIGHT, &sample);
    neuron_top_view_press(&view, NEURON_KEY_RIGHT, &sample);
    assert_int_equal(view.process.pid, 0);
    neuron_top_view_press(&view, NEURON_KEY_LEFT, &sample);
    assert_int_equal(view.process.pid, 30);
    neuron_node_sample_clear(&sample);
}

static void
digits_open_tabs(void **state)
{
    struct neuron_node_sample sample = make_sample();
    struct neuron_top_view view = {.delay_ms = 1000};

    (void)state;
    neuron_top_view_press(&view, '2', &sample);
    assert_int_equal(view.process.pid, 20);
    neuron_top_view_press(&view, '9', &sample);
    assert_int_equal(view.process.pid, 20);
    neuron_top_view_press(&view, '0', &sample);
    assert_int_equal(view.process.pid, 0);
    neuron_node_sample_clear(&sample);
}

static void
the_tab_of_a_process_that_ended_closes(void **state)
{
    struct neuron_node_sample sample = make_sample();
    struct neuron_top_view view = {.delay_ms = 1000};

    (void)state;
    neuron_top_view_press(&view, '2', &sample);
    neuron_top_view_update(&view, &sample);
    assert_int_equal(view.process.pid, 20);
    sample.processes[2].start_ticks += 1; /* another one of that number */
    neuron_top_view_update(&view, &sample);
    assert_int_equal(view.process.pid, 0);
    assert_string_equal(view.note, "process 20 has ended");
    neuron_top_view_press(&view, ' ', &sample);
    assert_string_equal(view.note, "");
    assert_true(view.wants_look);
    neuron_node_sample_clear(&sample);
}

static void
the_delay_stays_within_its_limits(void **state)
{
    struct neuron_node_sample sample = {0};
    struct neuron_top_view view = {.delay_ms = 1500};

    (void)state;
    neuron_top_view_press(&view, '+', &sample);
    assert_int_equal(view.delay_ms, 2000);
    neuron_top_view_press(&view, '-', &sample);
    assert_int_equal(view.delay_ms, 1000);
    for (uint32_t i = 0; i < 30; i += 1) {
        neuron_top_view_press(&view, '-', &sample);
    }
    assert_int_equal(view.delay_ms, NEURON_DELAY_MS_MIN);
    for (uint32_t i = 0; i < 30; i += 1) {
        neuron_top_view_press(&view, '+', &sample);
    }
    assert_int_equal(view.delay_ms, NEURON_DELAY_MS_MAX);
}

static void
an_order_is_turned_round_by_its_key(void **state)
{
    struct neuron_node_sample sample = {0};
    struct neuron_top_view view = {.delay_ms = 1000};

    (void)state;
    neuron_top_view_press(&view, 'm', &sample);
    assert_int_equal(view.order, NEURON_ORDER_MEMORY);
    assert_false(view.is_reversed);
    neuron_top_view_press(&view, 'm', &sample);
    assert_true(view.is_reversed);
    neuron_top_view_press(&view, 's', &sample);
    assert_int_equal(view.order, NEURON_ORDER_CPU);
    assert_false(view.is_reversed);
    neuron_top_view_press(&view, 0x10FFFF, &sample);
    assert_int_equal(view.order, NEURON_ORDER_CPU);
}

static void
keys_pause_help_and_quit(void **state)
{
    struct neuron_node_sample sample = {0};
    struct neuron_top_view view = {.delay_ms = 1000};

    (void)state;
    neuron_top_view_press(&view, 'p', &sample);
    assert_true(view.is_paused);
    neuron_top_view_press(&view, 'p', &sample);
    assert_false(view.is_paused);
    neuron_top_view_press(&view, '?', &sample);
    assert_true(view.shows_help);
    neuron_top_view_press(&view, 'h', &sample);
    assert_false(view.shows_help);
    neuron_top_view_press(&view, NEURON_KEY_DOWN, &sample);
    neuron_top_view_press(&view, NEURON_KEY_PAGE_UP, &sample);
    assert_int_equal(view.scroll, 0);
    neuron_top_view_press(&view, 'q', &sample);
    assert_true(view.is_over);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabs_go_round),
        cmocka_unit_test(digits_open_tabs),
        cmocka_unit_test(the_tab_of_a_process_that_ended_closes),
        cmocka_unit_test(the_delay_stays_within_its_limits),
        cmocka_unit_test(an_order_is_turned_round_by_its_key),
        cmocka_unit_test(keys_pause_help_and_quit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
