/* SPDX-License-Identifier: Apache-2.0 */
#include "watched_node.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"
#include "made_node.h"

enum { S = 1000000000, MS = 1000000 };

static struct neuron_node_process *
add_worker(struct neuron_node_sample *sample)
{
    struct neuron_node_process *process = made_process(sample, 11, "1-2", "./worker --fast");
    struct neuron_counter_sample *runtime = made_runtime(process);

    (void)snprintf(process->tag, sizeof(process->tag), "first");
    runtime->cores[1].device = 1;
    return process;
}

static void
add_work(struct neuron_counter_sample *runtime)
{
    struct neuron_module_sample *module = &runtime->modules[0];
    struct neuron_memory_sample *memory = &runtime->memory[0];

    runtime->time_ns += 2ULL * S;
    runtime->cores[0].busy_ns = S;
    runtime->cores[0].busy_stamps = S;
    runtime->cores[0].ended[NEURON_OK] = 3;
    runtime->cores[1].ended[NEURON_TIMED_OUT] = 1;
    runtime->refused[NEURON_INVALID_ARGUMENT] = 1;
    runtime->run_times.counts[neuron_latency_bucket(MS)] = 3;
    runtime->request_times.counts[neuron_latency_bucket(2ULL * MS)] = 3;
    *module = (struct neuron_module_sample){
        .serial = 5, .cores = {3}, .identity = {0xAB, 0x01}, .replica_count = 2, .model_cores = 1};
    (void)snprintf(module->name, sizeof(module->name), "net");
    runtime->module_count = 1;
    *memory = (struct neuron_memory_sample){.peak_bytes = 1200};
    (void)snprintf(memory->name, sizeof(memory->name), "net");
    memory->bytes[NEURON_MEMORY_WEIGHTS] = 1000;
    runtime->memory_count = 1;
}

void
watched_node_set_up(struct watched_node *node, const char *config)
{
    struct neuron_error error = {0};

    memset(node, 0, sizeof(*node));
    node->topology = create_topology("numa:2 core:2 pu:1");
    assert_ok(neuron_monitor_config_parse("c", config, strlen(config), 0, &node->config, &error),
              &error);
    (void)add_worker(&node->before);
    add_work(&add_worker(&node->after)->runtimes[0]);
    struct neuron_node_process *unreadable = made_process(&node->after, 12, "0", "other");
    (void)snprintf(unreadable->trouble, sizeof(unreadable->trouble), "is of another user");
    (void)made_process(&node->after, 13, "3", "neuronrun");
    node->after.time_ns = node->before.time_ns + 2ULL * S;
    node->after.wall_time_ns = 1700000000ULL * S;
    node->after.host.memory_total_bytes = 4096;
    node->after.host.memory_available_bytes = 1024;
    node->round = (struct neuron_monitor_round){
        .period_ns = node->config.period_ns, .before = &node->before, .rates = &node->rates};
    node->view = (struct neuron_monitor_view){.topology = node->topology,
                                              .host = "made",
                                              .config = &node->config,
                                              .sample = &node->after,
                                              .rounds = &node->round,
                                              .round_count = 1};
    watched_node_refresh(node);
}

void
watched_node_refresh(struct watched_node *node)
{
    struct neuron_error error = {0};

    assert_ok(
        neuron_node_rates_find(node->topology, &node->before, &node->after, &node->rates, &error),
        &error);
}

void
watched_node_tear_down(struct watched_node *node)
{
    neuron_node_rates_clear(&node->rates);
    neuron_node_sample_clear(&node->before);
    neuron_node_sample_clear(&node->after);
    neuron_monitor_config_clear(&node->config);
    neuron_topology_destroy(node->topology);
}
