/* SPDX-License-Identifier: Apache-2.0 */
/* Which of --input and --columns belongs to which input of a model. */
#ifndef NEURON_SCORE_INPUT_MATCH_H
#define NEURON_SCORE_INPUT_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_source.h"

/* What an input of the model is read from. All texts are those of the options. */
struct neuron_input_choice {
    const char *value;   /* of --input */
    const char *columns; /* of --columns; NULL for none */
    bool is_named;       /* the option names this input; else it serves all that are not named */
    uint32_t value_uses; /* how many inputs this --input serves */
};

/*
 * Matches the options with the inputs: by name, or, for the one --input without a name, all inputs
 * that are left. --columns without a name is for the only input that is no shared one.
 *
 * choices  receives one an input.
 *
 * Returns NEURON_INVALID_ARGUMENT for names that the model lacks or that are given twice, and for
 * inputs that are left without a file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_input_match(const struct neuron_row_source_plan *plan, struct neuron_input_choice *choices,
                   struct neuron_error *error);

#endif
