/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_row.h"

#include <stdio.h>
#include <string.h>

static bool
begins_package(const struct neuron_ls_view *view, uint32_t core)
{
    return core == 0 || neuron_machine_parts_package_of(view->parts, core) !=
                            neuron_machine_parts_package_of(view->parts, core - 1);
}

static bool
begins_device(const struct neuron_ls_view *view, uint32_t core)
{
    return begins_package(view, core) || neuron_topology_device_of(view->topology, core) !=
                                             neuron_topology_device_of(view->topology, core - 1);
}

static bool
begins_l3(const struct neuron_ls_view *view, uint32_t core)
{
    return begins_device(view, core) || neuron_machine_parts_l3_of(view->parts, core) !=
                                            neuron_machine_parts_l3_of(view->parts, core - 1);
}

static enum neuron_status
label_cpus(const struct neuron_ls_view *view, struct neuron_ls_row *row, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_core_set *cpus = NULL;
    char list[NEURON_LS_LABEL_BYTES - 8] = "";
    enum neuron_status status = neuron_core_set_create(row->first, row->count, &cores, error);

    if (status == NEURON_OK) {
        status = neuron_ls_list_cpus(view, cores, &cpus, error);
    }
    if (status == NEURON_OK) {
        size_t length = neuron_core_set_format(cpus, list, sizeof(list));
        bool is_cut = length >= sizeof(list);

        /* A number that is cut would be another one. */
        while (is_cut && strrchr(list, ',') != NULL && list[strlen(list) - 1] != ',') {
            list[strlen(list) - 1] = '\0';
        }
        (void)snprintf(row->cpus, sizeof(row->cpus), "%s %s%s",
                       neuron_core_set_count(cpus) == 1 ? "CPU" : "CPUs", list, is_cut ? ".." : "");
    }
    neuron_core_set_destroy(cpus);
    neuron_core_set_destroy(cores);
    return status;
}

enum neuron_status
neuron_ls_row_make(const struct neuron_ls_view *view, uint32_t first, uint32_t limit,
                   struct neuron_ls_row *row, struct neuron_error *error)
{
    uint32_t core_count = neuron_topology_core_count(view->topology);

    *row = (struct neuron_ls_row){.first = first,
                                  .count = 1,
                                  .is_package_begin = begins_package(view, first),
                                  .is_device_begin = begins_device(view, first),
                                  .is_l3_begin = begins_l3(view, first)};
    while (row->count < limit && first + row->count < core_count &&
           !begins_l3(view, first + row->count)) {
        row->count += 1;
    }
    if (row->is_l3_begin && view->caches[first].l3_bytes > 0) {
        (void)snprintf(row->l3, sizeof(row->l3), "L3 %s",
                       neuron_bytes_text(view->caches[first].l3_bytes).text);
    }
    if (row->count == 1) {
        (void)snprintf(row->cores, sizeof(row->cores), "core %u", first);
    } else {
        (void)snprintf(row->cores, sizeof(row->cores), "cores %u-%u", first,
                       first + row->count - 1);
    }
    return label_cpus(view, row, error);
}
