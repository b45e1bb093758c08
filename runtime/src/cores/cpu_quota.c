/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/cpu_quota.h"

#include "cores/control_groups.h"

static uint64_t
whole_cores(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0) {
        return UINT64_MAX;
    }
    long long cores = quota_us / period_us;
    return cores < 1 ? 1 : (uint64_t)cores;
}

/* The quota of one group. */
static uint64_t
read_quota(const struct neuron_control_group *group)
{
    long long quota_us = 0;
    long long period_us = 0;
    long long unused = 0;

    if (group->is_version_2) {
        return neuron_control_group_read(group, "cpu.max", &quota_us, &period_us) == 2
                   ? whole_cores(quota_us, period_us)
                   : UINT64_MAX;
    }
    if (neuron_control_group_read(group, "cpu.cfs_quota_us", &quota_us, &unused) == 0 ||
        neuron_control_group_read(group, "cpu.cfs_period_us", &period_us, &unused) == 0) {
        return UINT64_MAX;
    }
    return whole_cores(quota_us, period_us);
}

uint32_t
neuron_cpu_quota_read(const char *root)
{
    uint64_t cores = neuron_control_groups_smallest(root, "cpu", read_quota);

    return cores >= UINT32_MAX ? UINT32_MAX : (uint32_t)cores;
}
