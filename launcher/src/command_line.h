/* SPDX-License-Identifier: Apache-2.0 */
/* What a user asked of neuronrun, read from its command line. */
#ifndef NEURON_LAUNCHER_COMMAND_LINE_H
#define NEURON_LAUNCHER_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

enum neuron_launch_action {
    NEURON_LAUNCH_RUN,
    NEURON_LAUNCH_SHOW_PLAN,
    NEURON_LAUNCH_SHOW_HELP,
    NEURON_LAUNCH_SHOW_VERSION
};

enum neuron_launch_input {
    NEURON_LAUNCH_INPUT_DEFAULT, /* rank 0 when it is the only one and may read it, else nobody */
    NEURON_LAUNCH_INPUT_NONE,
    NEURON_LAUNCH_INPUT_RANK
};

enum neuron_launch_verbosity {
    NEURON_LAUNCH_NORMAL,
    NEURON_LAUNCH_QUIET, /* nothing about how ranks ended */
    NEURON_LAUNCH_VERBOSE
};

/* All texts are those of the arguments, and live as long as they do. */
struct neuron_command_line {
    enum neuron_launch_action action;
    uint32_t rank_count;       /* 0 for as many as fit */
    uint32_t ranks_per_device; /* 0 for no such wish */
    uint32_t cores_per_rank;   /* 0 for an even cut */
    bool is_uneven;
    bool oversubscribes;
    bool tags_output;
    enum neuron_launch_verbosity verbosity;
    enum neuron_launch_input input;
    uint32_t input_rank; /* with NEURON_LAUNCH_INPUT_RANK */
    uint64_t timeout_ms; /* 0 for none */
    uint64_t grace_ms;
    const char *working_directory; /* NULL for this one */
    const char **assignments;      /* of -x: "VAR" or "VAR=VALUE" */
    uint32_t assignment_count;
    char *const *program; /* with its arguments; ends with NULL */
};

/*
 * Reads a command line. Options end at the first word that is none, or at "--".
 *
 * arguments  as main() receives them: the first is skipped, the last is followed by NULL.
 * line       is overwritten; destroyed by the caller also after a failure.
 *
 * Returns NEURON_INVALID_ARGUMENT with a text for the user, or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_command_line_parse(int argument_count, char *const *arguments,
                          struct neuron_command_line *line, struct neuron_error *error);

/* The text of --help. */
const char *
neuron_command_line_help(void);

/* Frees what the line owns, not the line. */
void
neuron_command_line_destroy(struct neuron_command_line *line);

#endif
