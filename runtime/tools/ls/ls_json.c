/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_json.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"

#include "node/process_tag.h"

static const char *const memory_names[NEURON_MEMORY_USES] = {
    [NEURON_MEMORY_WEIGHTS] = "weights_bytes",
    [NEURON_MEMORY_ARENA] = "arena_bytes",
    [NEURON_MEMORY_STAGES] = "stages_bytes",
    [NEURON_MEMORY_BUFFER] = "buffer_bytes"};

/* Adds a size; null where it is not known. */
static void
add_size(struct neuron_json_text *text, const char *name, uint64_t size_bytes)
{
    if (size_bytes == 0 || size_bytes == UINT64_MAX) {
        neuron_json_text_add_null(text, name);
    } else {
        neuron_json_text_add_unsigned(text, name, size_bytes);
    }
}

/* Adds a text; null for an empty one. */
static void
add_string(struct neuron_json_text *text, const char *name, const char *value)
{
    neuron_json_text_add_string(text, name, value == NULL || value[0] == '\0' ? NULL : value);
}

static void
add_set(struct neuron_json_text *text, const char *name, const struct neuron_core_set *set)
{
    neuron_json_text_open_array(text, name);
    for (uint32_t i = 0; i < neuron_core_set_count(set); i += 1) {
        neuron_json_text_add_unsigned(text, NULL, neuron_core_set_at(set, i));
    }
    neuron_json_text_close_array(text);
}

static void
add_machine(const struct neuron_ls_view *view, const char *host, struct neuron_json_text *text)
{
    const struct neuron_topology *topology = view->topology;
    bool has_l3 = neuron_machine_parts_has_l3(view->parts);

    neuron_json_text_open_object(text, "machine");
    neuron_json_text_add_string(text, "host", host);
    neuron_json_text_add_bool(text, "is_invented", neuron_topology_is_invented(topology));
    neuron_json_text_add_decimal(text, "time",
                                 (double)view->sample->wall_time_ns / (double)NEURON_NS_PER_S, 3);
    neuron_json_text_add_unsigned(text, "core_count", neuron_topology_core_count(topology));
    neuron_json_text_add_unsigned(text, "device_count", neuron_topology_device_count(topology));
    neuron_json_text_add_unsigned(text, "package_count",
                                  neuron_machine_parts_package_count(view->parts));
    neuron_json_text_add_unsigned(text, "l3_count",
                                  has_l3 ? neuron_machine_parts_l3_count(view->parts) : 0);
    add_set(text, "allowed_cores", neuron_topology_allowed(topology));
    neuron_json_text_add_unsigned(text, "core_limit", neuron_topology_core_limit(topology));
    add_size(text, "memory_bytes", view->sample->host.memory_total_bytes);
    neuron_json_text_close_object(text);
}

static enum neuron_status
add_device(const struct neuron_ls_view *view, uint32_t device, struct neuron_json_text *text,
           struct neuron_error *error)
{
    uint32_t node = neuron_topology_node_of(view->topology, device);
    struct neuron_core_set *cores = NULL;
    struct neuron_core_set *free_cores = NULL;
    enum neuron_status status = neuron_ls_list_cores(view, device, &cores, error);

    if (status == NEURON_OK) {
        status = neuron_ls_list_free(view, device, &free_cores, error);
    }
    if (status == NEURON_OK) {
        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "device", device);
        if (node == NEURON_NO_NODE) {
            neuron_json_text_add_null(text, "numa_node");
        } else {
            neuron_json_text_add_unsigned(text, "numa_node", node);
        }
        if (neuron_core_set_count(cores) == 0) {
            neuron_json_text_add_null(text, "package");
        } else {
            uint32_t core = neuron_core_set_at(cores, 0);

            neuron_json_text_add_unsigned(text, "package",
                                          neuron_machine_parts_package_of(view->parts, core));
        }
        add_size(text, "memory_bytes", neuron_topology_device_memory(view->topology, device));
        add_set(text, "cores", cores);
        add_set(text, "free_cores", free_cores);
        neuron_json_text_close_object(text);
    }
    neuron_core_set_destroy(free_cores);
    neuron_core_set_destroy(cores);
    return status;
}

static void
add_core(const struct neuron_ls_view *view, uint32_t core, struct neuron_json_text *text)
{
    const struct neuron_topology *topology = view->topology;
    const struct neuron_cache_sizes *caches = &view->caches[core];
    uint32_t holder = neuron_ls_holder_of(view, core);

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "core", core);
    neuron_json_text_add_unsigned(text, "device", neuron_topology_device_of(topology, core));
    neuron_json_text_add_unsigned(text, "package",
                                  neuron_machine_parts_package_of(view->parts, core));
    if (neuron_machine_parts_has_l3(view->parts)) {
        neuron_json_text_add_unsigned(text, "l3", neuron_machine_parts_l3_of(view->parts, core));
    } else {
        neuron_json_text_add_null(text, "l3");
    }
    neuron_json_text_open_array(text, "cpus");
    uint32_t cpu = neuron_topology_core_cpu(topology, core, 0);
    for (uint32_t i = 1; cpu != NEURON_NO_CPU; i += 1) {
        neuron_json_text_add_unsigned(text, NULL, cpu);
        cpu = neuron_topology_core_cpu(topology, core, i);
    }
    neuron_json_text_close_array(text);
    add_size(text, "l1_bytes", caches->l1_bytes);
    add_size(text, "l2_bytes", caches->l2_bytes);
    add_size(text, "l3_bytes", caches->l3_bytes);
    neuron_json_text_add_bool(text, "is_allowed", neuron_ls_is_allowed(view, core));
    if (holder == neuron_no_process) {
        neuron_json_text_add_null(text, "lease");
    } else {
        neuron_json_text_add_unsigned(text, "lease", holder);
    }
    neuron_json_text_close_object(text);
}

static void
add_runtime(const struct neuron_counter_sample *runtime, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, NULL);
    add_string(text, "version", runtime->runtime_version);
    neuron_json_text_add_unsigned(text, "module_count", runtime->module_count);
    neuron_json_text_open_array(text, "memory");
    for (uint32_t i = 0; i < runtime->memory_count; i += 1) {
        const struct neuron_memory_sample *memory = &runtime->memory[i];

        neuron_json_text_open_object(text, NULL);
        if (memory->device == UINT32_MAX) {
            neuron_json_text_add_null(text, "device");
        } else {
            neuron_json_text_add_unsigned(text, "device", memory->device);
        }
        neuron_json_text_add_string(text, "name", memory->name);
        for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
            neuron_json_text_add_unsigned(text, memory_names[use], memory->bytes[use]);
        }
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
}

/* Adds what is known of a process that can be seen. */
static void
add_process(const struct neuron_node_process *process, struct neuron_json_text *text)
{
    neuron_json_text_add_signed(text, "pid", process->pid);
    add_string(text, "user", process->user);
    add_string(text, "tag", neuron_node_tag_of(process));
    add_string(text, "since", process->since);
    add_string(text, "start_time", process->start_time);
    neuron_json_text_add_unsigned(text, "start_ticks", process->start_ticks);
    add_string(text, "command", process->command);
    add_string(text, "state", (char[]){process->stats.state, '\0'});
    neuron_json_text_add_unsigned(text, "thread_count", process->stats.thread_count);
    neuron_json_text_add_unsigned(text, "resident_bytes", process->stats.resident_bytes);
    neuron_json_text_open_array(text, "runtimes");
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        add_runtime(&process->runtimes[i], text);
    }
    neuron_json_text_close_array(text);
    add_string(text, "error", process->trouble);
}

/* Adds the same members of those that cannot be seen. */
static void
add_strangers(const struct neuron_ls_view *view, const struct neuron_node_process *process,
              struct neuron_json_text *text)
{
    static const char *const names[] = {"pid",          "user",          "tag",     "since",
                                        "start_time",   "start_ticks",   "command", "state",
                                        "thread_count", "resident_bytes"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        neuron_json_text_add_null(text, names[i]);
    }
    neuron_json_text_open_array(text, "runtimes");
    neuron_json_text_close_array(text);
    neuron_json_text_add_string(text, "error", neuron_ls_command_of(view, process));
}

static void
add_lease(const struct neuron_ls_view *view, uint32_t position, struct neuron_json_text *text)
{
    const struct neuron_node_process *process = &view->sample->processes[position];

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "lease", position);
    if (process->parent == neuron_no_process) {
        neuron_json_text_add_null(text, "inside");
    } else {
        neuron_json_text_add_unsigned(text, "inside", process->parent);
    }
    neuron_json_text_add_unsigned(text, "depth", neuron_ls_depth_of(view, position));
    neuron_json_text_add_string(text, "kind", neuron_ls_kind_name(process->kind));
    add_set(text, "cores", process->cores);
    if (process->pid == 0) {
        add_strangers(view, process, text);
    } else {
        add_process(process, text);
    }
    neuron_json_text_close_object(text);
}

enum neuron_status
neuron_ls_add_json(const struct neuron_ls_view *view, const char *host,
                   struct neuron_json_text *text, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_json_text_open_object(text, NULL);
    add_machine(view, host, text);
    neuron_json_text_open_array(text, "devices");
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_topology_device_count(view->topology);
         i += 1) {
        status = add_device(view, i, text, error);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_open_array(text, "cores");
    for (uint32_t i = 0; i < neuron_topology_core_count(view->topology); i += 1) {
        add_core(view, i, text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_open_array(text, "leases");
    for (uint32_t i = 0; i < view->sample->process_count; i += 1) {
        add_lease(view, i, text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
    return status;
}
