/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-score is asked to do. */
#ifndef NEURON_SCORE_COMMAND_LINE_H
#define NEURON_SCORE_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

/* What kind of call it is. */
enum neuron_score_request {
    NEURON_SCORE_FILE = 0,
    NEURON_SCORE_SHOW_HELP = 1,
    NEURON_SCORE_SHOW_VERSION = 2
};

/* Paths point into the arguments that were parsed. */
struct neuron_score_options {
    enum neuron_score_request request;
    const char *model_path;
    const char *weights_path; /* NULL for those that the model has */
    const char *input_path;
    const char *output_path;
    const char **device_ids; /* NULL for all cores */
    uint32_t device_id_count;
    uint32_t split_size_rows; /* 0 for the compiled batch */
    bool is_quiet;
    bool shows_timeline;  /* of the block that took longest */
    char *device_id_text; /* what the ids point into */
};

/*
 * Parses the arguments of the program, "--name value" or "--name=value" in any order.
 *
 * arguments  the program's name first; outlive the options.
 * options    overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the offending argument, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_options_parse(int argument_count, char *const *arguments,
                           struct neuron_score_options *options, struct neuron_error *error);

/* Frees what the options own. Accepts zeroed ones. */
void
neuron_score_options_destroy(struct neuron_score_options *options);

/* The text of --help. */
extern const char neuron_score_help[];

#endif
