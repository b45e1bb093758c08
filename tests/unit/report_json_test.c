/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/report_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "made_node.h"
#include "watched_node.h"

static struct watched_node node;
static struct neuron_json_text text;

static int
begin(void **state)
{
    (void)state;
    watched_node_set_up(&node, "{}");
    text = (struct neuron_json_text){0};
    return 0;
}

static int
end(void **state)
{
    (void)state;
    neuron_json_text_destroy(&text);
    watched_node_tear_down(&node);
    return 0;
}

static const char *
write_report(void)
{
    struct neuron_error error = {0};

    neuron_json_text_destroy(&text);
    assert_ok(neuron_monitor_report_write(&node.view, &text, &error), &error);
    assert_ptr_equal(strchr(text.bytes, '\n'), text.bytes + text.length - 1);
    return text.bytes;
}

static void
a_process_is_told_as_the_neuron_tool_does(void **state)
{
    (void)state;
    const char *report = write_report();
    assert_contains(report, "{\"timestamp\": 1700000000.000000, \"unreadable_process_count\": 1, "
                            "\"neuron_runtime_data\": [{\"pid\": "
                            "11, \"address\": \"\", \"neuron_runtime_tag\": \"first\", \"error\": "
                            "\"\", \"user\": \"ana\", \"command\": \"./worker --fast\"");
    assert_contains(report, "\"runtime_version\": \"1.2.3\", \"cores\": [1, 2], ");
    assert_contains(report, "\"execution_stats\": {\"period\": 2.000000, \"error_summary\": "
                            "{\"generic\": 1, \"numerical\": 0, \"transient\": 0, \"model\": 0, "
                            "\"runtime\": 1, \"hardware\": 0}");
    assert_contains(report, "\"execution_summary\": {\"completed\": 3, \"completed_with_err\": 0, "
                            "\"completed_with_num_err\": 0, \"timed_out\": 1, \"incorrect_input\": "
                            "1, \"failed_to_queue\": 0}");
    assert_contains(report, "\"latency_stats\": {\"total_latency\": {\"p0\": 0.00");
    assert_contains(report, "\"run_statuses\": {\"NEURON_OK\": 3, \"NEURON_TIMED_OUT\": 1}, "
                            "\"refused_statuses\": {\"NEURON_INVALID_ARGUMENT\": 1}, "
                            "\"runs_per_second\": 2.0000");
    assert_contains(report, "\"neuroncores_in_use\": {\"1\": {\"neuroncore_utilization\": 50.0000, "
                            "\"neuron_device_index\": 0}, \"2\": {\"neuroncore_utilization\": "
                            "0.0000, \"neuron_device_index\": 1}}, \"busy_cores\": 0.5000");
}

static void
memory_is_told_by_core_and_by_model(void **state)
{
    (void)state;
    const char *report = write_report();
    assert_contains(report, "\"neuron_runtime_used_bytes\": {\"host\": 1047576, \"neuron_device\": "
                            "1000, \"usage_breakdown\": {\"host\": {\"application_memory\": "
                            "1047576, ");
    assert_contains(report, "\"neuroncore_memory_usage\": {\"1\": {\"constants\": 1000, ");
    assert_contains(report, "\"2\": {\"constants\": 0, ");
    assert_contains(report,
                    "\"loaded_models\": [{\"name\": \"net\", \"uuid\": "
                    "\"ab010000000000000000000000000000\", \"model_id\": 5, \"is_running\": "
                    "false, \"replica_count\": 2, \"cores_per_replica\": 1, \"subgraphs\": "
                    "{\"sg_00\": {\"memory_used_bytes\": {\"host\": 0, \"neuron_device\": "
                    "1000, ");
    assert_contains(report, "\"neuroncore_index\": 2, \"neuron_device_index\": 1}}}]");
    assert_contains(report, "\"memory_owners\": [{\"name\": \"net\", \"neuron_device_index\": 0, "
                            "\"weights\": 1000, \"arenas\": 0, \"stages\": 0, \"buffers\": 0, "
                            "\"peak\": 1200}]");
}

static void
a_process_that_cannot_be_read_is_told_with_the_reason(void **state)
{
    (void)state;
    (void)made_process(&node.after, 0, "3", "");
    watched_node_refresh(&node);
    const char *report = write_report();
    assert_contains(report, "{\"pid\": 12, \"address\": \"\", \"neuron_runtime_tag\": null, "
                            "\"error\": \"is of another user\"");
    assert_contains(report, "\"cores\": [0], \"report\": {\"neuroncore_counters\": {");
    assert_contains(report, "\"neuroncores_in_use\": {\"0\": {\"neuroncore_utilization\": null, "
                            "\"neuron_device_index\": 0}}, \"busy_cores\": null, \"error\": "
                            "\"is of another user\"}}}");
    assert_contains(report, "\"start_time\": null, \"state\": null, \"runtime_version\": \"\", "
                            "\"cores\": [3], ");
    assert_contains(report, "\"unreadable_process_count\": 2, ");
    assert_contains(report,
                    "\"error\": \"in another container, where its counters cannot be seen\"");
    assert_null(strstr(report, "neuronrun")); /* it only keeps cores for others */
}

/* It only keeps cores for others, and has no counters that one could miss. */
static void
a_launcher_that_cannot_be_read_is_not_missed(void **state)
{
    (void)state;
    (void)made_process(&node.after, 14, "3", "rank");
    struct neuron_node_process *launcher = &node.after.processes[2];
    launcher->kind = NEURON_CORE_LEASE_RESERVATION;
    (void)snprintf(launcher->trouble, sizeof(launcher->trouble), "is of another user");
    node.after.processes[3].parent = 2;
    watched_node_refresh(&node);
    assert_null(strstr(write_report(), "{\"pid\": 13, "));
    assert_contains(write_report(), "\"unreadable_process_count\": 1, ");
}

static void
a_start_is_told_with_its_zone(void **state)
{
    (void)state;
    node.after.processes[0].stats.state = 'S';
    assert_contains(write_report(),
                    "\"start_time\": \"2026-11-20T23:10:05+00:00\", \"state\": \"S\", ");
}

static void
the_machine_is_told(void **state)
{
    (void)state;
    const char *report = write_report();
    assert_contains(report, "\"memory_info\": {\"period\": 2.000000, \"memory_total_bytes\": 4096, "
                            "\"memory_used_bytes\": 3072, \"swap_total_bytes\": 0");
    assert_contains(report, "\"average_usage\": {\"user\": 0.0000, ");
    assert_contains(report, "\"neuron_devices\": [{\"neuron_device_index\": 0, "
                            "\"mem_ecc_corrected\": 0, ");
    assert_contains(report, "\"instance_info\": {\"instance_name\": \"made\", ");
    assert_contains(report, "\"neuron_device_count\": 2, ");
    assert_contains(report, "\"neuroncore_per_device_count\": 2, ");
    assert_contains(report, "\"neuroncores\": [2, 3]}], \"error\": \"\"}}\n");
}

static void
texts_of_others_do_no_harm(void **state)
{
    struct neuron_node_process *process = &node.after.processes[0];

    (void)state;
    (void)snprintf(process->tag, sizeof(process->tag), "%s", "a \"b\" \\ c");
    (void)snprintf(process->command, sizeof(process->command), "%s", "x\n\xFF");
    assert_contains(write_report(), "\"neuron_runtime_tag\": \"a \\\"b\\\" \\\\ c\"");
    assert_contains(text.bytes, "\"command\": \"x\\n\xEF\xBF\xBD\"");
    /* Cores and devices that the machine lacks, as a page may say. */
    process->runtimes[0].cores[0].core = 77;
    process->runtimes[0].memory[0].device = UINT32_MAX;
    watched_node_refresh(&node);
    assert_contains(write_report(), "\"neuroncores_in_use\": {\"2\": ");
    assert_contains(text.bytes, "\"neuron_device_index\": null");
    assert_contains(text.bytes, "\"neuroncore_memory_usage\": {\"2\": {\"constants\": 500, ");
}

static void
only_what_is_asked_for_is_told(void **state)
{
    (void)state;
    watched_node_tear_down(&node);
    watched_node_set_up(&node, "{\"neuron_runtimes\": [{\"tag_filter\": \"^first$\", \"metrics\": "
                               "[{\"type\": \"memory_used\"}, {\"type\": \"execution_stats\", "
                               "\"period\": \"9s\"}]}], \"system_metrics\": []}");
    const char *report = write_report();
    assert_contains(report, "\"report\": {\"memory_used\": {\"period\": 2.000000");
    assert_null(strstr(report, "execution_stats")); /* it is not its time */
    assert_null(strstr(report, "neuroncore_counters"));
    assert_null(strstr(report, "\"pid\": 12"));
    assert_contains(report, "\"system_data\": {}, \"instance_info\": {");
}

static void
a_machine_that_nobody_uses_is_told(void **state)
{
    (void)state;
    neuron_node_sample_clear(&node.after);
    watched_node_refresh(&node);
    assert_contains(write_report(), "\"neuron_runtime_data\": [], \"system_data\": {");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_process_is_told_as_the_neuron_tool_does, begin, end),
        cmocka_unit_test_setup_teardown(memory_is_told_by_core_and_by_model, begin, end),
        cmocka_unit_test_setup_teardown(a_process_that_cannot_be_read_is_told_with_the_reason,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_launcher_that_cannot_be_read_is_not_missed, begin, end),
        cmocka_unit_test_setup_teardown(a_start_is_told_with_its_zone, begin, end),
        cmocka_unit_test_setup_teardown(the_machine_is_told, begin, end),
        cmocka_unit_test_setup_teardown(texts_of_others_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(only_what_is_asked_for_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_machine_that_nobody_uses_is_told, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
