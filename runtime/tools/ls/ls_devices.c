/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_tables.h"

#include <stdlib.h>

#include "ls/text_table.h"

enum { NUMBER_BYTES = 16, SET_COLUMNS = 24 };

static void
add_number(struct neuron_text_table *table, uint32_t number)
{
    char text[NUMBER_BYTES] = "";

    (void)snprintf(text, sizeof(text), "%u", number);
    neuron_text_table_add(table, text);
}

/* Adds a cell of a set; without memory none, which the table tells. */
static void
add_set(struct neuron_text_table *table, const struct neuron_core_set *set)
{
    char *text = neuron_ls_format_set(set);

    if (text == NULL) {
        table->has_failed = true;
        return;
    }
    neuron_text_table_add(table, text);
    free(text);
}

static void
add_wide_cells(struct neuron_text_table *table, const struct neuron_ls_view *view,
               const struct neuron_core_set *cores, const struct neuron_core_set *cpus)
{
    struct neuron_cache_sizes caches = {0};

    if (neuron_core_set_count(cores) > 0) {
        caches = view->caches[neuron_core_set_at(cores, 0)];
    }
    neuron_text_table_add(table, neuron_ls_bytes_text(caches.l2_bytes).text);
    neuron_text_table_add(table, neuron_ls_bytes_text(caches.l1_bytes).text);
    add_set(table, cpus);
}

/* Adds the row of a device, whose sets are made. */
static void
add_row(struct neuron_text_table *table, const struct neuron_ls_view *view, uint32_t device,
        struct neuron_core_set *const *sets)
{
    const struct neuron_core_set *cores = sets[0];
    uint32_t node = neuron_topology_node_of(view->topology, device);

    add_number(table, device);
    add_set(table, cores);
    add_set(table, sets[1]);
    neuron_text_table_add(
        table, neuron_ls_bytes_text(neuron_topology_device_memory(view->topology, device)).text);
    if (node == NEURON_NO_NODE) {
        neuron_text_table_add(table, "-");
    } else {
        add_number(table, node);
    }
    if (neuron_core_set_count(cores) == 0) {
        neuron_text_table_add(table, "-"); /* memory alone */
    } else {
        add_number(table,
                   neuron_machine_parts_package_of(view->parts, neuron_core_set_at(cores, 0)));
    }
    neuron_text_table_add(table, neuron_ls_l3_text(view, cores).text);
    if (view->is_wide) {
        add_wide_cells(table, view, cores, sets[2]);
    }
}

static enum neuron_status
add_device(struct neuron_text_table *table, const struct neuron_ls_view *view, uint32_t device,
           struct neuron_error *error)
{
    struct neuron_core_set *sets[3] = {NULL};
    enum neuron_status status = neuron_ls_list_cores(view, device, &sets[0], error);

    if (status == NEURON_OK) {
        status = neuron_ls_list_free(view, device, &sets[1], error);
    }
    if (status == NEURON_OK) {
        status = neuron_ls_list_cpus(view, sets[0], &sets[2], error);
    }
    if (status == NEURON_OK) {
        add_row(table, view, device, sets);
    }
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i += 1) {
        neuron_core_set_destroy(sets[i]);
    }
    return status;
}

enum neuron_status
neuron_ls_print_devices(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    static const struct neuron_text_column columns[] = {
        {.head = "DEVICE", .is_right = true},
        {.head = "CORES", .limit = SET_COLUMNS},
        {.head = "FREE", .limit = SET_COLUMNS},
        {.head = "MEMORY", .is_right = true},
        {.head = "NODE", .is_right = true},
        {.head = "PACKAGE", .is_right = true},
        {.head = "L3"},
        {.head = "L2", .is_right = true},
        {.head = "L1", .is_right = true},
        {.head = "CPUS"},
    };
    uint32_t count = sizeof(columns) / sizeof(columns[0]);
    struct neuron_text_table table = {.columns = columns,
                                      .column_count = view->is_wide ? count : count - 3};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_topology_device_count(view->topology);
         i += 1) {
        status = add_device(&table, view, i, error);
    }
    if (status == NEURON_OK) {
        status = neuron_text_table_print(&table, view->screen, !view->is_wide, stream, error);
    }
    neuron_text_table_clear(&table);
    return status;
}
