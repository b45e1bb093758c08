/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_table.h"

#include <stdio.h>
#include <string.h>

#include "node/short_command.h"
#include "top/columns.h"
#include "top/figures.h"
#include "top/process_name.h"
#include "top/wrapped_text.h"

enum {
    CORES_BYTES = 128, /* of a list of cores; longer ones are cut anyway */
    DEPTH_MAX = 8,     /* of what works inside a lease, as it is drawn */
    WIDTH_MAX = 24     /* of a column with names */
};

enum column {
    COLUMN_PID,
    COLUMN_USER,
    COLUMN_NAME,
    COLUMN_STATE,
    COLUMN_CORES,
    COLUMN_BUSY,
    COLUMN_USER_CPU,
    COLUMN_SYSTEM_CPU,
    COLUMN_RUNS,
    COLUMN_FAILED,
    COLUMN_RUN_P50,
    COLUMN_RUN_P99,
    COLUMN_REQUEST_P50,
    COLUMN_REQUEST_P99,
    COLUMN_MEMORY,
    COLUMN_COMMAND,
    COLUMN_COUNT
};

/* Those with names become as wide as these are, where there is room. */
static const struct neuron_column columns[COLUMN_COUNT] = {
    [COLUMN_PID] = {"PID", 7, 0, 5, false},
    [COLUMN_USER] = {"USER", 6, 0, 10, true},
    [COLUMN_NAME] = {"NAME", 8, 0, 1, true},
    [COLUMN_STATE] = {"S", 1, 0, 4, true},
    [COLUMN_CORES] = {"CORES", 5, 0, 7, true},
    [COLUMN_BUSY] = {"BUSY", 4, 0, 2, false},
    [COLUMN_USER_CPU] = {"UCPU", 5, 0, 11, false},
    [COLUMN_SYSTEM_CPU] = {"SCPU", 5, 0, 13, false},
    [COLUMN_RUNS] = {"RUNS/S", 6, 0, 3, false},
    [COLUMN_FAILED] = {"FAIL/S", 6, 0, 8, false},
    [COLUMN_RUN_P50] = {"RUN-P50", 7, 0, 16, false},
    [COLUMN_RUN_P99] = {"RUN-P99", 7, 0, 15, false},
    [COLUMN_REQUEST_P50] = {"REQ-P50", 7, 0, 14, false},
    [COLUMN_REQUEST_P99] = {"REQ-P99", 7, 0, 6, false},
    [COLUMN_MEMORY] = {"MEM", 5, 0, 9, false},
    [COLUMN_COMMAND] = {"COMMAND", 8, NEURON_CANVAS_LIMIT, 12, true},
};

uint32_t
neuron_process_core_count(const struct neuron_node_process *process)
{
    uint32_t count = process->cores == NULL ? 0 : neuron_core_set_count(process->cores);

    for (uint32_t i = 0; count == 0 && i < process->runtime_count; i += 1) {
        count = process->runtimes[i].core_count;
    }
    return count;
}

/* How deep a process stands below others, where it stands there. */
static uint32_t
depth_of(const struct neuron_node_sample *sample, enum neuron_process_order order,
         uint32_t position)
{
    uint32_t depth = 0;

    for (uint32_t parent = sample->processes[position].parent;
         order == NEURON_ORDER_CORES && depth < DEPTH_MAX && parent < sample->process_count;
         parent = sample->processes[parent].parent) {
        depth += 1;
    }
    return depth;
}

/* Writes a name behind blanks for what it stands below; with a pid where others have the same name,
   and in as many columns. The blanks take a quarter of these at most. */
static void
write_label(const struct neuron_node_sample *sample, uint32_t position, uint32_t depth,
            uint32_t width, char *text)
{
    char label[NEURON_PROCESS_LABEL_BYTES] = "";
    uint32_t blanks = depth < width / 4 ? depth : width / 4;

    (void)neuron_process_label(sample, position, width - blanks, label);
    (void)snprintf(text, NEURON_PROCESS_LABEL_BYTES + DEPTH_MAX, "%*s%s", (int)blanks, "", label);
}

/* The texts of a row that say who it is. */
struct names {
    char user[NEURON_NODE_USER_BYTES];
    char name[NEURON_PROCESS_LABEL_BYTES + DEPTH_MAX];
    char cores[CORES_BYTES];
};

/* depth: how many levels it stands below others. */
static void
find_names(const struct neuron_node_process *process, uint32_t depth, struct names *names)
{
    *names = (struct names){.name = "", .user = "-", .cores = "-"};
    memset(names->name, ' ', depth);
    (void)neuron_process_name(process, names->name + depth, sizeof(names->name) - depth);
    if (process->user[0] != '\0') {
        (void)snprintf(names->user, sizeof(names->user), "%s", process->user);
    }
    if (process->cores != NULL && neuron_core_set_count(process->cores) > 0) {
        (void)neuron_core_set_format(process->cores, names->cores, sizeof(names->cores));
    }
}

static void
put_names(const struct neuron_table *table, uint32_t row, const struct neuron_node_process *process,
          const struct names *names)
{
    char pid[NEURON_FIGURE_BYTES] = "-";
    /* All that cannot be seen are one row. */
    const char *strangers =
        neuron_process_core_count(process) == 1 ? "in another container" : "in other containers";
    char state[] = {process->stats.state, '\0'};
    /* Why it has no runs. */
    bool is_kept = neuron_process_obstacle(process->stats.state) != NULL;

    if (process->pid > 0) {
        (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    }
    neuron_table_put(table, row, COLUMN_PID, NEURON_STYLE_PLAIN, pid);
    neuron_table_put(table, row, COLUMN_USER, NEURON_STYLE_PLAIN, names->user);
    neuron_table_put(table, row, COLUMN_NAME, is_kept ? NEURON_STYLE_TROUBLE : NEURON_STYLE_NAME,
                     names->name);
    neuron_table_put(table, row, COLUMN_STATE, is_kept ? NEURON_STYLE_TROUBLE : NEURON_STYLE_PLAIN,
                     state[0] == '\0' ? "-" : state);
    neuron_table_put(table, row, COLUMN_CORES, NEURON_STYLE_PLAIN, names->cores);
    neuron_table_put(table, row, COLUMN_COMMAND, NEURON_STYLE_PLAIN,
                     process->pid == 0 ? strangers : neuron_short_command(process->command));
}

static void
widen(const struct neuron_canvas *canvas, const char *text, struct neuron_column *column)
{
    uint32_t width = neuron_canvas_measure(canvas, text);

    width = width < column->width_max ? column->width_max : width;
    column->width_max = width < WIDTH_MAX ? width : WIDTH_MAX;
}

/* Lets the columns with names be as wide as these are. */
static void
fit_columns(const struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
            enum neuron_process_order order, struct neuron_column *fitted)
{
    struct neuron_columns chosen;

    memcpy(fitted, columns, sizeof(columns));
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        struct names names;

        find_names(&sample->processes[i], depth_of(sample, order, i), &names);
        widen(canvas, names.user, &fitted[COLUMN_USER]);
        widen(canvas, names.name, &fitted[COLUMN_NAME]);
        widen(canvas, names.cores, &fitted[COLUMN_CORES]);
    }
    neuron_columns_choose(fitted, COLUMN_COUNT, canvas->width, &chosen);
    for (uint32_t i = 0; chosen.width[COLUMN_PID] == 0 && i < sample->process_count; i += 1) {
        char label[NEURON_PROCESS_LABEL_BYTES + DEPTH_MAX] = "";

        write_label(sample, i, depth_of(sample, order, i), WIDTH_MAX, label);
        widen(canvas, label, &fitted[COLUMN_NAME]);
    }
}

/* What its runtimes counted. */
static void
put_counts(const struct neuron_table *table, uint32_t row,
           const struct neuron_node_process *process, const struct neuron_process_rate *rate,
           double seconds)
{
    static const struct latency {
        enum column column;
        enum neuron_latency_position position;
        bool is_request;
    } latencies[] = {{COLUMN_RUN_P50, NEURON_LATENCY_P50, false},
                     {COLUMN_RUN_P99, NEURON_LATENCY_P99, false},
                     {COLUMN_REQUEST_P50, NEURON_LATENCY_P50, true},
                     {COLUMN_REQUEST_P99, NEURON_LATENCY_P99, true}};
    char text[NEURON_FIGURE_BYTES] = "";
    uint32_t core_count = neuron_process_core_count(process);
    double failed = seconds > 0 ? (double)rate->failed_count / seconds : 0;

    neuron_table_put(table, row, COLUMN_BUSY, NEURON_STYLE_PLAIN,
                     core_count == 0 ? "-"
                                     : neuron_figure_percent(rate->busy_cores / core_count, text));
    neuron_table_put(table, row, COLUMN_RUNS, NEURON_STYLE_PLAIN,
                     neuron_figure_count(rate->runs_per_s, text));
    neuron_table_put(table, row, COLUMN_FAILED,
                     rate->failed_count > 0 ? NEURON_STYLE_TROUBLE : NEURON_STYLE_PLAIN,
                     neuron_figure_count(failed, text));
    for (uint32_t i = 0; i < sizeof(latencies) / sizeof(latencies[0]); i += 1) {
        const double *values = latencies[i].is_request ? rate->request_s : rate->run_s;

        neuron_table_put(table, row, latencies[i].column, NEURON_STYLE_PLAIN,
                         neuron_figure_seconds(values[latencies[i].position], text));
    }
    neuron_table_put(table, row, COLUMN_MEMORY, NEURON_STYLE_PLAIN,
                     neuron_figure_bytes(neuron_process_memory(rate), text));
}

static void
put_processor(const struct neuron_table *table, uint32_t row,
              const struct neuron_process_rate *rate)
{
    char text[NEURON_FIGURE_BYTES] = "";

    neuron_table_put(table, row, COLUMN_USER_CPU, NEURON_STYLE_PLAIN,
                     neuron_figure_percent(rate->user_cpus, text));
    neuron_table_put(table, row, COLUMN_SYSTEM_CPU, NEURON_STYLE_PLAIN,
                     neuron_figure_percent(rate->system_cpus, text));
}

/* Of what has no runtime, or one that cannot be read, no counts are shown: they are not zero. */
static void
put_no_counts(const struct neuron_table *table, uint32_t row)
{
    for (uint32_t column = COLUMN_BUSY; column <= COLUMN_MEMORY; column += 1) {
        if (column != COLUMN_USER_CPU && column != COLUMN_SYSTEM_CPU) {
            neuron_table_put(table, row, column, NEURON_STYLE_FAINT, "-");
        }
    }
}

void
neuron_process_trouble_add(struct neuron_canvas *canvas, const struct neuron_node_process *process,
                           uint32_t indent)
{
    if (process->trouble[0] != '\0') {
        neuron_wrapped_text_add(canvas, indent, NEURON_STYLE_TROUBLE, process->trouble);
    }
}

void
neuron_process_table_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                         const struct neuron_node_rates *rates, enum neuron_process_order order,
                         const uint32_t *positions)
{
    struct neuron_column fitted[COLUMN_COUNT];
    struct neuron_table table = {.canvas = canvas, .columns = fitted, .column_count = COLUMN_COUNT};

    if (sample->process_count == 0) {
        neuron_wrapped_text_add(canvas, 0, NEURON_STYLE_FAINT, "No process holds cores.");
        return;
    }
    fit_columns(canvas, sample, order, fitted);
    neuron_table_begin(&table);
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        const struct neuron_node_process *process = &sample->processes[positions[i]];
        const struct neuron_process_rate *rate = &rates->processes[positions[i]];
        uint32_t row = neuron_canvas_add_row(canvas);
        struct names names;

        uint32_t depth = depth_of(sample, order, positions[i]);

        find_names(process, depth, &names);
        if (table.chosen.width[COLUMN_PID] == 0) {
            write_label(sample, positions[i], depth, table.chosen.width[COLUMN_NAME], names.name);
        }
        put_names(&table, row, process, &names);
        put_processor(&table, row, rate);
        if (process->runtime_count > 0) {
            put_counts(&table, row, process, rate, rates->seconds);
        } else {
            put_no_counts(&table, row);
        }
        neuron_process_trouble_add(canvas, process, 2);
    }
}
