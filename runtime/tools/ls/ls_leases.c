/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_tables.h"

#include <stdlib.h>
#include <string.h>

#include "ls/text_table.h"
#include "node/process_tag.h"

enum {
    NUMBER_BYTES = 24,
    CORES_COLUMNS = 20,
    USER_COLUMNS = 10,
    TAG_COLUMNS = 16,
    INDENT = 2,
    INDENT_LIMIT = 16 /* levels that are told apart */
};

static const struct neuron_text_column narrow_columns[] = {
    {.head = "CORES", .limit = CORES_COLUMNS},
    {.head = "PID", .is_right = true},
    {.head = "USER", .limit = USER_COLUMNS},
    {.head = "SINCE"},
    {.head = "TAG", .is_optional = true, .limit = TAG_COLUMNS},
    {.head = "COMMAND"},
};

static const struct neuron_text_column wide_columns[] = {
    {.head = "CORES"},
    {.head = "CPUS"},
    {.head = "KIND"},
    {.head = "DEPTH", .is_right = true},
    {.head = "PID", .is_right = true},
    {.head = "USER"},
    {.head = "SINCE"},
    {.head = "STATE"},
    {.head = "MEMORY", .is_right = true},
    {.head = "DEVICE-MEMORY", .is_right = true},
    {.head = "THREADS", .is_right = true},
    {.head = "VERSION"},
    {.head = "TAG"},
    {.head = "COMMAND"},
};

/* Rows in the making. */
struct rows {
    const struct neuron_ls_view *view;
    struct neuron_text_table table;
    uint32_t next_core; /* free ones below it have their rows */
};

static const char *
or_dash(const char *text)
{
    return text == NULL || text[0] == '\0' ? "-" : text;
}

/* Adds a number; "-" for 0. */
static void
add_number(struct neuron_text_table *table, uint64_t number)
{
    char text[NUMBER_BYTES] = "-";

    if (number > 0) {
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    }
    neuron_text_table_add(table, text);
}

/* Adds a cell with a set behind blanks. */
static void
add_set(struct neuron_text_table *table, const struct neuron_core_set *set, uint32_t blanks)
{
    char *text = neuron_ls_format_set(set);
    size_t room = text == NULL ? 0 : strlen(text) + blanks + 1;
    char *cell = text == NULL ? NULL : malloc(room);

    if (cell == NULL) {
        table->has_failed = true;
    } else {
        (void)snprintf(cell, room, "%*s%s", (int)blanks, "", text);
        neuron_text_table_add(table, cell);
    }
    free(text);
    free(cell);
}

/* Adds the first cells of a row: which cores, in the wide form also which CPUs. */
static enum neuron_status
add_cores(struct rows *rows, const struct neuron_core_set *cores, uint32_t depth,
          struct neuron_error *error)
{
    struct neuron_core_set *cpus = NULL;
    enum neuron_status status = NEURON_OK;
    uint32_t levels = depth < INDENT_LIMIT ? depth : INDENT_LIMIT;

    add_set(&rows->table, cores, levels * INDENT);
    if (rows->view->is_wide) {
        status = neuron_ls_list_cpus(rows->view, cores, &cpus, error);
    }
    if (cpus != NULL) {
        add_set(&rows->table, cpus, 0);
    }
    neuron_core_set_destroy(cpus);
    return status;
}

/* The tag where it says something that the pid does not. */
static const char *
tag_to_show(const struct neuron_node_process *process, bool is_wide)
{
    const char *tag = neuron_node_tag_of(process);
    char pid[NUMBER_BYTES] = "";

    (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    if (is_wide) {
        return or_dash(tag);
    }
    return tag == NULL || strcmp(tag, pid) == 0 ? "" : tag;
}

static enum neuron_status
add_process(struct rows *rows, uint32_t position, struct neuron_error *error)
{
    const struct neuron_node_process *process = &rows->view->sample->processes[position];
    struct neuron_text_table *table = &rows->table;
    uint32_t depth = neuron_ls_depth_of(rows->view, position);
    enum neuron_status status = add_cores(rows, process->cores, depth, error);
    bool is_wide = rows->view->is_wide;

    if (status != NEURON_OK) {
        return status;
    }
    if (is_wide) {
        char text[NUMBER_BYTES] = "";

        (void)snprintf(text, sizeof(text), "%u", depth);
        neuron_text_table_add(table, neuron_ls_kind_name(process->kind));
        neuron_text_table_add(table, text);
    }
    add_number(table, (uint64_t)process->pid);
    neuron_text_table_add(table, or_dash(process->user));
    neuron_text_table_add(table, or_dash(process->since));
    if (is_wide) {
        neuron_text_table_add(table, or_dash((char[]){process->stats.state, '\0'}));
        neuron_text_table_add(table, neuron_ls_bytes_text(process->stats.resident_bytes).text);
        neuron_text_table_add(table,
                              neuron_ls_bytes_text(neuron_ls_device_memory_of(process)).text);
        add_number(table, process->stats.thread_count);
        neuron_text_table_add(
            table, process->runtime_count > 0 ? process->runtimes[0].runtime_version : "-");
    }
    neuron_text_table_add(table, tag_to_show(process, is_wide));
    neuron_text_table_add(table, neuron_ls_command_of(rows->view, process));
    return NEURON_OK;
}

/* Adds the row of free cores that follow each other. */
static enum neuron_status
add_free(struct rows *rows, uint32_t first, uint32_t count, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(first, count, &cores, error);
    bool is_wide = rows->view->is_wide;

    if (status == NEURON_OK) {
        status = add_cores(rows, cores, 0, error);
    }
    neuron_core_set_destroy(cores);
    if (status != NEURON_OK) {
        return status;
    }
    /* Between the cores and what is said of them. */
    uint32_t left = rows->table.column_count - (is_wide ? 3U : 2U);
    for (uint32_t i = 0; i < left; i += 1) {
        bool is_tag = i + 1 == left && !is_wide;

        neuron_text_table_add(&rows->table, is_tag ? "" : "-");
    }
    neuron_text_table_add(&rows->table, neuron_ls_is_allowed(rows->view, first)
                                            ? "free"
                                            : "free, but not for this process");
    return NEURON_OK;
}

static bool
is_free(const struct neuron_ls_view *view, uint32_t core)
{
    return neuron_ls_holder_of(view, core) == neuron_no_process;
}

/* Adds rows for the free cores below one that have none yet. */
static enum neuron_status
add_free_below(struct rows *rows, uint32_t end, struct neuron_error *error)
{
    const struct neuron_ls_view *view = rows->view;
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && rows->next_core < end) {
        uint32_t first = rows->next_core;
        uint32_t last = first;

        while (last + 1 < end && is_free(view, last + 1) == is_free(view, first) &&
               neuron_ls_is_allowed(view, last + 1) == neuron_ls_is_allowed(view, first)) {
            last += 1;
        }
        if (is_free(view, first)) {
            status = add_free(rows, first, last - first + 1, error);
        }
        rows->next_core = last + 1;
    }
    return status;
}

static enum neuron_status
add_rows(struct rows *rows, struct neuron_error *error)
{
    const struct neuron_ls_view *view = rows->view;
    uint32_t core_count = neuron_topology_core_count(view->topology);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < view->sample->process_count; i += 1) {
        const struct neuron_node_process *process = &view->sample->processes[i];
        uint32_t first = neuron_core_set_at(process->cores, 0);

        if (process->parent == neuron_no_process && first != NEURON_NO_CORE) {
            status = add_free_below(rows, first < core_count ? first : core_count, error);
        }
        if (status == NEURON_OK && neuron_ls_is_shown(view, i)) {
            status = add_process(rows, i, error);
        }
    }
    return status == NEURON_OK ? add_free_below(rows, core_count, error) : status;
}

enum neuron_status
neuron_ls_print_leases(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    struct rows rows = {.view = view};

    rows.table.columns = view->is_wide ? wide_columns : narrow_columns;
    rows.table.column_count = view->is_wide ? sizeof(wide_columns) / sizeof(wide_columns[0])
                                            : sizeof(narrow_columns) / sizeof(narrow_columns[0]);
    enum neuron_status status = add_rows(&rows, error);
    if (status == NEURON_OK) {
        status = neuron_text_table_print(&rows.table, view->screen, !view->is_wide, stream, error);
    }
    neuron_text_table_clear(&rows.table);
    return status;
}
