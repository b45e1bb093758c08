/* SPDX-License-Identifier: Apache-2.0 */
/* The command lines of neuron-ls, neuron-top and neuron-monitor: a table of options, and the values
   that a command line gives them. Functions from values to values. */
#ifndef NEURON_TOOLS_NODE_TOOL_OPTIONS_H
#define NEURON_TOOLS_NODE_TOOL_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum neuron_tool_option_kind {
    NEURON_TOOL_FLAG,    /* a bool */
    NEURON_TOOL_SETTING, /* a uint32_t or an enum, set to `number` */
    NEURON_TOOL_COUNT,   /* a uint32_t of at least `number` */
    NEURON_TOOL_SECONDS, /* a uint64_t of milliseconds, of at least `number` */
    NEURON_TOOL_TEXT     /* a const char * */
};

struct neuron_tool_option {
    const char *name; /* "--period" */
    char letter;      /* 'p' for -p; 0 for none */
    enum neuron_tool_option_kind kind;
    const char *value_name; /* "seconds"; NULL for an option without a value */
    size_t offset;          /* of the field in what the command line fills */
    uint32_t number;        /* as the kind says */
};

/* -h, --help, -V and --version belong to each tool, and stand in no table. */
struct neuron_tool_table {
    const char *program; /* as errors name it */
    const struct neuron_tool_option *options;
    uint32_t option_count;
};

enum neuron_tool_request { NEURON_TOOL_RUN, NEURON_TOOL_SHOW_HELP, NEURON_TOOL_SHOW_VERSION };

/*
 * Reads a command line: "--period 5", "--period=5", "-p 5", "-p5", "-wj". What follows --help or
 * --version is not looked at. The last one counts of options that stand there twice.
 *
 * values   receives what is given, by the offsets of the table; the rest keeps what it was. Texts
 *          are those of the arguments.
 * request  receives what to do.
 *
 * Returns NEURON_INVALID_SYNTAX with a text that names the option, and one that is near.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_tool_options_parse(const struct neuron_tool_table *table, int argument_count,
                          char *const *arguments, void *values, enum neuron_tool_request *request,
                          struct neuron_error *error);

#endif
