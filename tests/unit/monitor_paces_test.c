/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_paces.h"

#include <string.h>

#include "check.h"

enum { S = 1000000000 };

static struct neuron_monitor_look *
look_at(uint64_t time_ns)
{
    struct neuron_monitor_look *look = neuron_monitor_look_create();

    assert_non_null(look);
    look->sample.time_ns = time_ns;
    return look;
}

static void
begin(const char *text, uint64_t time_ns, struct neuron_monitor_paces *paces)
{
    struct neuron_monitor_config config = {0};
    struct neuron_error error = {0};
    struct neuron_monitor_look *look = look_at(time_ns);

    assert_ok(neuron_monitor_config_parse("c", text, strlen(text), 0, &config, &error), &error);
    assert_ok(neuron_monitor_paces_begin(&config, look, paces, &error), &error);
    neuron_monitor_look_destroy(look); /* the paces have it */
    neuron_monitor_config_clear(&config);
}

static void
periods_are_kept_in_step(void **state)
{
    struct neuron_monitor_paces paces = {0};

    (void)state;
    begin("{\"period\": \"2s\"}", 10ULL * S, &paces);
    assert_int_equal(paces.count, 1);
    assert_int_equal(neuron_monitor_paces_next(&paces), 12ULL * S);
    assert_false(neuron_monitor_pace_is_over(&paces.paces[0], 12ULL * S - 1));
    assert_true(neuron_monitor_pace_is_over(&paces.paces[0], 12ULL * S));
    struct neuron_monitor_look *late = look_at(12ULL * S + 3);
    neuron_monitor_paces_advance(&paces, 12ULL * S + 3, late);
    neuron_monitor_look_destroy(late);
    assert_int_equal(neuron_monitor_paces_next(&paces), 14ULL * S);
    assert_int_equal(paces.paces[0].before->sample.time_ns, 12ULL * S + 3);
    /* What comes too late is left out, not made up for. */
    struct neuron_monitor_look *later = look_at(21ULL * S);
    neuron_monitor_paces_advance(&paces, 21ULL * S, later);
    neuron_monitor_look_destroy(later);
    assert_int_equal(neuron_monitor_paces_next(&paces), 22ULL * S);
    neuron_monitor_paces_clear(&paces);
}

static void
each_period_counts_from_its_own_look(void **state)
{
    struct neuron_monitor_paces paces = {0};

    (void)state;
    begin("{\"period\": \"2s\", \"neuron_runtimes\": [],"
          " \"system_metrics\": [{\"type\": \"vcpu_usage\"}, {\"type\": \"memory_info\"},"
          " {\"type\": \"neuron_hw_counters\", \"period\": \"5s\"}]}",
          0, &paces);
    assert_int_equal(paces.count, 2);
    for (uint64_t time_ns = 2ULL * S; time_ns <= 4ULL * S; time_ns += 2ULL * S) {
        struct neuron_monitor_look *look = look_at(time_ns);

        assert_int_equal(neuron_monitor_paces_next(&paces), time_ns);
        neuron_monitor_paces_advance(&paces, time_ns, look);
        neuron_monitor_look_destroy(look);
    }
    assert_int_equal(neuron_monitor_paces_next(&paces), 5ULL * S);
    assert_int_equal(paces.paces[0].before->sample.time_ns, 4ULL * S);
    assert_int_equal(paces.paces[1].before->sample.time_ns, 0);
    neuron_monitor_paces_clear(&paces);
}

static void
without_groups_the_outermost_period_counts(void **state)
{
    struct neuron_monitor_paces paces = {0};

    (void)state;
    begin("{\"period\": \"7s\", \"neuron_runtimes\": [], \"system_metrics\": []}", 0, &paces);
    assert_int_equal(paces.count, 1);
    assert_int_equal(neuron_monitor_paces_next(&paces), 7ULL * S);
    neuron_monitor_paces_clear(&paces);
    neuron_monitor_look_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_kept_in_step),
        cmocka_unit_test(each_period_counts_from_its_own_look),
        cmocka_unit_test(without_groups_the_outermost_period_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
