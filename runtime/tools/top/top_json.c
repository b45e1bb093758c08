/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_json.h"

#include "neuron/clock.h"

#include "node/execution_counts.h"
#include "node/execution_json.h"
#include "node/process_tag.h"
#include "top/model_tree.h"

enum { PERCENT = 100, PERCENT_DECIMALS = 2 };

/* As neuron-monitor has them: of a core or process, and of who owns the memory. */
static const char *const use_names[NEURON_MEMORY_USES] = {
    [NEURON_MEMORY_WEIGHTS] = "constants",
    [NEURON_MEMORY_ARENA] = "model_shared_scratchpad",
    [NEURON_MEMORY_STAGES] = "runtime_memory",
    [NEURON_MEMORY_BUFFER] = "tensors",
};
static const char *const owner_names[NEURON_MEMORY_USES] = {
    [NEURON_MEMORY_WEIGHTS] = "weights",
    [NEURON_MEMORY_ARENA] = "arenas",
    [NEURON_MEMORY_STAGES] = "stages",
    [NEURON_MEMORY_BUFFER] = "buffers",
};

static const char *const lease_names[] = {
    [NEURON_CORE_LEASE_USE] = "use",
    [NEURON_CORE_LEASE_RESERVATION] = "reservation",
    [NEURON_CORE_LEASE_SHARED] = "shared",
    [NEURON_CORE_LEASE_BORROWED] = "borrowed",
};

/* Adds the position of a process as its pid; null for none. */
static void
add_process_pid(struct neuron_json_text *text, const char *name,
                const struct neuron_node_sample *sample, uint32_t process)
{
    if (process < sample->process_count) {
        neuron_json_text_add_signed(text, name, sample->processes[process].pid);
    } else {
        neuron_json_text_add_null(text, name);
    }
}

static void
add_percent(struct neuron_json_text *text, const char *name, double part)
{
    neuron_json_text_add_decimal(text, name, part * PERCENT, PERCENT_DECIMALS);
}

static void
add_core_numbers(struct neuron_json_text *text, const char *name,
                 const struct neuron_core_set *cores)
{
    uint32_t count = cores == NULL ? 0 : neuron_core_set_count(cores);

    neuron_json_text_open_array(text, name);
    for (uint32_t i = 0; i < count; i += 1) {
        neuron_json_text_add_unsigned(text, NULL, neuron_core_set_at(cores, i));
    }
    neuron_json_text_close_array(text);
}

static void
add_machine(struct neuron_json_text *text, const struct neuron_topology *topology,
            const struct neuron_picture_source *source)
{
    const struct neuron_host_stats *host = &source->sample->host;

    neuron_json_text_open_object(text, "machine");
    neuron_json_text_add_string(text, "name", source->machine);
    neuron_json_text_add_bool(text, "is_invented", neuron_topology_is_invented(topology));
    neuron_json_text_add_unsigned(text, "core_count", neuron_topology_core_count(topology));
    neuron_json_text_add_unsigned(text, "device_count", neuron_topology_device_count(topology));
    neuron_json_text_add_unsigned(text, "memory_total_bytes", host->memory_total_bytes);
    neuron_json_text_add_unsigned(text, "memory_used_bytes",
                                  host->memory_total_bytes > host->memory_available_bytes
                                      ? host->memory_total_bytes - host->memory_available_bytes
                                      : 0);
    neuron_json_text_close_object(text);
}

static void
add_cores(struct neuron_json_text *text, const struct neuron_topology *topology,
          const struct neuron_picture_source *source)
{
    const struct neuron_node_rates *rates = source->rates;

    neuron_json_text_open_array(text, "cores");
    for (uint32_t core = 0; core < rates->core_count; core += 1) {
        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "core", core);
        neuron_json_text_add_unsigned(text, "device", neuron_topology_device_of(topology, core));
        if (neuron_topology_is_invented(topology)) {
            neuron_json_text_add_null(text, "cpu");
        } else {
            neuron_json_text_add_unsigned(text, "cpu", neuron_topology_cpu_of(topology, core));
        }
        if (rates->cores[core].is_known) {
            add_percent(text, "neuroncore_utilization", rates->cores[core].busy);
        } else {
            neuron_json_text_add_null(text, "neuroncore_utilization");
        }
        add_process_pid(text, "pid", source->sample, rates->cores[core].process);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

/* Adds counts by the kinds that the Neuron tools tell apart. */
static void
add_kinds(struct neuron_json_text *text, const struct neuron_process_rate *rate)
{
    struct neuron_execution_counts counts = {.ends = {0}};

    neuron_execution_counts_add(rate->ended, rate->refused, &counts);
    neuron_json_text_open_object(text, "error_summary");
    for (uint32_t i = 0; i < NEURON_EXECUTION_FAULTS; i += 1) {
        neuron_json_text_add_unsigned(text, neuron_execution_fault_names[i], counts.faults[i]);
    }
    neuron_json_text_close_object(text);
    neuron_json_text_open_object(text, "execution_summary");
    for (uint32_t i = 0; i < NEURON_EXECUTION_ENDS; i += 1) {
        neuron_json_text_add_unsigned(text, neuron_execution_end_names[i], counts.ends[i]);
    }
    neuron_json_text_close_object(text);
}

/* Adds what a process did, or all of them. */
static void
add_execution_stats(struct neuron_json_text *text, const struct neuron_process_rate *rate)
{
    neuron_json_text_open_object(text, "execution_stats");
    neuron_json_text_add_decimal(text, "runs_per_second", rate->runs_per_s, 3);
    neuron_json_text_add_decimal(text, "busy_cores", rate->busy_cores, 4);
    add_kinds(text, rate);
    neuron_node_add_statuses("ended", rate->ended, text);
    neuron_node_add_statuses("refused", rate->refused, text);
    neuron_json_text_open_object(text, "latency_stats");
    neuron_node_add_latencies("total_latency", rate->request_s, text);
    neuron_node_add_latencies("device_latency", rate->run_s, text);
    neuron_json_text_close_object(text);
    neuron_json_text_close_object(text);
}

/* Adds processor time in percent of all CPUs of the machine. */
static void
add_processor_time(struct neuron_json_text *text, const struct neuron_picture_source *source,
                   const struct neuron_process_rate *rate)
{
    uint32_t cpu_count = source->sample->host.cpu_count;
    double part = cpu_count == 0 ? 1 : 1.0 / cpu_count;

    neuron_json_text_open_object(text, "neuron_runtime_vcpu_usage");
    add_percent(text, "user", rate->user_cpus * part);
    add_percent(text, "system", rate->system_cpus * part);
    neuron_json_text_close_object(text);
}

static void
add_uses(struct neuron_json_text *text, const char *const *names, const uint64_t *bytes)
{
    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        neuron_json_text_add_unsigned(text, names[use], bytes[use]);
    }
}

static void
add_owner(struct neuron_json_text *text, const struct neuron_memory_sample *memory)
{
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_string(text, "name", memory->name);
    if (memory->device == UINT32_MAX) {
        neuron_json_text_add_null(text, "neuron_device_index");
    } else {
        neuron_json_text_add_unsigned(text, "neuron_device_index", memory->device);
    }
    add_uses(text, owner_names, memory->bytes);
    neuron_json_text_add_unsigned(text, "peak", memory->peak_bytes);
    neuron_json_text_close_object(text);
}

static void
add_owners(struct neuron_json_text *text, const struct neuron_node_process *process)
{
    neuron_json_text_open_array(text, "memory_owners");
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        for (uint32_t k = 0; k < process->runtimes[i].memory_count; k += 1) {
            add_owner(text, &process->runtimes[i].memory[k]);
        }
    }
    neuron_json_text_close_array(text);
}

/* Adds memory by use; of a process by owner, too; NULL for all processes. */
static void
add_memory(struct neuron_json_text *text, const struct neuron_process_rate *rate,
           const struct neuron_node_process *process)
{
    neuron_json_text_open_object(text, "memory_used");
    add_uses(text, use_names, rate->memory_bytes);
    if (process != NULL) {
        add_owners(text, process);
    }
    neuron_json_text_close_object(text);
}

static enum neuron_status
add_model(struct neuron_json_text *text, const struct neuron_counter_sample *runtime,
          const struct neuron_module_sample *module, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_module_cores(runtime, module, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_json_text_open_object(text, NULL);
    neuron_node_add_model(module, text);
    add_core_numbers(text, "cores", cores);
    neuron_json_text_close_object(text);
    neuron_core_set_destroy(cores);
    return NEURON_OK;
}

static enum neuron_status
add_models(struct neuron_json_text *text, const struct neuron_node_process *process,
           struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_json_text_open_array(text, "loaded_models");
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];

        for (uint32_t k = 0; k < runtime->module_count && status == NEURON_OK; k += 1) {
            status = add_model(text, runtime, &runtime->modules[k], error);
        }
    }
    neuron_json_text_close_array(text);
    return status;
}

/* A text; null where it is not known. */
static void
add_known(struct neuron_json_text *text, const char *name, const char *value)
{
    neuron_json_text_add_string(text, name, value[0] == '\0' ? NULL : value);
}

/* What the kernel tells of a process; nothing of one in another container. */
static void
add_kernel_figures(struct neuron_json_text *text, const struct neuron_picture_source *source,
                   uint32_t position)
{
    const struct neuron_node_process *process = &source->sample->processes[position];

    if (process->pid == 0) {
        neuron_json_text_add_null(text, "resident_bytes");
        neuron_json_text_add_null(text, "thread_count");
        neuron_json_text_add_null(text, "neuron_runtime_vcpu_usage");
        return;
    }
    neuron_json_text_add_unsigned(text, "resident_bytes", process->stats.resident_bytes);
    neuron_json_text_add_unsigned(text, "thread_count", process->stats.thread_count);
    add_processor_time(text, source, &source->rates->processes[position]);
}

static enum neuron_status
add_process(struct neuron_json_text *text, const struct neuron_picture_source *source,
            uint32_t position, struct neuron_error *error)
{
    const struct neuron_node_process *process = &source->sample->processes[position];
    const struct neuron_process_rate *rate = &source->rates->processes[position];

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_signed(text, "pid", process->pid);
    add_process_pid(text, "parent_pid", source->sample, process->parent);
    add_known(text, "user", process->user);
    neuron_json_text_add_string(text, "neuron_runtime_tag", neuron_node_tag_of(process));
    add_known(text, "since", process->since);
    add_known(text, "start_time", process->start_time);
    add_known(text, "command", process->command);
    add_known(text, "state", (char[]){process->stats.state, '\0'});
    neuron_json_text_add_string(text, "lease", lease_names[process->kind]);
    add_core_numbers(text, "cores", process->cores);
    neuron_json_text_add_string(text, "error", neuron_node_trouble_of(process));
    neuron_json_text_add_unsigned(text, "runtime_count", process->runtime_count);
    add_kernel_figures(text, source, position);
    enum neuron_status status = NEURON_OK;
    if (process->runtime_count > 0) {
        add_execution_stats(text, rate);
        add_memory(text, rate, process);
        status = add_models(text, process, error);
    } else {
        neuron_json_text_add_null(text, "execution_stats");
        neuron_json_text_add_null(text, "memory_used");
        neuron_json_text_add_null(text, "loaded_models");
    }
    neuron_json_text_close_object(text);
    return status;
}

enum neuron_status
neuron_top_json_add(struct neuron_json_text *text, const struct neuron_topology *topology,
                    const struct neuron_picture_source *source, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_decimal(text, "timestamp",
                                 (double)source->sample->wall_time_ns / NEURON_NS_PER_S, 3);
    neuron_json_text_add_decimal(text, "period", source->rates->seconds, 6);
    add_machine(text, topology, source);
    add_cores(text, topology, source);
    neuron_json_text_open_array(text, "processes");
    for (uint32_t i = 0; i < source->sample->process_count && status == NEURON_OK; i += 1) {
        status = add_process(text, source, i, error);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_open_object(text, "totals");
    neuron_json_text_add_unsigned(text, "unknown_processes", source->rates->unknown_count);
    add_execution_stats(text, &source->rates->all);
    add_processor_time(text, source, &source->rates->all);
    add_memory(text, &source->rates->all, NULL);
    neuron_json_text_close_object(text);
    neuron_json_text_close_object(text);
    return status;
}
