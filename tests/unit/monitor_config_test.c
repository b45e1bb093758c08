/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_config.h"

#include <string.h>

#include "check.h"

static const uint64_t second = 1000000000;

static void
parse(const char *text, uint64_t period_ns, struct neuron_monitor_config *config)
{
    struct neuron_error error = {0};

    assert_ok(neuron_monitor_config_parse("m.conf", text, strlen(text), period_ns, config, &error),
              &error);
}

static void
all_is_told_of_all_where_nothing_is_said(void **state)
{
    struct neuron_monitor_config config = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_monitor_config_default(0, &config, &error), &error);
    assert_int_equal(config.period_ns, 5 * second);
    for (uint32_t i = 0; i < NEURON_RUNTIME_GROUPS; i += 1) {
        assert_int_equal(config.selections[0].period_ns[i], 5 * second);
    }
    for (uint32_t i = 0; i < NEURON_METRIC_GROUPS - NEURON_RUNTIME_GROUPS; i += 1) {
        assert_int_equal(config.system_period_ns[i], 5 * second);
    }
    assert_ptr_equal(neuron_monitor_config_select(&config, "any"), &config.selections[0]);
    neuron_monitor_config_clear(&config);
    assert_ok(neuron_monitor_config_default(2 * second, &config, &error), &error);
    assert_int_equal(config.selections[0].period_ns[0], 2 * second);
    neuron_monitor_config_clear(&config);
}

/* The example of the Neuron tool's guide, with periods at all places. */
static const char whole[] =
    "{\"period\": \"1s\", \"neuron_runtimes\": ["
    " {\"tag_filter\": \"^train-[0-9]+$\", \"period\": \"3s\", \"metrics\": ["
    "  {\"type\": \"neuroncore_counters\"}, {\"type\": \"memory_used\", \"period\": \"4s\"}]},"
    " {\"metrics\": [{\"type\": \"neuron_runtime_vcpu_usage\"}, {\"type\": \"execution_stats\"}]}],"
    " \"system_metrics\": [{\"type\": \"vcpu_usage\"},"
    "  {\"type\": \"neuron_hw_counters\", \"period\": \"2s\"}]}";

static void
the_innermost_period_counts(void **state)
{
    struct neuron_monitor_config config = {0};

    (void)state;
    parse(whole, 0, &config);
    assert_int_equal(config.selection_count, 2);
    const uint64_t *first = config.selections[0].period_ns;
    assert_int_equal(first[NEURON_GROUP_CORES], 3 * second);
    assert_int_equal(first[NEURON_GROUP_MEMORY], 4 * second);
    assert_int_equal(first[NEURON_GROUP_EXECUTION], 0);
    const uint64_t *other = config.selections[1].period_ns;
    assert_int_equal(other[NEURON_GROUP_EXECUTION], second);
    assert_int_equal(other[NEURON_GROUP_CORES], 0);
    assert_int_equal(config.system_period_ns[0], second);
    assert_int_equal(config.system_period_ns[1], 0);
    assert_int_equal(config.system_period_ns[2], 2 * second);
    neuron_monitor_config_clear(&config);
    parse(whole, 9 * second, &config); /* as --period says, where nothing closer does */
    assert_int_equal(config.selections[0].period_ns[NEURON_GROUP_CORES], 3 * second);
    assert_int_equal(config.selections[1].period_ns[NEURON_GROUP_EXECUTION], 9 * second);
    neuron_monitor_config_clear(&config);
}

static void
the_first_filter_that_fits_counts(void **state)
{
    struct neuron_monitor_config config = {0};

    (void)state;
    parse(whole, 0, &config);
    assert_ptr_equal(neuron_monitor_config_select(&config, "train-17"), &config.selections[0]);
    assert_ptr_equal(neuron_monitor_config_select(&config, "train-x"), &config.selections[1]);
    neuron_monitor_config_clear(&config);
    parse("{\"neuron_runtimes\": [{\"tag_filter\": \"b+\"}]}", 0, &config);
    assert_non_null(neuron_monitor_config_select(&config, "abba"));
    assert_null(neuron_monitor_config_select(&config, "aa"));
    neuron_monitor_config_clear(&config);
    parse("{\"neuron_runtimes\": [], \"system_metrics\": []}", 0, &config);
    assert_null(neuron_monitor_config_select(&config, "aa"));
    assert_int_equal(config.system_period_ns[0], 0);
    neuron_monitor_config_clear(&config);
}

struct bad_text {
    const char *text;
    const char *part; /* of the message */
};

static const struct bad_text bad_texts[] = {
    {"", "m.conf: is empty; {} asks for everything"},
    {" \n", "m.conf: is empty"},
    {"{\"period\": \"5s\\u0000\"}", ": \\u0000 may not stand in a text"},
    {"{\"peri\\u0000od\": \"5s\"}", ": \\u0000 may not stand in a text"},
    {"3", "m.conf: the whole is no object"},
    {"{\n \"period\" \"5s\"}", "m.conf:2:"},
    {"{\"period\": \"5s\", \"period\": \"6s\"}", "duplicate"},
    {"[]", "m.conf: the whole is no object"},
    {"{\"periods\": \"5s\"}",
     "m.conf: unknown member \"periods\"; known: period, neuron_runtimes, system_metrics"},
    {"{\"period\": 5}", "m.conf: period: not a time from 100ms to 24h, such as \"5s\""},
    {"{\"period\": \"1ms\"}", "m.conf: period: not a time"},
    {"{\"neuron_runtimes\": {}}", "m.conf: neuron_runtimes: not an array"},
    {"{\"neuron_runtimes\": [1]}", "m.conf: neuron_runtimes[0]: not an object"},
    {"{\"neuron_runtimes\": [{}, {\"tag_filter\": \"(\"}]}",
     "m.conf: neuron_runtimes[1].tag_filter: not a regular expression: "},
    {"{\"neuron_runtimes\": [{\"tag_filter\": 1}]}", "tag_filter: not a string"},
    {"{\"neuron_runtimes\": [{\"tag_filter\": \"((a{99}){99}){99}\"}]}",
     "tag_filter: too many repeats; write fewer of * + ?, and smaller bounds"},
    {"{\"neuron_runtimes\": [{\"address\": \"\"}]}",
     "neuron_runtimes[0]: unknown member \"address\"; known: tag_filter, period, metrics"},
    {"{\"neuron_runtimes\": [{\"metrics\": [{\"type\": \"vcpu_usage\"}]}]}",
     "m.conf: neuron_runtimes[0].metrics[0].type: unknown group of metrics \"vcpu_usage\"; known: "
     "neuroncore_counters, "},
    {"{\"neuron_runtimes\": [{\"metrics\": [{}]}]}", "metrics[0].type: missing"},
    {"{\"system_metrics\": [{\"type\": 3}]}", "system_metrics[0].type: not a string"},
    {"{\"system_metrics\": [{\"type\": \"memory_info\"}, {\"type\": \"memory_info\"}]}",
     "m.conf: system_metrics[1].type: listed twice"},
    {"{\"system_metrics\": [{\"type\": \"memory_info\", \"period\": null}]}",
     "system_metrics[0].period: not a time"},
    {"{\"a\\nb\": 1}", "unknown member \"a?b\""},
};

static void
what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i += 1) {
        struct neuron_monitor_config config = {0};
        struct neuron_error error = {0};
        const char *text = bad_texts[i].text;

        assert_status(NEURON_INVALID_SYNTAX,
                      neuron_monitor_config_parse("m.conf", text, strlen(text), 0, &config, &error),
                      &error);
        assert_contains(error.text, bad_texts[i].part);
        assert_null(strchr(error.text, '\n'));
        assert_null(config.selections);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_told_of_all_where_nothing_is_said),
        cmocka_unit_test(the_innermost_period_counts),
        cmocka_unit_test(the_first_filter_that_fits_counts),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
