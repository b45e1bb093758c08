/* SPDX-License-Identifier: Apache-2.0 */
/* The object that neuron-monitor writes, in the layout of the Neuron tool (docs/monitoring.md). */
#ifndef NEURON_TOOLS_MONITOR_REPORT_JSON_H
#define NEURON_TOOLS_MONITOR_REPORT_JSON_H

#include "neuron/json_text.h"
#include "neuron/status.h"

#include "monitor/monitor_view.h"

/*
 * Writes the object, on one line with its end.
 *
 * text  zeroed; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_report_write(const struct neuron_monitor_view *view, struct neuron_json_text *text,
                            struct neuron_error *error);

#endif
