/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of neuron-top. A function from values to values. */
#ifndef NEURON_TOOLS_TOP_TOP_OPTIONS_H
#define NEURON_TOOLS_TOP_TOP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "node/tool_options.h"

struct neuron_top_options {
    enum neuron_tool_request request;
    bool is_once;      /* prints reports, and takes no terminal over */
    bool is_json;      /* as JSON */
    uint32_t count;    /* of reports */
    uint64_t delay_ms; /* between looks */
};

/* What --help prints. */
extern const char neuron_top_help[];

/*
 * Reads a command line.
 *
 * Returns NEURON_INVALID_SYNTAX with the reason.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_top_options_parse(int argument_count, char *const *arguments,
                         struct neuron_top_options *options, struct neuron_error *error);

#endif
