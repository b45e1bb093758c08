/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus finds rates itself: all but memory is counted from the beginning of a process. */
#include "monitor/metrics_page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/clock.h"
#include "neuron/metric_label.h"

#include "monitor/latency_histogram.h"
#include "monitor/process_cores.h"
#include "node/execution_counts.h"
#include "node/node_rates.h"
#include "node/process_tag.h"

const char neuron_metrics_page_mark[] = "# Written by neuron-monitor, which replaces this file.\n";

struct page {
    FILE *stream;
    const struct neuron_metrics *metrics;
    struct neuron_process_cores cores;
    const char *name; /* of the metrics that are printed */
    bool has_failed;  /* for want of memory */
};

/* Metrics of one name, of each process that is asked for. */
struct family {
    enum neuron_metric_group group; /* NEURON_METRIC_GROUPS for those of every process */
    const char *name;
    const char *type;
    const char *help;
    void (*print)(struct page *page, const struct neuron_node_process *process);
};

static void
print_head(struct page *page, const char *name, const char *type, const char *help)
{
    (void)fprintf(page->stream, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    page->name = name;
}

static void
print_label(struct page *page, const char *name, const char *value)
{
    (void)fprintf(page->stream, ",%s=", name);
    page->has_failed = !neuron_metric_label_print(page->stream, value) || page->has_failed;
}

/* Name and labels that all metrics of a process begin with; more, and "}", follow. */
static void
print_begin(struct page *page, const char *suffix, const struct neuron_node_process *process)
{
    (void)fprintf(page->stream, "%s%s{pid=\"%d\"", page->name, suffix, (int)process->pid);
    const char *tag = neuron_node_tag_of(process);

    print_label(page, "runtime_tag", tag == NULL ? "" : tag);
}

static void
print_count(struct page *page, uint64_t count)
{
    (void)fprintf(page->stream, "} %" PRIu64 "\n", count);
}

static void
print_seconds(struct page *page, double seconds)
{
    (void)fprintf(page->stream, "} %.9f\n", seconds);
}

static void
print_process(struct page *page, const struct neuron_node_process *process)
{
    print_begin(page, "", process);
    print_label(page, "user", process->user);
    print_label(page, "version",
                process->runtime_count > 0 ? process->runtimes[0].runtime_version : "");
    print_label(page, "error", process->trouble);
    print_count(page, 1);
}

static void
print_models(struct page *page, const struct neuron_node_process *process)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        count += process->runtimes[i].module_count;
    }
    print_begin(page, "", process);
    print_count(page, count);
}

static void
print_cores(struct page *page, const struct neuron_node_process *process)
{
    static const struct neuron_node_sample nothing = {0};
    enum neuron_status status = neuron_process_cores_find(
        &nothing, process, neuron_topology_core_count(page->metrics->topology),
        page->metrics->ns_per_stamp, &page->cores, NULL);

    page->has_failed = status != NEURON_OK || page->has_failed;
    for (uint32_t i = 0; i < page->cores.count; i += 1) {
        const struct neuron_process_core *core = &page->cores.cores[i];

        if (core->is_used) {
            print_begin(page, "", process);
            (void)fprintf(page->stream, ",neuroncore=\"%" PRIu32 "\",neuron_device=\"%" PRIu32 "\"",
                          i, core->device);
            print_seconds(page, core->busy_s);
        }
    }
}

/* The counts of all runtimes of a process together. */
static struct neuron_execution_counts
sum_counts(const struct neuron_node_process *process)
{
    static const uint64_t none[NEURON_COUNTER_STATUSES] = {0};
    struct neuron_execution_counts counts = {0};

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];

        neuron_execution_counts_add(none, runtime->refused, &counts);
        for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
            neuron_execution_counts_add(runtime->cores[nc].ended, none, &counts);
        }
    }
    return counts;
}

static void
print_counts(struct page *page, const struct neuron_node_process *process, const char *label,
             const char *const *names, const uint64_t *counts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        print_begin(page, "", process);
        print_label(page, label, names[i]);
        print_count(page, counts[i]);
    }
}

static void
print_ends(struct page *page, const struct neuron_node_process *process)
{
    struct neuron_execution_counts counts = sum_counts(process);

    print_counts(page, process, "status_type", neuron_execution_end_names, counts.ends,
                 NEURON_EXECUTION_ENDS);
}

static void
print_faults(struct page *page, const struct neuron_node_process *process)
{
    struct neuron_execution_counts counts = sum_counts(process);

    print_counts(page, process, "error_type", neuron_execution_fault_names, counts.faults,
                 NEURON_EXECUTION_FAULTS);
}

static void
print_histogram(struct page *page, const struct neuron_node_process *process,
                const struct neuron_latency_histogram *histogram)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i <= NEURON_HISTOGRAM_BOUNDS; i += 1) {
        count += histogram->counts[i];
        print_begin(page, "_bucket", process);
        if (i < NEURON_HISTOGRAM_BOUNDS) {
            (void)fprintf(page->stream, ",le=\"%g\"", neuron_histogram_bounds_s[i]);
        } else {
            (void)fputs(",le=\"+Inf\"", page->stream);
        }
        print_count(page, count);
    }
    print_begin(page, "_sum", process);
    print_seconds(page, histogram->sum_s);
    print_begin(page, "_count", process);
    print_count(page, count);
}

static void
print_runs(struct page *page, const struct neuron_node_process *process)
{
    struct neuron_latency_histogram histogram = {0};

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];

        neuron_latency_histogram_add(&runtime->run_times,
                                     neuron_monitor_stamp_ns(runtime, page->metrics->ns_per_stamp),
                                     &histogram);
    }
    print_histogram(page, process, &histogram);
}

static void
print_requests(struct page *page, const struct neuron_node_process *process)
{
    struct neuron_latency_histogram histogram = {0};

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];

        neuron_latency_histogram_add(&runtime->request_times,
                                     neuron_monitor_stamp_ns(runtime, page->metrics->ns_per_stamp),
                                     &histogram);
    }
    print_histogram(page, process, &histogram);
}

static void
add_memory(const struct neuron_counter_sample *runtime, uint64_t *bytes)
{
    for (uint32_t i = 0; i < runtime->memory_count; i += 1) {
        for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
            bytes[use] += runtime->memory[i].bytes[use];
        }
    }
}

static void
print_memory(struct page *page, const struct neuron_node_process *process)
{
    static const char *const uses[NEURON_MEMORY_USES] = {"weights", "arenas", "stages", "buffers"};

    uint64_t bytes[NEURON_MEMORY_USES] = {0};

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        add_memory(&process->runtimes[i], bytes);
    }
    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        print_begin(page, "", process);
        print_label(page, "use", uses[use]);
        print_count(page, bytes[use]);
    }
}

static void
print_resident(struct page *page, const struct neuron_node_process *process)
{
    print_begin(page, "", process);
    print_count(page, process->stats.resident_bytes);
}

static void
print_vcpu(struct page *page, const struct neuron_node_process *process)
{
    print_begin(page, "", process);
    (void)fputs(",usage_type=\"user\"", page->stream);
    print_seconds(page, (double)process->stats.user_ns / NEURON_NS_PER_S);
    print_begin(page, "", process);
    (void)fputs(",usage_type=\"system\"", page->stream);
    print_seconds(page, (double)process->stats.system_ns / NEURON_NS_PER_S);
}

static const struct family families[] = {
    {NEURON_METRIC_GROUPS, "neuron_process_info", "gauge",
     "A process with a runtime, always 1; error says why nothing else is known of it.",
     print_process},
    {NEURON_GROUP_CORES, "neuron_core_busy_seconds_total", "counter",
     "Time in which a core was in requests.", print_cores},
    {NEURON_GROUP_EXECUTION, "execution_status_total", "counter",
     "Runs and refused calls, by how they ended; a name of the Neuron tool's exporter.",
     print_ends},
    {NEURON_GROUP_EXECUTION, "execution_errors_total", "counter",
     "Runs and calls without results, by the kind of error; a name of the Neuron tool's exporter.",
     print_faults},
    {NEURON_GROUP_EXECUTION, "neuron_run_seconds", "histogram", "What runs took on their cores.",
     print_runs},
    {NEURON_GROUP_EXECUTION, "neuron_request_seconds", "histogram",
     "What requests took, from being handed over to the end.", print_requests},
    {NEURON_GROUP_MEMORY, "neuron_device_memory_used_bytes", "gauge",
     "Memory of devices, by what it is used for.", print_memory},
    {NEURON_GROUP_MEMORY, "neuron_process_resident_bytes", "gauge",
     "Memory of the process, that of devices included.", print_resident},
    {NEURON_GROUP_MEMORY, "neuron_loaded_models", "gauge", "Models that are loaded.", print_models},
    {NEURON_GROUP_VCPU, "neuron_process_cpu_seconds_total", "counter",
     "Processor time of all threads of the process.", print_vcpu},
};

/* Says whether a group is asked for of a process. Those in other containers have no number. */
static bool
is_wanted(const struct page *page, const struct neuron_node_process *process,
          enum neuron_metric_group group)
{
    const struct neuron_monitor_selection *selection =
        neuron_monitor_config_select(page->metrics->config, process->tag);

    if (selection == NULL || process->pid == 0) {
        return false;
    }
    if (group == NEURON_METRIC_GROUPS) {
        return process->runtime_count > 0 || process->trouble[0] != '\0';
    }
    return process->runtime_count > 0 && selection->period_ns[group] != 0;
}

static void
print_family(struct page *page, const struct family *family)
{
    const struct neuron_node_sample *sample = page->metrics->sample;

    print_head(page, family->name, family->type, family->help);
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (is_wanted(page, &sample->processes[i], family->group)) {
            family->print(page, &sample->processes[i]);
        }
    }
}

static void
print_machine(struct page *page)
{
    const struct neuron_topology *topology = page->metrics->topology;

    print_head(page, "neuron_monitor_time_seconds", "gauge",
               "When this was read, since the epoch.");
    (void)fprintf(page->stream, "%s %.3f\n", page->name,
                  (double)page->metrics->sample->wall_time_ns / NEURON_NS_PER_S);
    print_head(page, "neuron_core_count", "gauge", "Cores of the machine.");
    (void)fprintf(page->stream, "%s %" PRIu32 "\n", page->name,
                  neuron_topology_core_count(topology));
    print_head(page, "neuron_unreadable_processes", "gauge",
               "Processes whose counters cannot be read, those of other containers included.");
    (void)fprintf(page->stream, "%s %" PRIu32 "\n", page->name,
                  neuron_node_unreadable_count(page->metrics->sample));
    print_head(page, "neuron_device_memory_bytes", "gauge", "Memory that a device has.");
    for (uint32_t i = 0; i < neuron_topology_device_count(topology); i += 1) {
        uint64_t bytes = neuron_topology_device_memory(topology, i);

        if (bytes != UINT64_MAX) {
            (void)fprintf(page->stream, "%s{neuron_device=\"%" PRIu32 "\"} %" PRIu64 "\n",
                          page->name, i, bytes);
        }
    }
}

/* The oldest runtime that uses the processor's counter, of a process and of one found before. */
static const struct neuron_counter_sample *
find_oldest(const struct neuron_node_process *process, const struct neuron_counter_sample *oldest)
{
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];
        bool is_older = oldest == NULL || runtime->begin_ns < oldest->begin_ns;

        oldest = runtime->ns_per_stamp != 1.0 && is_older ? runtime : oldest;
    }
    return oldest;
}

double
neuron_metrics_find_rate(const struct neuron_node_sample *sample)
{
    const struct neuron_counter_sample *oldest = NULL;

    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        oldest = find_oldest(&sample->processes[i], oldest);
    }
    return oldest == NULL ? 0 : oldest->ns_per_stamp;
}

enum neuron_status
neuron_metrics_page_make(const struct neuron_metrics *metrics, char **bytes, size_t *size_bytes,
                         struct neuron_error *error)
{
    struct page page = {.metrics = metrics};
    char *made = NULL;
    size_t length = 0;

    page.stream = open_memstream(&made, &length);
    if (page.stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a page of metrics");
    }
    (void)fputs(neuron_metrics_page_mark, page.stream);
    print_machine(&page);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i += 1) {
        print_family(&page, &families[i]);
    }
    neuron_process_cores_clear(&page.cores);
    bool has_failed = ferror(page.stream) != 0 || page.has_failed;
    if (fclose(page.stream) != 0 || has_failed) {
        free(made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a page of metrics");
    }
    *bytes = made;
    *size_bytes = length;
    return NEURON_OK;
}
