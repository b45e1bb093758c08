/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/machine_parts.h"

#include <stdlib.h>

#include <hwloc.h>

#include "cores/part_tree.h"
#include "cores/topology_body.h"

struct core_parts {
    uint32_t package;
    uint32_t l3;
};

struct neuron_machine_parts {
    struct core_parts *cores; /* by number */
    uint32_t package_count;
    uint32_t l3_count;
    bool has_l3;
};

/* Numbers in the order in which keys are met. */
struct numbering {
    uint32_t *keys;
    uint32_t count;
};

static uint32_t
number_of(struct numbering *numbering, uint32_t key)
{
    uint32_t number = numbering->count;

    /* Neighbours mostly share a part: the last keys are the likeliest. */
    while (number > 0 && numbering->keys[number - 1] != key) {
        number -= 1;
    }
    if (number > 0) {
        return number - 1;
    }
    numbering->keys[numbering->count] = key;
    numbering->count += 1;
    return numbering->count - 1;
}

/* The number of the part of a type that a CPU lies in; NEURON_NO_CORE for none. */
static uint32_t
find_part(hwloc_topology_t machine, hwloc_obj_type_t type, uint32_t cpu)
{
    hwloc_obj_t part = neuron_part_tree_find(machine, type, cpu);

    return part == NULL ? NEURON_NO_CORE : part->logical_index;
}

static void
read_parts(const struct neuron_topology *topology, hwloc_topology_t machine,
           struct numbering packages, struct numbering caches, struct neuron_machine_parts *parts)
{
    uint32_t count = topology->core_count;

    for (uint32_t i = 0; i < count; i += 1) {
        uint32_t l3 = find_part(machine, HWLOC_OBJ_L3CACHE, topology->cores[i].cpu);

        parts->has_l3 = parts->has_l3 || l3 != NEURON_NO_CORE;
        /* Keys of devices do not meet those of caches. */
        l3 = l3 == NEURON_NO_CORE ? NEURON_NO_CORE + topology->cores[i].device : l3;
        parts->cores[i].l3 = number_of(&caches, l3);
        parts->cores[i].package =
            number_of(&packages, find_part(machine, HWLOC_OBJ_PACKAGE, topology->cores[i].cpu));
    }
    parts->package_count = packages.count;
    parts->l3_count = caches.count;
}

enum neuron_status
neuron_machine_parts_create(const struct neuron_topology *topology,
                            struct neuron_machine_parts **parts, struct neuron_error *error)
{
    struct neuron_machine_parts *created = calloc(1, sizeof(*created));
    uint32_t *keys = calloc((size_t)topology->core_count * 2, sizeof(*keys));
    hwloc_topology_t machine = NULL;
    enum neuron_status status = NEURON_OK;

    if (created != NULL) {
        created->cores = calloc(topology->core_count, sizeof(*created->cores));
    }
    if (created == NULL || created->cores == NULL || keys == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the parts of %u cores",
                             topology->core_count);
    }
    if (status == NEURON_OK) {
        static const hwloc_obj_type_t types[] = {HWLOC_OBJ_PACKAGE, HWLOC_OBJ_L3CACHE};

        status = neuron_part_tree_load(types, sizeof(types) / sizeof(types[0]), &machine, error);
    }
    if (status == NEURON_OK) {
        const struct numbering packages = {.keys = keys};
        const struct numbering caches = {.keys = keys + topology->core_count};

        read_parts(topology, machine, packages, caches, created);
        hwloc_topology_destroy(machine);
        *parts = created;
    } else {
        neuron_machine_parts_destroy(created);
    }
    free(keys);
    return status;
}

uint32_t
neuron_machine_parts_package_count(const struct neuron_machine_parts *parts)
{
    return parts->package_count;
}

uint32_t
neuron_machine_parts_package_of(const struct neuron_machine_parts *parts, uint32_t core)
{
    return parts->cores[core].package;
}

bool
neuron_machine_parts_has_l3(const struct neuron_machine_parts *parts)
{
    return parts->has_l3;
}

uint32_t
neuron_machine_parts_l3_count(const struct neuron_machine_parts *parts)
{
    return parts->l3_count;
}

uint32_t
neuron_machine_parts_l3_of(const struct neuron_machine_parts *parts, uint32_t core)
{
    return parts->cores[core].l3;
}

void
neuron_machine_parts_destroy(struct neuron_machine_parts *parts)
{
    if (parts == NULL) {
        return;
    }
    free(parts->cores);
    free(parts);
}
