/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/memory_share.h"
#include "monitor/report_runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/execution_json.h"

enum { INDEX_BYTES = 16 };

static uint64_t
sum_uses(const uint64_t *bytes)
{
    uint64_t sum = 0;

    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        sum += bytes[use];
    }
    return sum;
}

/* The host's part by the Neuron tool's names: all that is resident and not the device's. */
static void
add_host(const char *total_name, uint64_t bytes, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, total_name);
    neuron_json_text_add_unsigned(text, "application_memory", bytes);
    neuron_json_text_add_unsigned(text, "constants", 0);
    neuron_json_text_add_unsigned(text, "dma_buffers", 0);
    neuron_json_text_add_unsigned(text, "tensors", 0);
    neuron_json_text_close_object(text);
}

/* Those of a core. */
static void
add_core_uses(const char *core, const uint64_t *bytes, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, core);
    neuron_json_text_add_unsigned(text, "constants", bytes[NEURON_MEMORY_WEIGHTS]);
    neuron_json_text_add_unsigned(text, "model_code", 0);
    neuron_json_text_add_unsigned(text, "model_shared_scratchpad", bytes[NEURON_MEMORY_ARENA]);
    neuron_json_text_add_unsigned(text, "runtime_memory", bytes[NEURON_MEMORY_STAGES]);
    neuron_json_text_add_unsigned(text, "tensors", bytes[NEURON_MEMORY_BUFFER]);
    neuron_json_text_close_object(text);
}

static void
add_total(const struct neuron_reported_process *reported, const struct neuron_monitor_round *round,
          struct neuron_json_text *text)
{
    const struct neuron_node_process *process =
        &reported->view->sample->processes[reported->position];
    uint64_t device = sum_uses(round->rates->processes[reported->position].memory_bytes);
    uint64_t resident = process->stats.resident_bytes;
    uint64_t host = resident > device ? resident - device : 0;

    neuron_json_text_open_object(text, "neuron_runtime_used_bytes");
    neuron_json_text_add_unsigned(text, "host", host);
    neuron_json_text_add_unsigned(text, "neuron_device", device);
    neuron_json_text_open_object(text, "usage_breakdown");
    add_host("host", host, text);
    neuron_json_text_open_object(text, "neuroncore_memory_usage");
    for (uint32_t core = 0; core < reported->cores->count; core += 1) {
        char name[INDEX_BYTES] = "";

        (void)snprintf(name, sizeof(name), "%" PRIu32, core);
        if (reported->cores->cores[core].is_used) {
            add_core_uses(name, reported->cores->cores[core].memory_bytes, text);
        }
    }
    neuron_json_text_close_object(text);
    neuron_json_text_close_object(text);
    neuron_json_text_add_unsigned(text, "resident", resident);
    neuron_json_text_close_object(text);
}

static void
add_owner(const struct neuron_memory_sample *owner, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_string(text, "name", owner->name);
    if (owner->device == UINT32_MAX) {
        neuron_json_text_add_null(text, "neuron_device_index");
    } else {
        neuron_json_text_add_unsigned(text, "neuron_device_index", owner->device);
    }
    neuron_json_text_add_unsigned(text, "weights", owner->bytes[NEURON_MEMORY_WEIGHTS]);
    neuron_json_text_add_unsigned(text, "arenas", owner->bytes[NEURON_MEMORY_ARENA]);
    neuron_json_text_add_unsigned(text, "stages", owner->bytes[NEURON_MEMORY_STAGES]);
    neuron_json_text_add_unsigned(text, "buffers", owner->bytes[NEURON_MEMORY_BUFFER]);
    neuron_json_text_add_unsigned(text, "peak", owner->peak_bytes);
    neuron_json_text_close_object(text);
}

/* What is known exactly: by device and owner. */
static void
add_owners(const struct neuron_node_process *process, struct neuron_json_text *text)
{
    neuron_json_text_open_array(text, "memory_owners");
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        for (uint32_t j = 0; j < process->runtimes[i].memory_count; j += 1) {
            add_owner(&process->runtimes[i].memory[j], text);
        }
    }
    neuron_json_text_close_array(text);
}

/* What a model has on a core. */
static void
add_subgraph(const char *name, const struct neuron_counter_sample *runtime, uint32_t module,
             uint32_t nc, struct neuron_json_text *text)
{
    uint64_t bytes[NEURON_MEMORY_USES] = {0};

    neuron_memory_share_module(runtime, module, nc, bytes);
    neuron_json_text_open_object(text, name);
    neuron_json_text_open_object(text, "memory_used_bytes");
    neuron_json_text_add_unsigned(text, "host", 0);
    neuron_json_text_add_unsigned(text, "neuron_device", sum_uses(bytes));
    neuron_json_text_open_object(text, "usage_breakdown");
    add_host("host", 0, text);
    add_core_uses("neuron_device", bytes, text);
    neuron_json_text_close_object(text);
    neuron_json_text_close_object(text);
    neuron_json_text_add_unsigned(text, "neuroncore_index", runtime->cores[nc].core);
    neuron_json_text_add_unsigned(text, "neuron_device_index", runtime->cores[nc].device);
    neuron_json_text_close_object(text);
}

static void
add_model(const struct neuron_counter_sample *runtime, uint32_t position,
          struct neuron_json_text *text)
{
    const struct neuron_module_sample *module = &runtime->modules[position];
    uint32_t count = 0;

    neuron_json_text_open_object(text, NULL);
    neuron_node_add_model(module, text);
    neuron_json_text_open_object(text, "subgraphs");
    for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
        char name[INDEX_BYTES] = "";

        if (neuron_memory_module_has_core(module, nc)) {
            (void)snprintf(name, sizeof(name), "sg_%02" PRIu32, count);
            add_subgraph(name, runtime, position, nc, text);
            count += 1;
        }
    }
    neuron_json_text_close_object(text);
    neuron_json_text_close_object(text);
}

static void
add_models(const struct neuron_node_process *process, struct neuron_json_text *text)
{
    neuron_json_text_open_array(text, "loaded_models");
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        for (uint32_t j = 0; j < process->runtimes[i].module_count; j += 1) {
            add_model(&process->runtimes[i], j, text);
        }
    }
    neuron_json_text_close_array(text);
}

void
neuron_report_add_memory(const struct neuron_reported_process *reported,
                         const struct neuron_monitor_round *round, struct neuron_json_text *text)
{
    const struct neuron_node_process *process =
        &reported->view->sample->processes[reported->position];

    neuron_report_open_group(NEURON_GROUP_MEMORY, round, text);
    add_total(reported, round, text);
    add_models(process, text);
    add_owners(process, text);
    neuron_report_close_group(text);
}
