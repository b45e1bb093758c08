/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "top/columns.h"
#include "top/core_block.h"
#include "top/figures.h"
#include "top/memory_table.h"
#include "top/model_tree.h"
#include "top/process_name.h"
#include "top/process_table.h"
#include "top/wrapped_text.h"

enum { LINE_BYTES = 960, CORES_BYTES = 256 };

static const char *
name_kind(enum neuron_core_lease_kind kind)
{
    switch (kind) {
    case NEURON_CORE_LEASE_USE:
        return "uses";
    case NEURON_CORE_LEASE_RESERVATION:
        return "reserves";
    case NEURON_CORE_LEASE_SHARED:
        return "shares";
    case NEURON_CORE_LEASE_BORROWED:
        return "borrows";
    }
    return "holds";
}

/* A text, or "-" where the kernel does not tell it. */
static const char *
or_dash(const char *text)
{
    return text[0] == '\0' ? "-" : text;
}

static void
add_identity(struct neuron_canvas *canvas, const struct neuron_node_process *process)
{
    char name[NEURON_PROCESS_NAME_BYTES] = "";
    char cores[CORES_BYTES] = "";
    char line[LINE_BYTES] = "";

    if (process->cores != NULL) {
        (void)neuron_core_set_format(process->cores, cores, sizeof(cores));
    }
    (void)snprintf(line, sizeof(line), "%s  pid %d  user %s  since %s  %s cores %s",
                   neuron_process_name(process, name, sizeof(name)), (int)process->pid,
                   or_dash(process->user), or_dash(process->since), name_kind(process->kind),
                   cores[0] == '\0' ? "of others" : cores);
    neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_TITLE, line);
    neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_PLAIN, process->command);
    neuron_process_trouble_add(canvas, process, 0);
}

/* Adds a line with what is counted by how it ended; none where nothing is. */
static void
add_ends(struct neuron_canvas *canvas, const char *what, const uint64_t *counts, bool has_good)
{
    char line[LINE_BYTES] = "";
    size_t length = 0;

    for (uint32_t i = has_good ? 0 : 1; i < NEURON_COUNTER_STATUSES; i += 1) {
        if (counts[i] > 0 && length < sizeof(line)) {
            length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%" PRIu64 " %s",
                                       length == 0 ? what : ", ", counts[i],
                                       i == 0 ? "done" : neuron_status_name((enum neuron_status)i));
        }
    }
    neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_TROUBLE, line);
}

static void
add_work(struct neuron_canvas *canvas, const struct neuron_node_process *process,
         const struct neuron_process_rate *rate, double seconds)
{
    char line[LINE_BYTES] = "";
    char figures[5][NEURON_FIGURE_BYTES] = {""};
    uint32_t core_count = neuron_process_core_count(process);

    (void)snprintf(
        line, sizeof(line), "busy %s  %s runs/s  CPU user %s system %s  resident %s  %u threads",
        core_count == 0 || process->runtime_count == 0
            ? "-"
            : neuron_figure_percent(rate->busy_cores / core_count, figures[0]),
        process->runtime_count == 0 ? "-" : neuron_figure_count(rate->runs_per_s, figures[1]),
        neuron_figure_percent(rate->user_cpus, figures[2]),
        neuron_figure_percent(rate->system_cpus, figures[3]),
        neuron_figure_bytes(process->stats.resident_bytes, figures[4]),
        process->stats.thread_count);
    neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_PLAIN, line);
    const char *obstacle = neuron_process_obstacle(process->stats.state);
    if (obstacle != NULL) {
        (void)snprintf(line, sizeof(line), "state %c: %s", process->stats.state, obstacle);
        neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_TROUBLE, line);
    }
    (void)snprintf(line, sizeof(line), "runs in %.1f s: ", seconds);
    if (rate->failed_count > 0) {
        add_ends(canvas, line, rate->ended, true);
    }
    (void)snprintf(line, sizeof(line), "refused in %.1f s: ", seconds);
    add_ends(canvas, line, rate->refused, false);
}

/* Adds a table of the quantiles. */
static void
add_latencies(struct neuron_canvas *canvas, const struct neuron_process_rate *rate)
{
    static const struct neuron_column columns[1 + NEURON_LATENCY_QUANTILES] = {
        {"LATENCY", 8, 0, 1, true}, {"P0", 7, 0, 7, false},  {"P1", 7, 0, 6, false},
        {"P25", 7, 0, 5, false},    {"P50", 7, 0, 2, false}, {"P75", 7, 0, 4, false},
        {"P99", 7, 0, 3, false},    {"P100", 7, 0, 8, false}};
    static const char *const labels[] = {"run", "request"};
    struct neuron_table table = {
        .canvas = canvas, .columns = columns, .column_count = 1 + NEURON_LATENCY_QUANTILES};
    char text[NEURON_FIGURE_BYTES] = "";

    neuron_table_begin(&table);
    for (uint32_t i = 0; i < 2; i += 1) {
        uint32_t row = neuron_canvas_add_row(canvas);
        const double *values = i == 0 ? rate->run_s : rate->request_s;

        neuron_table_put(&table, row, 0, NEURON_STYLE_PLAIN, labels[i]);
        for (uint32_t k = 0; k < NEURON_LATENCY_QUANTILES; k += 1) {
            neuron_table_put(&table, row, 1 + k, NEURON_STYLE_PLAIN,
                             neuron_figure_seconds(values[k], text));
        }
    }
}

void
neuron_process_page_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                        const struct neuron_node_rates *rates, uint32_t process, uint32_t row_limit)
{
    const struct neuron_node_process *shown = &sample->processes[process];
    const struct neuron_process_rate *rate = &rates->processes[process];

    add_identity(canvas, shown);
    add_work(canvas, shown, rate, rates->seconds);
    if (shown->cores != NULL) {
        neuron_core_block_add(canvas, sample, rates, shown->cores, row_limit);
    }
    if (shown->runtime_count == 0) {
        if (shown->trouble[0] == '\0') {
            neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_FAINT,
                                    "This process has no runtime: nothing runs in it.");
        }
        return;
    }
    (void)neuron_canvas_add_row(canvas);
    add_latencies(canvas, rate);
    (void)neuron_canvas_add_row(canvas);
    neuron_memory_table_add(canvas, sample, rates, process);
    (void)neuron_canvas_add_row(canvas);
    neuron_model_tree_add(canvas, sample, process);
}
