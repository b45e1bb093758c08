/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_json.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"
#include "made_node.h"

/* A look at a machine of four cores, and its JSON. */
struct look {
    struct neuron_topology *topology;
    struct neuron_node_sample before;
    struct neuron_node_sample sample;
    struct neuron_node_rates rates;
    struct neuron_json_text text;
};

static void
set_up(struct look *look)
{
    *look = (struct look){.topology = create_topology("numa:1 core:4 pu:1")};
}

static const char *
write_json(struct look *look)
{
    struct neuron_error error = {0};
    const struct neuron_picture_source source = {"node \"17\"", &look->sample, &look->rates};

    assert_ok(
        neuron_node_rates_find(look->topology, &look->before, &look->sample, &look->rates, &error),
        &error);
    assert_ok(neuron_top_json_add(&look->text, look->topology, &source, &error), &error);
    assert_ok(neuron_json_text_finish(&look->text, &error), &error);
    return look->text.bytes;
}

static void
tear_down(struct look *look)
{
    neuron_json_text_destroy(&look->text);
    neuron_node_rates_clear(&look->rates);
    neuron_node_sample_clear(&look->sample);
    neuron_topology_destroy(look->topology);
}

static void
a_machine_that_nobody_uses_has_its_cores(void **state)
{
    struct look look;

    (void)state;
    set_up(&look);
    const char *text = write_json(&look);
    assert_contains(text, "\"name\": \"node \\\"17\\\"\"");
    assert_contains(text, "\"is_invented\": true");
    assert_contains(text, "{\"core\": 3, \"device\": 0, \"cpu\": null, \"neuroncore_utilization\": "
                          "0.00, \"pid\": null}");
    assert_contains(text, "\"processes\": []");
    assert_contains(text, "\"totals\": {");
    tear_down(&look);
}

/* A process with a model on cores 1 and 2, that worked half of the last second. */
static void
add_worker(struct look *look)
{
    struct neuron_node_process *process = made_process(&look->sample, 4242, "1-2", "serve \"x\"\n");
    struct neuron_counter_sample *runtime = made_runtime(process);

    runtime->module_count = 1;
    runtime->modules[0] = (struct neuron_module_sample){
        .serial = 7, .cores = {2}, .identity = {0xAB}, .replica_count = 1, .model_cores = 1};
    (void)snprintf(runtime->modules[0].name, NEURON_COUNTER_NAME_BYTES, "m.neff");
    runtime->memory_count = 1;
    runtime->memory[0].device = UINT32_MAX;
    runtime->memory[0].bytes[NEURON_MEMORY_ARENA] = 4096;
    runtime->memory[0].peak_bytes = 8192;
    runtime->cores[0].busy_ns = 500000000;
    runtime->cores[0].ended[NEURON_OK] = 40;
    runtime->cores[1].ended[NEURON_TIMED_OUT] = 2;
    runtime->refused[NEURON_QUEUE_FULL] = 3;
}

static void
what_a_process_did_has_the_monitors_names(void **state)
{
    struct look look;

    (void)state;
    set_up(&look);
    add_worker(&look);
    const char *text = write_json(&look);
    assert_contains(text, "\"pid\": 4242, \"parent_pid\": null, \"user\": \"ana\"");
    assert_contains(text, "\"start_time\": \"2026-11-20T23:10:05+00:00\", "
                          "\"command\": \"serve \\\"x\\\"\\n\", \"state\": \"S\", \"lease\": "
                          "\"use\", \"cores\": [1, 2]");
    assert_contains(text, "\"busy_cores\": 0.5000");
    assert_contains(text, "\"execution_summary\": {\"completed\": 40,");
    assert_contains(text, "\"timed_out\": 2");
    assert_contains(text, "\"failed_to_queue\": 3");
    assert_contains(text, "\"ended\": {\"NEURON_OK\": 40, \"NEURON_TIMED_OUT\": 2}");
    assert_contains(text, "\"refused\": {\"NEURON_QUEUE_FULL\": 3}");
    assert_contains(text, "\"total_latency\": null, \"device_latency\": null");
    assert_contains(text, "\"memory_used\": {\"constants\": 0, \"model_shared_scratchpad\": 4096, "
                          "\"runtime_memory\": 0, \"tensors\": 0, \"memory_owners\": [");
    assert_contains(text, "\"neuron_device_index\": null, \"weights\": 0, \"arenas\": 4096");
    assert_contains(text, "\"peak\": 8192");
    assert_contains(text, "\"name\": \"m.neff\", \"uuid\": \"ab00");
    assert_contains(text, "\"cores_per_replica\": 1, \"cores\": [2]}");
    tear_down(&look);
}

static void
what_cannot_be_read_is_null_and_not_zero(void **state)
{
    struct look look;

    (void)state;
    set_up(&look);
    struct neuron_node_process *process = made_process(&look.sample, 10, "0", "other");
    (void)snprintf(process->trouble, sizeof(process->trouble), "ask as root");
    process->kind = NEURON_CORE_LEASE_SHARED;
    (void)made_process(&look.sample, 0, "1", "");
    process = made_process(&look.sample, 11, "", "worker");
    (void)snprintf(process->trouble, sizeof(process->trouble), "version");
    process->kind = NEURON_CORE_LEASE_BORROWED;
    const char *text = write_json(&look);
    assert_contains(text, "\"lease\": \"shared\"");
    assert_contains(text, "\"error\": \"ask as root\"");
    assert_contains(text, "\"execution_stats\": null, \"memory_used\": null, "
                          "\"loaded_models\": null");
    assert_contains(text, "{\"core\": 0, \"device\": 0, \"cpu\": null, \"neuroncore_utilization\": "
                          "null, \"pid\": 10}");
    assert_contains(text, "\"neuroncore_utilization\": null, \"pid\": 0}");
    assert_contains(text, "\"neuroncore_utilization\": 0.00, \"pid\": null}");
    assert_contains(text, "\"lease\": \"borrowed\", \"cores\": [], \"error\": \"version\"");
    assert_contains(text, "\"totals\": {\"unknown_processes\": 3, ");
    assert_contains(text, "\"ended\": {}, \"refused\": {}");
    tear_down(&look);
}

static void
of_a_process_in_another_container_nothing_is_made_up(void **state)
{
    struct look look;

    (void)state;
    set_up(&look);
    (void)made_process(&look.sample, 0, "1", "");
    const char *text = write_json(&look);
    assert_contains(text, "{\"pid\": 0, \"parent_pid\": null, \"user\": null, "
                          "\"neuron_runtime_tag\": null, ");
    assert_contains(text, "\"error\": \"in another container, where its counters cannot be seen\"");
    assert_contains(text, "\"resident_bytes\": null, \"thread_count\": null, "
                          "\"neuron_runtime_vcpu_usage\": null");
    tear_down(&look);
}

static void
processor_time_is_a_part_of_all_processors(void **state)
{
    struct look look;

    (void)state;
    set_up(&look);
    look.sample.host.cpu_count = 4;
    look.before.time_ns = 999000000000U;
    struct neuron_node_process *process = made_process(&look.sample, 10, "0", "serve");
    process->start_ticks = 99900U; /* a second before the look */
    process->stats.user_ns = 1000000000;
    process->stats.system_ns = 500000000;
    assert_contains(write_json(&look),
                    "\"neuron_runtime_vcpu_usage\": {\"user\": 25.00, \"system\": 12.50}");
    tear_down(&look);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_that_nobody_uses_has_its_cores),
        cmocka_unit_test(what_a_process_did_has_the_monitors_names),
        cmocka_unit_test(what_cannot_be_read_is_null_and_not_zero),
        cmocka_unit_test(of_a_process_in_another_container_nothing_is_made_up),
        cmocka_unit_test(processor_time_is_a_part_of_all_processors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
