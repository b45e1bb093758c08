/* SPDX-License-Identifier: Apache-2.0 */
/* All options of neuron-score, by their spellings, and where their values go. */
#ifndef NEURON_SCORE_OPTION_FORMS_H
#define NEURON_SCORE_OPTION_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum neuron_score_option_kind {
    NEURON_SCORE_OPTION_FLAG,    /* a bool */
    NEURON_SCORE_OPTION_SETTING, /* an enum, set to `number` */
    NEURON_SCORE_OPTION_TEXT,    /* a const char * */
    NEURON_SCORE_OPTION_NAMED,   /* a struct neuron_named_list, one more item */
    NEURON_SCORE_OPTION_CHOICE,  /* an enum, one of `choices` */
    NEURON_SCORE_OPTION_ROWS,    /* a uint32_t of at least 1 */
    NEURON_SCORE_OPTION_SECONDS, /* a uint64_t of milliseconds, of at least `number` */
    NEURON_SCORE_OPTION_SIZE,    /* a uint64_t of bytes, of at least `number` */
    NEURON_SCORE_OPTION_SHARE,   /* a double from 0 to 1, written as a percentage */
    /* With more than one field each. */
    NEURON_SCORE_OPTION_WORDS,  /* --passthrough */
    NEURON_SCORE_OPTION_IDS,    /* --device-ids */
    NEURON_SCORE_OPTION_RANGE,  /* --rows */
    NEURON_SCORE_OPTION_BUDGET, /* --max-errors */
    NEURON_SCORE_OPTION_FILL    /* --fill */
};

/* A word that an option takes, and the value of its enum. */
struct neuron_score_choice {
    const char *word;
    uint32_t value;
};

/* An option. */
struct neuron_score_option {
    const char *long_form;
    const char *short_form; /* NULL for none */
    const char *value_name; /* as --help has it; NULL for an option without a value */
    enum neuron_score_option_kind kind;
    uint32_t number;                           /* as the kind says */
    size_t offset;                             /* of the field in struct neuron_score_options */
    const struct neuron_score_choice *choices; /* ends with a NULL word */
};

/* How many options there are, and each of them. */
uint32_t
neuron_score_option_count(void);
const struct neuron_score_option *
neuron_score_option_at(uint32_t index);

/*
 * Finds the option that an argument begins with: "--name", "--name=value" or "-n".
 *
 * value  receives what stands behind the "=", or NULL where there is none.
 *
 * Returns its index, or the count of options for an argument that is none.
 */
uint32_t
neuron_score_option_find(const char *argument, const char **value);

/* Writes that an argument is no option, and which one is near, as NEURON_INVALID_SYNTAX. */
void
neuron_score_option_refuse(const char *argument, struct neuron_error *error);

#endif
