/* SPDX-License-Identifier: Apache-2.0 */
/* The groups that neuron-monitor tells of a process, as members of an open object. */
#ifndef NEURON_TOOLS_MONITOR_REPORT_RUNTIME_H
#define NEURON_TOOLS_MONITOR_REPORT_RUNTIME_H

#include <stdint.h>

#include "neuron/json_text.h"

#include "monitor/monitor_view.h"
#include "monitor/process_cores.h"

/* A process of the view's sample. */
struct neuron_reported_process {
    const struct neuron_monitor_view *view;
    uint32_t position;
    const struct neuron_process_cores *cores; /* since the look before that of the core group */
};

void
neuron_report_add_cores(const struct neuron_reported_process *reported,
                        const struct neuron_monitor_round *round, struct neuron_json_text *text);

/*
 * The same of a process that cannot be read: null for each core that it is the first to work on.
 *
 * trouble  why it cannot.
 */
void
neuron_report_add_unknown_cores(const struct neuron_reported_process *reported,
                                const struct neuron_monitor_round *round, const char *trouble,
                                struct neuron_json_text *text);
void
neuron_report_add_execution(const struct neuron_reported_process *reported,
                            const struct neuron_monitor_round *round,
                            struct neuron_json_text *text);
void
neuron_report_add_memory(const struct neuron_reported_process *reported,
                         const struct neuron_monitor_round *round, struct neuron_json_text *text);
void
neuron_report_add_vcpu(const struct neuron_reported_process *reported,
                       const struct neuron_monitor_round *round, struct neuron_json_text *text);

/* The members that each group begins and ends with. */
void
neuron_report_open_group(enum neuron_metric_group group, const struct neuron_monitor_round *round,
                         struct neuron_json_text *text);
void
neuron_report_close_group(struct neuron_json_text *text);

#endif
