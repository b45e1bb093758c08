/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/report_system.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "monitor/report_runtime.h"

enum { INDEX_BYTES = 16, PERCENT_DECIMALS = 4, TIMES = 7 };

static const char *const time_names[TIMES] = {"user",    "nice", "system",  "idle",
                                              "io_wait", "irq",  "soft_irq"};

/* The times of a CPU in the order of their names. */
static void
list_times(const struct neuron_cpu_times *cpu, uint64_t times[TIMES])
{
    const uint64_t listed[TIMES] = {cpu->user_ns,    cpu->nice_ns, cpu->system_ns,  cpu->idle_ns,
                                    cpu->io_wait_ns, cpu->irq_ns,  cpu->soft_irq_ns};

    memcpy(times, listed, sizeof(listed));
}

/* Parts of the time between two looks in percent; all zero where nothing has passed. */
static void
add_usage(const char *name, const struct neuron_cpu_times *before,
          const struct neuron_cpu_times *after, struct neuron_json_text *text)
{
    uint64_t earlier[TIMES] = {0};
    uint64_t times[TIMES] = {0};
    uint64_t sum = 0;

    list_times(before, earlier);
    list_times(after, times);
    for (uint32_t i = 0; i < TIMES; i += 1) {
        /* The kernel's counts of idle time may go back. */
        times[i] = times[i] > earlier[i] ? times[i] - earlier[i] : 0;
        sum += times[i];
    }
    neuron_json_text_open_object(text, name);
    for (uint32_t i = 0; i < TIMES; i += 1) {
        double part = sum == 0 ? 0 : (double)times[i] / (double)sum;

        neuron_json_text_add_decimal(text, time_names[i], part * 100, PERCENT_DECIMALS);
    }
    neuron_json_text_close_object(text);
}

/* A CPU in an earlier look; one without times where it was not online. */
static const struct neuron_cpu_times *
find_cpu(const struct neuron_host_stats *host, uint32_t cpu)
{
    static const struct neuron_cpu_times none = {0};

    for (uint32_t i = 0; i < host->cpu_count; i += 1) {
        if (host->cpus[i].cpu == cpu) {
            return &host->cpus[i];
        }
    }
    return &none;
}

static void
add_vcpu(const struct neuron_monitor_view *view, const struct neuron_monitor_round *round,
         struct neuron_json_text *text)
{
    const struct neuron_host_stats *before = &round->before->host;
    const struct neuron_host_stats *after = &view->sample->host;

    neuron_report_open_group(NEURON_GROUP_SYSTEM_VCPU, round, text);
    add_usage("average_usage", &before->all, &after->all, text);
    neuron_json_text_open_object(text, "usage_data");
    for (uint32_t i = 0; i < after->cpu_count; i += 1) {
        char name[INDEX_BYTES] = "";

        (void)snprintf(name, sizeof(name), "%" PRIu32, after->cpus[i].cpu);
        add_usage(name, find_cpu(before, after->cpus[i].cpu), &after->cpus[i], text);
    }
    neuron_json_text_close_object(text);
    neuron_report_close_group(text);
}

static void
add_used(const char *total_name, const char *used_name, uint64_t total, uint64_t left,
         struct neuron_json_text *text)
{
    neuron_json_text_add_unsigned(text, total_name, total);
    neuron_json_text_add_unsigned(text, used_name, total > left ? total - left : 0);
}

static void
add_memory(const struct neuron_monitor_view *view, const struct neuron_monitor_round *round,
           struct neuron_json_text *text)
{
    const struct neuron_host_stats *host = &view->sample->host;

    neuron_report_open_group(NEURON_GROUP_SYSTEM_MEMORY, round, text);
    add_used("memory_total_bytes", "memory_used_bytes", host->memory_total_bytes,
             host->memory_available_bytes, text);
    add_used("swap_total_bytes", "swap_used_bytes", host->swap_total_bytes, host->swap_free_bytes,
             text);
    neuron_report_close_group(text);
}

/* No CPU counts these where a process may read it: always 0. */
static void
add_hardware(const struct neuron_monitor_view *view, const struct neuron_monitor_round *round,
             struct neuron_json_text *text)
{
    static const char *const events[] = {"mem_ecc_corrected", "mem_ecc_uncorrected",
                                         "sram_ecc_uncorrected", "sram_ecc_corrected"};

    neuron_report_open_group(NEURON_GROUP_HARDWARE, round, text);
    neuron_json_text_open_array(text, "neuron_devices");
    for (uint32_t i = 0; i < neuron_topology_device_count(view->topology); i += 1) {
        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "neuron_device_index", i);
        for (size_t j = 0; j < sizeof(events) / sizeof(events[0]); j += 1) {
            neuron_json_text_add_unsigned(text, events[j], 0);
        }
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
    neuron_report_close_group(text);
}

void
neuron_report_add_system(const struct neuron_monitor_view *view, struct neuron_json_text *text)
{
    const uint64_t *periods = view->config->system_period_ns;
    const struct neuron_monitor_round *vcpu =
        neuron_monitor_round_find(view, periods[NEURON_GROUP_SYSTEM_VCPU - NEURON_RUNTIME_GROUPS]);
    const struct neuron_monitor_round *memory = neuron_monitor_round_find(
        view, periods[NEURON_GROUP_SYSTEM_MEMORY - NEURON_RUNTIME_GROUPS]);
    const struct neuron_monitor_round *hardware =
        neuron_monitor_round_find(view, periods[NEURON_GROUP_HARDWARE - NEURON_RUNTIME_GROUPS]);

    neuron_json_text_open_object(text, "system_data");
    if (memory != NULL) {
        add_memory(view, memory, text);
    }
    if (vcpu != NULL) {
        add_vcpu(view, vcpu, text);
    }
    if (hardware != NULL) {
        add_hardware(view, hardware, text);
    }
    neuron_json_text_close_object(text);
}

/* What a cloud would know; the members are there for those who read them. */
static void
add_instance(const struct neuron_monitor_view *view, struct neuron_json_text *text)
{
    static const char *const unknown[] = {"instance_availability_zone",
                                          "instance_availability_zone_id", "instance_region",
                                          "ami_id", "subnet_id"};

    neuron_json_text_open_object(text, "instance_info");
    neuron_json_text_add_string(text, "instance_name", view->host);
    neuron_json_text_add_string(text, "instance_id", view->host);
    neuron_json_text_add_string(text, "instance_type",
                                neuron_topology_is_invented(view->topology) ? "invented" : "cpu");
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i += 1) {
        neuron_json_text_add_string(text, unknown[i], "");
    }
    neuron_json_text_add_string(text, "error", "");
    neuron_json_text_close_object(text);
}

static void
add_bytes(const char *name, uint64_t bytes, struct neuron_json_text *text)
{
    if (bytes == UINT64_MAX) {
        neuron_json_text_add_null(text, name);
    } else {
        neuron_json_text_add_unsigned(text, name, bytes);
    }
}

static void
add_device(const struct neuron_topology *topology, uint32_t device, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "neuron_device_index", device);
    add_bytes("memory_size", neuron_topology_device_memory(topology, device), text);
    neuron_json_text_open_array(text, "neuroncores");
    for (uint32_t core = 0; core < neuron_topology_core_count(topology); core += 1) {
        if (neuron_topology_device_of(topology, core) == device) {
            neuron_json_text_add_unsigned(text, NULL, core);
        }
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
}

void
neuron_report_add_machine(const struct neuron_monitor_view *view, struct neuron_json_text *text)
{
    const struct neuron_topology *topology = view->topology;
    uint32_t core_count = neuron_topology_core_count(topology);
    uint32_t first_count = 0;

    for (uint32_t core = 0; core < core_count; core += 1) {
        first_count += neuron_topology_device_of(topology, core) == 0 ? 1 : 0;
    }
    add_instance(view, text);
    neuron_json_text_open_object(text, "neuron_hardware_info");
    neuron_json_text_add_string(text, "neuron_device_type", "cpu");
    neuron_json_text_add_string(text, "neuron_device_version", "");
    neuron_json_text_add_string(text, "neuroncore_version", "");
    neuron_json_text_add_unsigned(text, "neuron_device_count",
                                  neuron_topology_device_count(topology));
    add_bytes("neuron_device_memory_size", neuron_topology_device_memory(topology, 0), text);
    neuron_json_text_add_unsigned(text, "neuroncore_per_device_count", first_count);
    neuron_json_text_add_unsigned(text, "logical_neuroncore_config", 1);
    neuron_json_text_add_unsigned(text, "neuroncore_count", core_count);
    neuron_json_text_open_array(text, "devices");
    for (uint32_t device = 0; device < neuron_topology_device_count(topology); device += 1) {
        add_device(topology, device, text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_add_string(text, "error", "");
    neuron_json_text_close_object(text);
}
