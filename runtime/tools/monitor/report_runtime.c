/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/report_runtime.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/execution_counts.h"
#include "node/execution_json.h"

enum { INDEX_BYTES = 16, PERIOD_DECIMALS = 6, PERCENT_DECIMALS = 4 };

void
neuron_report_open_group(enum neuron_metric_group group, const struct neuron_monitor_round *round,
                         struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, neuron_metric_group_names[group]);
    neuron_json_text_add_decimal(text, "period", round->rates->seconds, PERIOD_DECIMALS);
}

void
neuron_report_close_group(struct neuron_json_text *text)
{
    neuron_json_text_add_string(text, "error", "");
    neuron_json_text_close_object(text);
}

static const struct neuron_process_rate *
find_rate(const struct neuron_reported_process *reported, const struct neuron_monitor_round *round)
{
    return &round->rates->processes[reported->position];
}

void
neuron_report_add_cores(const struct neuron_reported_process *reported,
                        const struct neuron_monitor_round *round, struct neuron_json_text *text)
{
    neuron_report_open_group(NEURON_GROUP_CORES, round, text);
    neuron_json_text_open_object(text, "neuroncores_in_use");
    for (uint32_t i = 0; i < reported->cores->count; i += 1) {
        const struct neuron_process_core *core = &reported->cores->cores[i];
        char name[INDEX_BYTES] = "";

        if (!core->is_used) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "%" PRIu32, i);
        neuron_json_text_open_object(text, name);
        neuron_json_text_add_decimal(text, "neuroncore_utilization", core->busy * 100,
                                     PERCENT_DECIMALS);
        neuron_json_text_add_unsigned(text, "neuron_device_index", core->device);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_object(text);
    neuron_json_text_add_decimal(text, "busy_cores", find_rate(reported, round)->busy_cores,
                                 PERCENT_DECIMALS);
    neuron_report_close_group(text);
}

void
neuron_report_add_unknown_cores(const struct neuron_reported_process *reported,
                                const struct neuron_monitor_round *round, const char *trouble,
                                struct neuron_json_text *text)
{
    const struct neuron_node_rates *rates = round->rates;

    neuron_report_open_group(NEURON_GROUP_CORES, round, text);
    neuron_json_text_open_object(text, "neuroncores_in_use");
    for (uint32_t core = 0; core < rates->core_count; core += 1) {
        char name[INDEX_BYTES] = "";

        /* Of a launcher the cores are those of who works inside. */
        if (rates->cores[core].process != reported->position) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "%" PRIu32, core);
        neuron_json_text_open_object(text, name);
        neuron_json_text_add_null(text, "neuroncore_utilization");
        neuron_json_text_add_unsigned(text, "neuron_device_index",
                                      neuron_topology_device_of(reported->view->topology, core));
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_object(text);
    neuron_json_text_add_null(text, "busy_cores");
    neuron_json_text_add_string(text, "error", trouble);
    neuron_json_text_close_object(text);
}

static void
add_counts(const char *name, const char *const *names, const uint64_t *counts, uint32_t count,
           struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, name);
    for (uint32_t i = 0; i < count; i += 1) {
        neuron_json_text_add_unsigned(text, names[i], counts[i]);
    }
    neuron_json_text_close_object(text);
}

void
neuron_report_add_execution(const struct neuron_reported_process *reported,
                            const struct neuron_monitor_round *round, struct neuron_json_text *text)
{
    const struct neuron_process_rate *rate = find_rate(reported, round);
    struct neuron_execution_counts counts = {0};

    neuron_execution_counts_add(rate->ended, rate->refused, &counts);
    neuron_report_open_group(NEURON_GROUP_EXECUTION, round, text);
    add_counts("error_summary", neuron_execution_fault_names, counts.faults,
               NEURON_EXECUTION_FAULTS, text);
    add_counts("execution_summary", neuron_execution_end_names, counts.ends, NEURON_EXECUTION_ENDS,
               text);
    neuron_json_text_open_object(text, "latency_stats");
    neuron_node_add_latencies("total_latency", rate->request_s, text);
    neuron_node_add_latencies("device_latency", rate->run_s, text);
    neuron_json_text_close_object(text);
    neuron_node_add_statuses("run_statuses", rate->ended, text);
    neuron_node_add_statuses("refused_statuses", rate->refused, text);
    neuron_json_text_add_decimal(text, "runs_per_second", rate->runs_per_s, PERCENT_DECIMALS);
    neuron_report_close_group(text);
}

void
neuron_report_add_vcpu(const struct neuron_reported_process *reported,
                       const struct neuron_monitor_round *round, struct neuron_json_text *text)
{
    const struct neuron_process_rate *rate = find_rate(reported, round);
    uint32_t cpu_count = reported->view->sample->host.cpu_count;
    double percent = 100.0 / (cpu_count == 0 ? 1 : cpu_count);

    neuron_report_open_group(NEURON_GROUP_VCPU, round, text);
    neuron_json_text_open_object(text, "vcpu_usage");
    neuron_json_text_add_decimal(text, "user", rate->user_cpus * percent, PERCENT_DECIMALS);
    neuron_json_text_add_decimal(text, "system", rate->system_cpus * percent, PERCENT_DECIMALS);
    neuron_json_text_close_object(text);
    neuron_json_text_add_decimal(text, "user_cpus", rate->user_cpus, PERCENT_DECIMALS);
    neuron_json_text_add_decimal(text, "system_cpus", rate->system_cpus, PERCENT_DECIMALS);
    neuron_report_close_group(text);
}
