/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_table.h"

#include <errno.h>
#include <string.h>

enum { TEXT_BYTES = 256 };

/* The devices of a set of cores, as a set. */
static enum neuron_status
devices_of(const struct neuron_launch_plan *plan, const struct neuron_core_set *cores,
           struct neuron_core_set **devices, struct neuron_error *error)
{
    struct neuron_core_set *created = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &created, error);

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_core_set_count(cores); i += 1) {
        uint32_t core = neuron_core_set_at(cores, i);

        status =
            neuron_core_set_add(created, neuron_topology_device_of(plan->topology, core), error);
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(created);
        return status;
    }
    *devices = created;
    return NEURON_OK;
}

static enum neuron_status
print_rank(const struct neuron_launch_plan *plan, uint32_t rank, FILE *stream,
           struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_core_set *devices = NULL;
    char cores_text[TEXT_BYTES] = "";
    char devices_text[TEXT_BYTES] = "";
    enum neuron_status status = neuron_launch_plan_rank_cores(plan, rank, &cores, error);

    if (status == NEURON_OK) {
        status = devices_of(plan, cores, &devices, error);
    }
    if (status == NEURON_OK) {
        (void)neuron_core_set_format(cores, cores_text, sizeof(cores_text));
        (void)neuron_core_set_format(devices, devices_text, sizeof(devices_text));
        (void)fprintf(stream, "%5u  %-11s  %s\n", rank, cores_text, devices_text);
    }
    neuron_core_set_destroy(devices);
    neuron_core_set_destroy(cores);
    return status;
}

enum neuron_status
neuron_plan_table_print(const struct neuron_launch_plan *plan, FILE *stream,
                        struct neuron_error *error)
{
    const struct neuron_placement *placement = plan->placement;
    enum neuron_status status = NEURON_OK;

    (void)fprintf(stream, " rank  %-11s  device\n", "cores");
    for (uint32_t i = 0; status == NEURON_OK && i < placement->rank_count; i += 1) {
        status = print_rank(plan, i, stream, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    bool counts_threads = plan->wishes.uses_threads;
    (void)fprintf(
        stream, "%u rank%s on %u of %u usable %s%s; %u border%s between devices crossed\n",
        placement->rank_count, placement->rank_count == 1 ? "" : "s", placement->core_count,
        counts_threads ? plan->row.count : neuron_core_set_count(plan->usable),
        counts_threads ? "hardware threads" : "cores", plan->shares_cores ? ", shared" : "",
        placement->straddled_count, placement->straddled_count == 1 ? "" : "s");
    if (fflush(stream) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot print the plan: %s",
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}
