/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_order.h"

#include "check.h"
#include "made_node.h"

enum { COUNT = 4 };

/* Processes 30, 10, 20, 40 with busy cores 1, 3, 1, 2. */
struct fixture {
    struct neuron_node_sample sample;
    struct neuron_process_rate processes[COUNT];
    struct neuron_node_rates rates;
    uint32_t positions[COUNT];
};

static void
set_up(struct fixture *fixture)
{
    static const int pids[COUNT] = {30, 10, 20, 40};
    static const double busy[COUNT] = {1, 3, 1, 2};

    *fixture = (struct fixture){.rates = {.process_count = COUNT}};
    fixture->rates.processes = fixture->processes;
    for (uint32_t i = 0; i < COUNT; i += 1) {
        (void)made_process(&fixture->sample, pids[i], "", "work");
        fixture->processes[i].busy_cores = busy[i];
        fixture->processes[i].memory_bytes[i] = (uint64_t)pids[i];
    }
}

static void
check_order(struct fixture *fixture, enum neuron_process_order order, bool is_reversed,
            const char *expected)
{
    neuron_process_order_find(&fixture->sample, &fixture->rates, order, is_reversed,
                              fixture->positions);
    for (uint32_t i = 0; i < COUNT; i += 1) {
        assert_int_equal(fixture->positions[i], expected[i] - '0');
    }
}

static void
the_largest_come_first_and_equals_stay(void **state)
{
    struct fixture fixture;

    (void)state;
    set_up(&fixture);
    check_order(&fixture, NEURON_ORDER_CORES, false, "0123");
    check_order(&fixture, NEURON_ORDER_BUSY, false, "1302");
    check_order(&fixture, NEURON_ORDER_BUSY, true, "2031");
    check_order(&fixture, NEURON_ORDER_MEMORY, false, "3021");
    check_order(&fixture, NEURON_ORDER_PID, false, "1203");
    check_order(&fixture, NEURON_ORDER_RUNS, false, "0123");
    neuron_node_sample_clear(&fixture.sample);
}

static void
keys_choose_orders(void **state)
{
    enum neuron_process_order order = NEURON_ORDER_PID;

    (void)state;
    assert_true(neuron_process_order_by_key('b', &order));
    assert_int_equal(order, NEURON_ORDER_BUSY);
    assert_string_equal(neuron_process_order_name(order), "busy");
    assert_false(neuron_process_order_by_key('x', &order));
    assert_int_equal(order, NEURON_ORDER_BUSY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_come_first_and_equals_stay),
        cmocka_unit_test(keys_choose_orders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
