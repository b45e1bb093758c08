/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-monitor tells of the machine, as members of an open object. */
#ifndef NEURON_TOOLS_MONITOR_REPORT_SYSTEM_H
#define NEURON_TOOLS_MONITOR_REPORT_SYSTEM_H

#include "neuron/json_text.h"

#include "monitor/monitor_view.h"

/* The object "system_data" with the groups that are told now. */
void
neuron_report_add_system(const struct neuron_monitor_view *view, struct neuron_json_text *text);

/* The objects "instance_info" and "neuron_hardware_info". */
void
neuron_report_add_machine(const struct neuron_monitor_view *view, struct neuron_json_text *text);

#endif
