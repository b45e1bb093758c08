/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of figures that neuron-monitor tells, each with a period of its own. */
#ifndef NEURON_TOOLS_MONITOR_METRIC_GROUPS_H
#define NEURON_TOOLS_MONITOR_METRIC_GROUPS_H

enum neuron_metric_group {
    /* Of each process. */
    NEURON_GROUP_CORES = 0,
    NEURON_GROUP_EXECUTION,
    NEURON_GROUP_MEMORY,
    NEURON_GROUP_VCPU,
    NEURON_RUNTIME_GROUPS,
    /* Of the machine. */
    NEURON_GROUP_SYSTEM_VCPU = NEURON_RUNTIME_GROUPS,
    NEURON_GROUP_SYSTEM_MEMORY,
    NEURON_GROUP_HARDWARE,
    NEURON_METRIC_GROUPS
};

/* As they are named in the configuration, and in what is written. */
static const char *const neuron_metric_group_names[NEURON_METRIC_GROUPS] = {
    "neuroncore_counters", "execution_stats", "memory_used",       "neuron_runtime_vcpu_usage",
    "vcpu_usage",          "memory_info",     "neuron_hw_counters"};

#endif
