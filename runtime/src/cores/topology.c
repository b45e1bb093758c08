/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads only what a launch needs: cores, hardware threads and NUMA nodes. All other object types,
 * and the back end that asks the CPUs themselves, are switched off: they cost milliseconds on a
 * small machine and seconds on a large one. Packages and groups are kept, because a NUMA node hangs
 * on one of them; without any it would span the whole machine.
 */
#include "neuron/topology.h"
#include "cores/topology_body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cores/cpu_quota.h"
#include "cores/memory_limit.h"
#include "cores/offline_core.h"
#include "environment.h"

static enum neuron_status
load_machine(struct neuron_topology *topology, struct neuron_error *error)
{
    if (hwloc_topology_init(&topology->machine) != 0) {
        topology->machine = NULL;
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the machine's topology");
    }
    hwloc_topology_t machine = topology->machine;
    (void)hwloc_topology_set_components(machine, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
    (void)hwloc_topology_set_all_types_filter(machine, HWLOC_TYPE_FILTER_KEEP_NONE);
    (void)hwloc_topology_set_type_filter(machine, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
    (void)hwloc_topology_set_type_filter(machine, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
    (void)hwloc_topology_set_type_filter(machine, HWLOC_OBJ_GROUP,
                                         HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
    if (hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) != 0 ||
        hwloc_topology_load(machine) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot read the machine's topology (%s); check HWLOC_SYNTHETIC and "
                           "HWLOC_XMLFILE where they are set",
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

/*
 * hwloc falls back to the real machine when it cannot make the one that it was told to invent. A
 * plan for other cores than those that were meant would go to work then.
 */
static enum neuron_status
check_invention(const struct neuron_topology *topology, struct neuron_error *error)
{
    const char *variable = neuron_environment_invented_machine();

    if (variable == NULL || neuron_topology_is_invented(topology)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s does not describe a machine that hwloc can read; correct it, or unset "
                       "it for the real machine",
                       variable);
}

hwloc_obj_type_t
neuron_topology_core_type(hwloc_topology_t machine)
{
    return hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
}

/* The CPUs that this process may use: allowed by the machine, and in the thread's affinity mask. */
static enum neuron_status
read_allowed_cpus(struct neuron_topology *topology, struct neuron_error *error)
{
    hwloc_topology_t machine = topology->machine;
    hwloc_bitmap_t cpus = topology->allowed_cpus;

    if (neuron_topology_is_invented(topology)) {
        if (hwloc_bitmap_copy(cpus, hwloc_topology_get_complete_cpuset(machine)) != 0) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
        }
        return NEURON_OK;
    }
    if (hwloc_get_cpubind(machine, cpus, HWLOC_CPUBIND_THREAD) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read this thread's CPU affinity: %s",
                           strerrordesc_np(errno));
    }
    if (hwloc_bitmap_and(cpus, cpus, hwloc_topology_get_allowed_cpuset(machine)) != 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
    }
    return NEURON_OK;
}

/* Fills in one core; adds it to the allowed ones when the process may use a thread of it. */
static enum neuron_status
read_core(struct neuron_topology *topology, uint32_t number, struct neuron_error *error)
{
    hwloc_topology_t machine = topology->machine;
    hwloc_obj_t object = hwloc_get_obj_by_type(machine, neuron_topology_core_type(machine), number);
    struct neuron_topology_core *core = &topology->cores[number];
    int cpu = -1;
    int device = hwloc_bitmap_first(object->nodeset);
    hwloc_obj_t node =
        device < 0 ? NULL : hwloc_get_numanode_obj_by_os_index(machine, (unsigned)device);

    core->device = node == NULL ? 0 : node->logical_index;
    for (cpu = hwloc_bitmap_first(object->cpuset); cpu >= 0;
         cpu = hwloc_bitmap_next(object->cpuset, cpu)) {
        if (hwloc_bitmap_isset(topology->allowed_cpus, (unsigned)cpu)) {
            break;
        }
    }
    if (cpu < 0) {
        core->cpu = (uint32_t)hwloc_bitmap_first(object->cpuset);
        return NEURON_OK;
    }
    core->cpu = (uint32_t)cpu;
    return neuron_core_set_add(topology->allowed, number, error);
}

static enum neuron_status
read_cores(struct neuron_topology *topology, struct neuron_error *error)
{
    int count =
        hwloc_get_nbobjs_by_type(topology->machine, neuron_topology_core_type(topology->machine));
    int devices = hwloc_get_nbobjs_by_type(topology->machine, HWLOC_OBJ_NUMANODE);

    if (count < 1 || count >= NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the machine reports %d cores", count);
    }
    topology->core_count = (uint32_t)count;
    topology->device_count = devices < 1 ? 1 : (uint32_t)devices;
    topology->cores = calloc((size_t)count, sizeof(*topology->cores));
    if (topology->cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %d cores", count);
    }
    enum neuron_status status = read_allowed_cpus(topology, error);
    if (status == NEURON_OK) {
        status = neuron_core_set_create(0, 0, &topology->allowed, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < topology->core_count; i += 1) {
        status = read_core(topology, i, error);
    }
    return status;
}

static enum neuron_status
read_limits(struct neuron_topology *topology, struct neuron_error *error)
{
    uint32_t allowed = neuron_core_set_count(topology->allowed);
    uint32_t quota = neuron_topology_is_invented(topology) ? UINT32_MAX : neuron_cpu_quota_read("");

    if (allowed == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "this process may use no core of the machine: its affinity mask and its "
                           "cpuset have none in common");
    }
    topology->core_limit = quota < allowed ? quota : allowed;
    topology->quota = quota;
    topology->memory_limit_bytes =
        neuron_topology_is_invented(topology) ? UINT64_MAX : neuron_memory_limit_read("");
    return NEURON_OK;
}

enum neuron_status
neuron_topology_create(struct neuron_topology **topology, struct neuron_error *error)
{
    struct neuron_topology *created = calloc(1, sizeof(*created));
    enum neuron_status status = NEURON_OK;

    if (created != NULL) {
        created->allowed_cpus = hwloc_bitmap_alloc();
    }
    if (created == NULL || created->allowed_cpus == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a topology");
    }
    if (status == NEURON_OK) {
        status = load_machine(created, error);
    }
    if (status == NEURON_OK) {
        status = check_invention(created, error);
    }
    if (status == NEURON_OK) {
        status = read_cores(created, error);
    }
    if (status == NEURON_OK) {
        status = read_limits(created, error);
    }
    if (status != NEURON_OK) {
        neuron_topology_destroy(created);
        return status;
    }
    *topology = created;
    return NEURON_OK;
}

uint32_t
neuron_topology_core_count(const struct neuron_topology *topology)
{
    return topology->core_count;
}

uint32_t
neuron_topology_device_count(const struct neuron_topology *topology)
{
    return topology->device_count;
}

const struct neuron_core_set *
neuron_topology_allowed(const struct neuron_topology *topology)
{
    return topology->allowed;
}

uint32_t
neuron_topology_core_limit(const struct neuron_topology *topology)
{
    return topology->core_limit;
}

uint32_t
neuron_topology_device_of(const struct neuron_topology *topology, uint32_t core)
{
    return topology->cores[core].device;
}

uint64_t
neuron_topology_device_memory(const struct neuron_topology *topology, uint32_t device)
{
    hwloc_obj_t node = hwloc_get_obj_by_type(topology->machine, HWLOC_OBJ_NUMANODE, device);
    uint64_t size_bytes = node == NULL ? 0 : node->attr->numanode.local_memory;

    if (size_bytes == 0) {
        size_bytes = hwloc_get_root_obj(topology->machine)->total_memory;
    }
    if (size_bytes == 0 || size_bytes > topology->memory_limit_bytes) {
        size_bytes = topology->memory_limit_bytes;
    }
    return size_bytes;
}

uint32_t
neuron_topology_cpu_of(const struct neuron_topology *topology, uint32_t core)
{
    return topology->cores[core].cpu;
}

bool
neuron_topology_is_invented(const struct neuron_topology *topology)
{
    return hwloc_topology_is_thissystem(topology->machine) == 0;
}

bool
neuron_topology_is_contiguous(const struct neuron_topology *topology,
                              const struct neuron_core_set *cores)
{
    uint32_t missing = neuron_core_set_count(cores);
    bool is_inside = false;

    for (uint32_t i = 0; missing > 0 && i < topology->core_count; i += 1) {
        if (neuron_core_set_contains(cores, i)) {
            is_inside = true;
            missing -= 1;
        } else if (is_inside && neuron_core_set_contains(topology->allowed, i)) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_topology_check_allowed(const struct neuron_topology *topology,
                              const struct neuron_core_set *cores, const char *asked_by,
                              struct neuron_error *error)
{
    char allowed[64] = "";
    uint32_t position = 0;

    if (neuron_core_set_includes(topology->allowed, cores)) {
        return NEURON_OK;
    }
    while (neuron_core_set_contains(topology->allowed, neuron_core_set_at(cores, position))) {
        position += 1;
    }
    uint32_t core = neuron_core_set_at(cores, position);
    if (core >= topology->core_count) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "%s asks for core %u, but the machine has %u cores, 0-%u", asked_by,
                           core, topology->core_count, topology->core_count - 1);
    }
    (void)neuron_core_set_format(topology->allowed, allowed, sizeof(allowed));
    return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                       "%s asks for core %u, but this process may use cores %s only (affinity mask "
                       "or cpuset)",
                       asked_by, core, allowed);
}

enum neuron_status
neuron_topology_check(const struct neuron_topology *topology, const struct neuron_core_set *cores,
                      const char *asked_by, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(cores);
    enum neuron_status status = neuron_topology_check_allowed(topology, cores, asked_by, error);

    if (status == NEURON_OK && count > topology->core_limit) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "%s asks for %u cores, but the CPU quota of this control group is worth "
                           "%u; ask for %u",
                           asked_by, count, topology->core_limit, topology->core_limit);
    }
    return status;
}

static enum neuron_status
refuse_binding(const struct neuron_topology *topology, const struct neuron_core_set *cores,
               int reason, struct neuron_error *error)
{
    uint32_t offline = neuron_offline_core_find(topology, cores, "");
    char text[64] = "";

    if (offline != NEURON_NO_CORE) {
        uint32_t cpu = topology->cores[offline].cpu;

        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "core %u (CPU %u) went offline after this process looked at the "
                           "machine; bring it back (/sys/devices/system/cpu/cpu%u/online), or "
                           "start again without it",
                           offline, cpu, cpu);
    }
    (void)neuron_core_set_format(cores, text, sizeof(text));
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot bind a thread to cores %s: %s", text,
                       strerrordesc_np(reason));
}

enum neuron_status
neuron_topology_bind_thread(const struct neuron_topology *topology,
                            const struct neuron_core_set *cores, struct neuron_error *error)
{
    if (neuron_topology_is_invented(topology)) {
        return NEURON_OK;
    }
    hwloc_bitmap_t cpus = hwloc_bitmap_alloc();
    if (cpus == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
    }
    for (uint32_t i = 0; i < topology->core_count; i += 1) {
        if (neuron_core_set_contains(cores, i)) {
            (void)hwloc_bitmap_set(cpus, topology->cores[i].cpu);
        }
    }
    int failed = hwloc_set_cpubind(topology->machine, cpus, HWLOC_CPUBIND_THREAD);
    int reason = errno;
    hwloc_bitmap_free(cpus);
    return failed == 0 ? NEURON_OK : refuse_binding(topology, cores, reason, error);
}

/* FNV-1a. */
static uint64_t
mix_number(uint64_t hash, uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8) {
        hash = (hash ^ ((number >> shift) & 0xFF)) * 0x100000001B3U;
    }
    return hash;
}

uint64_t
neuron_topology_fingerprint(const struct neuron_topology *topology)
{
    uint64_t hash = mix_number(0xCBF29CE484222325U, topology->core_count);

    for (uint32_t i = 0; i < topology->core_count; i += 1) {
        hash = mix_number(hash, topology->cores[i].device);
        hash = mix_number(hash, topology->cores[i].cpu);
    }
    return hash;
}

void
neuron_topology_destroy(struct neuron_topology *topology)
{
    if (topology == NULL) {
        return;
    }
    if (topology->machine != NULL) {
        hwloc_topology_destroy(topology->machine);
    }
    hwloc_bitmap_free(topology->allowed_cpus);
    neuron_core_set_destroy(topology->allowed);
    free(topology->cores);
    free(topology);
}
