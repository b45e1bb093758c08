/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/report_json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "neuron/clock.h"

#include "monitor/process_cores.h"
#include "monitor/report_runtime.h"
#include "monitor/report_system.h"
#include "node/node_rates.h"
#include "node/process_tag.h"

enum { TIME_DECIMALS = 6 };

/* How a group is written. */
struct writer {
    enum neuron_metric_group group;
    void (*add)(const struct neuron_reported_process *reported,
                const struct neuron_monitor_round *round, struct neuron_json_text *text);
};

static const struct writer writers[NEURON_RUNTIME_GROUPS] = {
    {NEURON_GROUP_EXECUTION, neuron_report_add_execution},
    {NEURON_GROUP_MEMORY, neuron_report_add_memory},
    {NEURON_GROUP_VCPU, neuron_report_add_vcpu},
    {NEURON_GROUP_CORES, neuron_report_add_cores}};

static void
add_core_list(const struct neuron_core_set *cores, struct neuron_json_text *text)
{
    neuron_json_text_open_array(text, "cores");
    for (uint32_t i = 0; i < neuron_core_set_count(cores); i += 1) {
        neuron_json_text_add_unsigned(text, NULL, neuron_core_set_at(cores, i));
    }
    neuron_json_text_close_array(text);
}

/* Adds the letter by which the kernel tells what a process is doing. */
static void
add_state(char state, struct neuron_json_text *text)
{
    const char letter[] = {state, '\0'};

    neuron_json_text_add_string(text, "state", state == '\0' ? NULL : letter);
}

/* Who the process is: what the Neuron tool tells, and what is known besides. */
static void
add_identity(const struct neuron_node_process *process, struct neuron_json_text *text)
{
    neuron_json_text_add_signed(text, "pid", process->pid);
    neuron_json_text_add_string(text, "address", "");
    neuron_json_text_add_string(text, "neuron_runtime_tag", neuron_node_tag_of(process));
    neuron_json_text_add_string(text, "error", neuron_node_trouble_of(process));
    neuron_json_text_add_string(text, "user", process->user);
    neuron_json_text_add_string(text, "command", process->command);
    neuron_json_text_add_string(text, "since", process->since);
    neuron_json_text_add_string(text, "start_time",
                                process->start_time[0] == '\0' ? NULL : process->start_time);
    add_state(process->stats.state, text);
    neuron_json_text_add_string(text, "runtime_version",
                                process->runtime_count > 0 ? process->runtimes[0].runtime_version
                                                           : "");
    add_core_list(process->cores, text);
}

static void
add_groups(const struct neuron_reported_process *reported,
           const struct neuron_monitor_selection *selection, struct neuron_json_text *text)
{
    const struct neuron_monitor_view *view = reported->view;
    const struct neuron_node_process *process = &view->sample->processes[reported->position];

    neuron_json_text_open_object(text, "report");
    for (size_t i = 0; i < NEURON_RUNTIME_GROUPS; i += 1) {
        const struct neuron_monitor_round *round =
            neuron_monitor_round_find(view, selection->period_ns[writers[i].group]);

        if (round != NULL && process->runtime_count > 0) {
            writers[i].add(reported, round, text);
        } else if (round != NULL && writers[i].group == NEURON_GROUP_CORES) {
            neuron_report_add_unknown_cores(reported, round, neuron_node_trouble_of(process), text);
        }
    }
    neuron_json_text_close_object(text);
}

static enum neuron_status
add_process(const struct neuron_monitor_view *view, uint32_t position,
            const struct neuron_monitor_selection *selection, struct neuron_process_cores *cores,
            struct neuron_json_text *text, struct neuron_error *error)
{
    static const struct neuron_node_sample nothing = {0};
    const struct neuron_node_process *process = &view->sample->processes[position];
    const struct neuron_reported_process reported = {view, position, cores};
    const struct neuron_monitor_round *round =
        neuron_monitor_round_find(view, selection->period_ns[NEURON_GROUP_CORES]);
    enum neuron_status status =
        neuron_process_cores_find(round == NULL ? &nothing : round->before, process,
                                  neuron_topology_core_count(view->topology), 0, cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_json_text_open_object(text, NULL);
    add_identity(process, text);
    add_groups(&reported, selection, text);
    neuron_json_text_close_object(text);
    return NEURON_OK;
}

/* Adds the processes that pass a filter. What only keeps cores for others has nothing to tell. */
/* Says whether an entry is for a process: it has a runtime, or it may have one that nobody sees.
   Launchers keep cores for others, and have none. */
static bool
is_told(const struct neuron_node_process *process)
{
    bool is_launcher = process->pid != 0 && process->kind == NEURON_CORE_LEASE_RESERVATION;

    return process->runtime_count > 0 ||
           (!is_launcher && neuron_node_trouble_of(process)[0] != '\0');
}

static enum neuron_status
add_processes(const struct neuron_monitor_view *view, struct neuron_json_text *text,
              struct neuron_error *error)
{
    struct neuron_process_cores cores = {0};
    enum neuron_status status = NEURON_OK;

    neuron_json_text_open_array(text, "neuron_runtime_data");
    for (uint32_t i = 0; status == NEURON_OK && i < view->sample->process_count; i += 1) {
        const struct neuron_node_process *process = &view->sample->processes[i];
        const struct neuron_monitor_selection *selection =
            neuron_monitor_config_select(view->config, process->tag);

        if (selection != NULL && is_told(process)) {
            status = add_process(view, i, selection, &cores, text, error);
        }
    }
    neuron_json_text_close_array(text);
    neuron_process_cores_clear(&cores);
    return status;
}

enum neuron_status
neuron_monitor_report_write(const struct neuron_monitor_view *view, struct neuron_json_text *text,
                            struct neuron_error *error)
{
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_decimal(
        text, "timestamp", (double)view->sample->wall_time_ns / NEURON_NS_PER_S, TIME_DECIMALS);
    neuron_json_text_add_unsigned(text, "unreadable_process_count",
                                  neuron_node_unreadable_count(view->sample));
    enum neuron_status status = add_processes(view, text, error);
    neuron_report_add_system(view, text);
    neuron_report_add_machine(view, text);
    neuron_json_text_close_object(text);
    return status == NEURON_OK ? neuron_json_text_finish(text, error) : status;
}
