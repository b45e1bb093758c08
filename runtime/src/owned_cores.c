/* SPDX-License-Identifier: Apache-2.0 */
#include "owned_cores.h"

#include <stdio.h>
#include <stdlib.h>

#include "module/group_sizes.h"

/* Keeps the legacy groups, which lie one behind the other from nc:0. */
static enum neuron_status
read_groups(struct neuron_owned_cores *owned, const char *text, struct neuron_error *error)
{
    struct neuron_group_sizes sizes = {.count = 0};
    enum neuron_status status =
        text == NULL ? NEURON_OK : neuron_group_sizes_parse(text, &sizes, error);

    if (status != NEURON_OK || text == NULL) {
        return status;
    }
    owned->groups = calloc(sizes.count, sizeof(*owned->groups));
    if (owned->groups == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u groups of cores",
                           sizes.count);
    }
    for (uint32_t i = 0; i < sizes.count; i += 1) {
        owned->groups[i] = (struct neuron_core_group){.first_nc = owned->grouped_count,
                                                      .core_count = sizes.sizes[i]};
        owned->grouped_count += sizes.sizes[i];
    }
    owned->group_count = sizes.count;
    return NEURON_OK;
}

/* Refuses groups that are larger than what `asked` gives the process. */
static enum neuron_status
check_groups(const struct neuron_owned_cores *owned, const struct neuron_runtime_options *options,
             const char *asked, uint32_t core_count, struct neuron_error *error)
{
    if (owned->grouped_count <= core_count) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "NEURONCORE_GROUP_SIZES=%.60s needs %u cores, but %s gives %u; give smaller "
                       "groups, or unset it",
                       options->group_sizes, owned->grouped_count, asked, core_count);
}

/* The first core that a list with a gap leaves out. */
static uint32_t
find_gap(const struct neuron_topology *topology, const struct neuron_core_set *cores)
{
    const struct neuron_core_set *allowed = neuron_topology_allowed(topology);
    uint32_t core = neuron_core_set_at(cores, 0);

    while (neuron_core_set_contains(cores, core) || !neuron_core_set_contains(allowed, core)) {
        core += 1;
    }
    return core;
}

/* Refuses a list that names cores that are not there, or skips one that is. */
static enum neuron_status
check_visible(const struct neuron_topology *topology, const struct neuron_core_set *cores,
              const char *text, struct neuron_error *error)
{
    char asked_by[96] = "";

    (void)snprintf(asked_by, sizeof(asked_by), "NEURON_RT_VISIBLE_CORES=%.60s", text);
    enum neuron_status status = neuron_topology_check(topology, cores, asked_by, error);
    if (status == NEURON_OK && !neuron_topology_is_contiguous(topology, cores)) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "%s leaves out core %u: list cores without a gap", asked_by,
                             find_gap(topology, cores));
    }
    return status;
}

static enum neuron_status
claim_visible(const struct neuron_topology *topology, const struct neuron_runtime_options *options,
              struct neuron_owned_cores *owned, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_parse(options->visible_cores, &cores, error);

    if (status == NEURON_INVALID_SYNTAX) {
        uint32_t last = neuron_topology_core_count(topology) - 1;

        status =
            NEURON_FAIL(error, status, "NEURON_RT_VISIBLE_CORES: %s; this machine has cores 0-%u",
                        error->text, last);
    }
    if (status == NEURON_OK) {
        status = check_visible(topology, cores, options->visible_cores, error);
    }
    if (status == NEURON_OK) {
        status = check_groups(owned, options, "NEURON_RT_VISIBLE_CORES",
                              neuron_core_set_count(cores), error);
    }
    if (status == NEURON_OK) {
        status = neuron_core_lease_claim(topology, cores, &options->lease, &owned->lease, error);
    }
    neuron_core_set_destroy(cores);
    return status;
}

static enum neuron_status
claim_count(const struct neuron_topology *topology, const struct neuron_runtime_options *options,
            struct neuron_owned_cores *owned, struct neuron_error *error)
{
    uint32_t limit = neuron_topology_core_limit(topology);
    uint32_t count = options->core_count == 0 ? owned->grouped_count : options->core_count;

    if (options->core_count == 0 && count > limit) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "NEURONCORE_GROUP_SIZES=%.60s asks for %u cores, more than this process "
                           "may use at once; ask for %u or fewer",
                           options->group_sizes, count, limit);
    }
    if (count > limit) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "NEURON_RT_NUM_CORES=%u asks for more cores than this process may use "
                           "at once; ask for %u or fewer, or for 0 to have all",
                           count, limit);
    }
    enum neuron_status status = check_groups(owned, options, "NEURON_RT_NUM_CORES", count, error);
    if (status != NEURON_OK) {
        return status;
    }
    return neuron_core_lease_claim_run(topology, NULL, count, &options->lease, &owned->lease,
                                       error);
}

uint32_t
neuron_runtime_options_core_count(const struct neuron_runtime_options *options)
{
    struct neuron_group_sizes sizes = {.count = 0};

    if (options->core_count != 0 || options->group_sizes == NULL ||
        neuron_group_sizes_parse(options->group_sizes, &sizes, NULL) != NEURON_OK) {
        return options->core_count;
    }
    return sizes.core_count;
}

enum neuron_status
neuron_owned_cores_claim(const struct neuron_topology *topology,
                         const struct neuron_runtime_options *options,
                         struct neuron_owned_cores *owned, struct neuron_error *error)
{
    enum neuron_status status = read_groups(owned, options->group_sizes, error);

    if (status != NEURON_OK) {
        return status;
    }
    return options->visible_cores != NULL ? claim_visible(topology, options, owned, error)
                                          : claim_count(topology, options, owned, error);
}

void
neuron_owned_cores_release(struct neuron_owned_cores *owned)
{
    neuron_core_lease_release(owned->lease);
    free(owned->groups);
    *owned = (struct neuron_owned_cores){0};
}
