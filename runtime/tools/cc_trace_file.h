/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a run in the format of Chrome's trace viewer. */
#ifndef NEURON_TOOLS_CC_TRACE_FILE_H
#define NEURON_TOOLS_CC_TRACE_FILE_H

#include <stdio.h>

#include "cc_profile.h"
#include "neuron/status.h"

/* Writes a text as a JSON string, with its quotes. Bytes beyond ASCII become '?'. */
void
neuron_cc_print_json_text(FILE *stream, const char *text);

/*
 * Writes the last profiled run as a JSON file, which appears whole or not at all.
 *
 * model  how the run is named in the viewer.
 *
 * Returns NEURON_SYSTEM when the file cannot be written, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_trace_file_write(const struct neuron_cc_profile *profile, const char *model,
                           const char *path, struct neuron_error *error);

#endif
