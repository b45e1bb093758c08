/* SPDX-License-Identifier: Apache-2.0 */
#include "top/memory_table.h"

#include <stdio.h>

#include "top/columns.h"
#include "top/figures.h"
#include "top/process_name.h"
#include "top/process_order.h"

enum column {
    COLUMN_OWNER,
    COLUMN_DEVICE,
    COLUMN_USES, /* one for each */
    COLUMN_TOTAL = COLUMN_USES + NEURON_MEMORY_USES,
    COLUMN_PEAK,
    COLUMN_COUNT
};

enum { LABEL_BYTES = NEURON_PROCESS_NAME_BYTES + 32 };

static const struct neuron_column columns[COLUMN_COUNT] = {
    [COLUMN_OWNER] = {"MEMORY", 10, 40, 1, true},
    [COLUMN_DEVICE] = {"DEVICE", 6, 0, 8, false},
    [COLUMN_USES + NEURON_MEMORY_WEIGHTS] = {"WEIGHTS", 7, 0, 3, false},
    [COLUMN_USES + NEURON_MEMORY_ARENA] = {"ARENA", 6, 0, 4, false},
    [COLUMN_USES + NEURON_MEMORY_STAGES] = {"STAGES", 6, 0, 6, false},
    [COLUMN_USES + NEURON_MEMORY_BUFFER] = {"BUFFERS", 7, 0, 5, false},
    [COLUMN_TOTAL] = {"TOTAL", 6, 0, 2, false},
    [COLUMN_PEAK] = {"PEAK", 6, 0, 7, false},
};

/* Adds a row of sums. */
static uint32_t
add_sums(const struct neuron_table *table, const char *label, enum neuron_cell_style style,
         const uint64_t *bytes)
{
    uint32_t row = neuron_canvas_add_row(table->canvas);
    char text[NEURON_FIGURE_BYTES] = "";
    uint64_t total = 0;

    neuron_table_put(table, row, COLUMN_OWNER, style, label);
    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        total += bytes[use];
        neuron_table_put(table, row, COLUMN_USES + use, NEURON_STYLE_PLAIN,
                         neuron_figure_bytes(bytes[use], text));
    }
    neuron_table_put(table, row, COLUMN_TOTAL, NEURON_STYLE_PLAIN,
                     neuron_figure_bytes(total, text));
    return row;
}

static void
add_owner(const struct neuron_table *table, const struct neuron_memory_sample *memory)
{
    char label[NEURON_COUNTER_NAME_BYTES + 8] = "";
    char text[NEURON_FIGURE_BYTES] = "-";

    (void)snprintf(label, sizeof(label), "  %s", memory->name);
    uint32_t row = add_sums(table, label, NEURON_STYLE_PLAIN, memory->bytes);
    if (memory->device != UINT32_MAX) {
        (void)snprintf(text, sizeof(text), "%u", memory->device);
    }
    neuron_table_put(table, row, COLUMN_DEVICE, NEURON_STYLE_PLAIN, text);
    neuron_table_put(table, row, COLUMN_PEAK, NEURON_STYLE_PLAIN,
                     neuron_figure_bytes(memory->peak_bytes, text));
}

static void
add_process(const struct neuron_table *table, const struct neuron_node_process *process,
            const struct neuron_process_rate *rate)
{
    char name[NEURON_PROCESS_NAME_BYTES] = "";
    char label[LABEL_BYTES] = "";

    (void)snprintf(label, sizeof(label), "%s (%d)",
                   neuron_process_name(process, name, sizeof(name)), (int)process->pid);
    (void)add_sums(table, label, NEURON_STYLE_NAME, rate->memory_bytes);
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        for (uint32_t k = 0; k < process->runtimes[i].memory_count; k += 1) {
            add_owner(table, &process->runtimes[i].memory[k]);
        }
    }
}

void
neuron_memory_table_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                        const struct neuron_node_rates *rates, uint32_t process)
{
    struct neuron_table table = {
        .canvas = canvas, .columns = columns, .column_count = COLUMN_COUNT};

    neuron_table_begin(&table);
    if (process != neuron_no_process) {
        add_process(&table, &sample->processes[process], &rates->processes[process]);
        return;
    }
    (void)add_sums(&table, rates->unknown_count > 0 ? "all processes, +?" : "all processes",
                   NEURON_STYLE_PLAIN, rates->all.memory_bytes);
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (neuron_process_memory(&rates->processes[i]) > 0) {
            add_process(&table, &sample->processes[i], &rates->processes[i]);
        }
    }
}
