/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/memory_limit.h"

#include "cores/control_groups.h"

/* Version 1 writes "no limit" as the largest number of whole pages, whatever a page is there. */
static const long long unlimited_bytes = 1LL << 62;

/* The limit of one group. */
static uint64_t
read_limit(const struct neuron_control_group *group)
{
    const char *name = group->is_version_2 ? "memory.max" : "memory.limit_in_bytes";
    long long bytes = 0;
    long long unused = 0;

    if (neuron_control_group_read(group, name, &bytes, &unused) == 0 || bytes <= 0 ||
        bytes >= unlimited_bytes) {
        return UINT64_MAX;
    }
    return (uint64_t)bytes;
}

uint64_t
neuron_memory_limit_read(const char *root)
{
    return neuron_control_groups_smallest(root, "memory", read_limit);
}
