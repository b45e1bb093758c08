/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-ls is asked for. */
#ifndef NEURON_TOOLS_LS_COMMAND_LINE_H
#define NEURON_TOOLS_LS_COMMAND_LINE_H

#include <stdbool.h>

#include "neuron/status.h"

#include "node/tool_options.h"

enum neuron_ls_form { NEURON_LS_TABLES = 0, NEURON_LS_DRAWING = 1, NEURON_LS_JSON = 2 };

struct neuron_ls_options {
    enum neuron_ls_form form;
    bool is_wide;   /* whole texts and more columns */
    bool shows_all; /* processes, too, that work on what others lend them */
};

/* What --help prints. */
extern const char neuron_ls_help[];

/* Reads a command line; errors as neuron_tool_options_parse(). */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_options_parse(int argument_count, char *const *arguments,
                        struct neuron_ls_options *options, enum neuron_tool_request *request,
                        struct neuron_error *error);

#endif
