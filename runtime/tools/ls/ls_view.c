/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/short_command.h"

enum neuron_status
neuron_ls_view_fill(struct neuron_ls_view *view, struct neuron_error *error)
{
    const struct neuron_node_sample nothing = {0};

    return neuron_node_rates_find(view->topology, &nothing, view->sample, &view->rates, error);
}

void
neuron_ls_view_clear(struct neuron_ls_view *view)
{
    neuron_node_rates_clear(&view->rates);
}

uint32_t
neuron_ls_holder_of(const struct neuron_ls_view *view, uint32_t core)
{
    return view->rates.cores[core].process;
}

bool
neuron_ls_is_allowed(const struct neuron_ls_view *view, uint32_t core)
{
    return neuron_core_set_contains(neuron_topology_allowed(view->topology), core);
}

uint32_t
neuron_ls_depth_of(const struct neuron_ls_view *view, uint32_t process)
{
    const struct neuron_node_process *processes = view->sample->processes;
    uint32_t depth = 0;

    while (processes[process].parent != neuron_no_process && depth < view->sample->process_count) {
        process = processes[process].parent;
        depth += 1;
    }
    return depth;
}

struct neuron_readable_text
neuron_ls_bytes_text(uint64_t size_bytes)
{
    struct neuron_readable_text none = {"-"};

    return size_bytes == 0 || size_bytes == UINT64_MAX ? none : neuron_bytes_text(size_bytes);
}

struct neuron_readable_text
neuron_ls_l3_text(const struct neuron_ls_view *view, const struct neuron_core_set *cores)
{
    uint32_t before = NEURON_NO_CORE;
    uint64_t first_bytes = 0;
    uint64_t sum_bytes = 0;
    uint32_t count = 0;
    bool are_equal = true;

    for (uint32_t i = 0; i < neuron_core_set_count(cores); i += 1) {
        uint32_t core = neuron_core_set_at(cores, i);
        uint32_t l3 = neuron_machine_parts_l3_of(view->parts, core);
        uint64_t size_bytes = view->caches[core].l3_bytes;

        first_bytes = i == 0 ? size_bytes : first_bytes;
        are_equal = are_equal && size_bytes == first_bytes;
        sum_bytes += l3 == before ? 0 : size_bytes;
        count += l3 == before ? 0 : 1;
        before = l3;
    }
    struct neuron_readable_text text = neuron_ls_bytes_text(are_equal ? first_bytes : sum_bytes);
    if (are_equal && count > 1 && first_bytes > 0) {
        struct neuron_readable_text size = text;

        (void)snprintf(text.text, sizeof(text.text), "%u x %.24s", count, size.text);
    }
    return text;
}

bool
neuron_ls_is_lost(const struct neuron_node_process *process)
{
    return neuron_core_set_count(process->cores) == 0 && process->trouble[0] != '\0';
}

bool
neuron_ls_is_shown(const struct neuron_ls_view *view, uint32_t position)
{
    const struct neuron_node_process *process = &view->sample->processes[position];

    return view->shows_all || neuron_core_set_count(process->cores) > 0 ||
           neuron_ls_is_lost(process);
}

const char *
neuron_ls_kind_name(enum neuron_core_lease_kind kind)
{
    switch (kind) {
    case NEURON_CORE_LEASE_USE:
        return "use";
    case NEURON_CORE_LEASE_RESERVATION:
        return "reservation";
    case NEURON_CORE_LEASE_SHARED:
        return "shared";
    case NEURON_CORE_LEASE_BORROWED:
        return "borrowed";
    }
    return "-";
}

const char *
neuron_ls_command_of(const struct neuron_ls_view *view, const struct neuron_node_process *process)
{
    if (process->pid == 0) {
        return neuron_core_set_count(process->cores) == 1 ? "a process of another container"
                                                          : "processes of other containers";
    }
    if (process->command[0] == '\0') {
        return "-";
    }
    return view->is_wide ? process->command : neuron_short_command(process->command);
}

static uint64_t
sum_memory(const struct neuron_counter_sample *runtime)
{
    uint64_t sum_bytes = 0;

    for (uint32_t i = 0; i < runtime->memory_count; i += 1) {
        for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
            sum_bytes += runtime->memory[i].bytes[use];
        }
    }
    return sum_bytes;
}

uint64_t
neuron_ls_device_memory_of(const struct neuron_node_process *process)
{
    uint64_t sum_bytes = 0;

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        sum_bytes += sum_memory(&process->runtimes[i]);
    }
    return sum_bytes;
}

/* Makes the set of the cores of a device, or of the free ones only. */
static enum neuron_status
list_cores(const struct neuron_ls_view *view, uint32_t device, bool is_free_only,
           struct neuron_core_set **cores, struct neuron_error *error)
{
    uint32_t count = neuron_topology_core_count(view->topology);
    struct neuron_core_set *created = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &created, error);

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        bool is_wanted = !is_free_only || neuron_ls_holder_of(view, i) == neuron_no_process;

        if (is_wanted && neuron_topology_device_of(view->topology, i) == device) {
            status = neuron_core_set_add(created, i, error);
        }
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(created);
        return status;
    }
    *cores = created;
    return NEURON_OK;
}

enum neuron_status
neuron_ls_list_cores(const struct neuron_ls_view *view, uint32_t device,
                     struct neuron_core_set **cores, struct neuron_error *error)
{
    return list_cores(view, device, false, cores, error);
}

enum neuron_status
neuron_ls_list_free(const struct neuron_ls_view *view, uint32_t device,
                    struct neuron_core_set **cores, struct neuron_error *error)
{
    return list_cores(view, device, true, cores, error);
}

/* Adds the CPUs of one core. */
static enum neuron_status
add_cpus(const struct neuron_ls_view *view, uint32_t core, struct neuron_core_set *cpus,
         struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    uint32_t cpu = neuron_topology_core_cpu(view->topology, core, 0);

    for (uint32_t i = 1; status == NEURON_OK && cpu != NEURON_NO_CPU; i += 1) {
        status = neuron_core_set_add(cpus, cpu, error);
        cpu = neuron_topology_core_cpu(view->topology, core, i);
    }
    return status;
}

enum neuron_status
neuron_ls_list_cpus(const struct neuron_ls_view *view, const struct neuron_core_set *cores,
                    struct neuron_core_set **cpus, struct neuron_error *error)
{
    struct neuron_core_set *created = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &created, error);

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_core_set_count(cores); i += 1) {
        uint32_t core = neuron_core_set_at(cores, i);

        if (core < neuron_topology_core_count(view->topology)) {
            status = add_cpus(view, core, created, error);
        }
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(created);
        return status;
    }
    *cpus = created;
    return NEURON_OK;
}

char *
neuron_ls_format_set(const struct neuron_core_set *set)
{
    size_t length = neuron_core_set_format(set, NULL, 0);
    char *text = malloc(length + 2);

    if (text != NULL && length == 0) {
        memcpy(text, "-", 2);
    } else if (text != NULL) {
        (void)neuron_core_set_format(set, text, length + 1);
    }
    return text;
}
