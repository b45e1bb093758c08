/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/metrics_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "made_node.h"
#include "watched_node.h"

static struct watched_node node;
static char *page;

static int
begin(void **state)
{
    (void)state;
    watched_node_set_up(&node, "{}");
    return 0;
}

static int
end(void **state)
{
    (void)state;
    free(page);
    page = NULL;
    watched_node_tear_down(&node);
    return 0;
}

static const char *
make_page(double ns_per_stamp)
{
    const struct neuron_metrics metrics = {.topology = node.topology,
                                           .config = &node.config,
                                           .sample = &node.after,
                                           .ns_per_stamp = ns_per_stamp};
    struct neuron_error error = {0};
    size_t size_bytes = 0;

    free(page);
    page = NULL;
    assert_ok(neuron_metrics_page_make(&metrics, &page, &size_bytes, &error), &error);
    assert_int_equal(strlen(page), size_bytes);
    return page;
}

static void
counts_are_from_the_beginning(void **state)
{
    (void)state;
    make_page(0);
    assert_contains(page, "\nneuron_process_info{pid=\"11\",runtime_tag=\"first\",user=\"ana\","
                          "version=\"1.2.3\",error=\"\"} 1\n");
    assert_contains(page, "# TYPE neuron_core_busy_seconds_total counter\n"
                          "neuron_core_busy_seconds_total{pid=\"11\",runtime_tag=\"first\","
                          "neuroncore=\"1\",neuron_device=\"0\"} 1.000000000\n");
    assert_contains(page, "\nexecution_status_total{pid=\"11\",runtime_tag=\"first\",status_type="
                          "\"completed\"} 3\n");
    assert_contains(page, ",error_type=\"runtime\"} 1\n");
    assert_contains(page, "neuron_device_memory_used_bytes{pid=\"11\",runtime_tag=\"first\",use="
                          "\"weights\"} 1000\n");
    assert_contains(page, "neuron_loaded_models{pid=\"11\",runtime_tag=\"first\"} 1\n");
    assert_contains(page, "\nneuron_core_count 4\n");
    assert_contains(page,
                    "{pid=\"12\",runtime_tag=\"\",user=\"ana\",version=\"\",error=\"is of another "
                    "user\"} 1\n");
    assert_null(strstr(page, "pid=\"13\""));
    assert_contains(page, "\nneuron_unreadable_processes 1\n");
    /* Of one that cannot be read nothing is told that could be taken for idle. */
    assert_null(strstr(page, ",neuroncore=\"0\""));
    assert_string_equal(page + strlen(page) - 1, "\n");
}

static void
latencies_are_histograms(void **state)
{
    (void)state;
    make_page(0);
    assert_contains(page, "# TYPE neuron_run_seconds histogram\nneuron_run_seconds_bucket{pid="
                          "\"11\",runtime_tag=\"first\",le=\"1e-06\"} 0\n");
    assert_contains(page, "neuron_run_seconds_bucket{pid=\"11\",runtime_tag=\"first\",le="
                          "\"0.0005\"} 0\n");
    assert_contains(page, "neuron_run_seconds_bucket{pid=\"11\",runtime_tag=\"first\",le="
                          "\"0.0025\"} 3\n");
    assert_contains(page, "neuron_request_seconds_bucket{pid=\"11\",runtime_tag=\"first\",le="
                          "\"+Inf\"} 3\nneuron_request_seconds_sum{pid=\"11\",runtime_tag="
                          "\"first\"} 0.00");
    assert_contains(page, "neuron_request_seconds_count{pid=\"11\",runtime_tag=\"first\"} 3\n");
}

/* What a stamp is stays what it was at first, except where stamps are nanoseconds. */
static void
one_rate_serves_all_pages(void **state)
{
    (void)state;
    assert_true(neuron_metrics_find_rate(&node.after) == 0.0);
    node.after.processes[0].runtimes[0].ns_per_stamp = 0.5;
    assert_true(neuron_metrics_find_rate(&node.after) == 0.5);
    make_page(0.05);
    assert_contains(page, "neuron_run_seconds_bucket{pid=\"11\",runtime_tag=\"first\",le="
                          "\"0.0001\"} 3\n");
    assert_contains(page, ",neuroncore=\"1\",neuron_device=\"0\"} 0.050000000\n");
    node.after.processes[0].runtimes[0].ns_per_stamp = 1.0;
    make_page(0.05);
    assert_contains(page, "neuron_run_seconds_bucket{pid=\"11\",runtime_tag=\"first\",le="
                          "\"0.0005\"} 0\n");
}

static void
labels_of_others_do_no_harm(void **state)
{
    struct neuron_node_process *process = &node.after.processes[0];

    (void)state;
    (void)snprintf(process->tag, sizeof(process->tag), "%s", "a\"b\\\n\xFF} 1");
    make_page(0);
    assert_contains(page, "neuron_loaded_models{pid=\"11\",runtime_tag=\"a\\\"b\\\\ \xEF\xBF\xBD} "
                          "1\"} 1\n");
}

static void
a_series_stands_there_once(void **state)
{
    (void)state;
    /* A second runtime on the same cores, and two processes without a number. */
    struct neuron_counter_sample *runtime = made_runtime(&node.after.processes[0]);
    runtime->cores[0].busy_stamps = 500000000;
    (void)made_process(&node.after, 0, "3", "");
    (void)made_process(&node.after, 0, "3", "");
    make_page(0);
    const char *first = strstr(page, ",neuroncore=\"1\"");
    assert_non_null(first);
    assert_null(strstr(first + 1, ",neuroncore=\"1\""));
    assert_contains(first, ",neuroncore=\"1\",neuron_device=\"0\"} 1.500000000\n");
    assert_null(strstr(page, "pid=\"0\""));
    assert_contains(page, "\nneuron_unreadable_processes 3\n"); /* these, and one of another user */
}

static void
only_groups_that_are_asked_for_are_there(void **state)
{
    (void)state;
    watched_node_tear_down(&node);
    watched_node_set_up(&node, "{\"neuron_runtimes\": [{\"tag_filter\": \"f\", \"metrics\": "
                               "[{\"type\": \"neuron_runtime_vcpu_usage\"}]}]}");
    make_page(0);
    assert_contains(page, "neuron_process_cpu_seconds_total{pid=\"11\",runtime_tag=\"first\","
                          "usage_type=\"user\"} 0.000000000\n");
    assert_null(strstr(page, "execution_status_total{"));
    assert_null(strstr(page, "pid=\"12\""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_are_from_the_beginning, begin, end),
        cmocka_unit_test_setup_teardown(latencies_are_histograms, begin, end),
        cmocka_unit_test_setup_teardown(one_rate_serves_all_pages, begin, end),
        cmocka_unit_test_setup_teardown(labels_of_others_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(a_series_stands_there_once, begin, end),
        cmocka_unit_test_setup_teardown(only_groups_that_are_asked_for_are_there, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
