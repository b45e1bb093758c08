/* SPDX-License-Identifier: Apache-2.0 */
/* All options of neuronrun, by their spellings, and where their values go. */
#ifndef NEURON_LAUNCHER_OPTION_TABLE_H
#define NEURON_LAUNCHER_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum neuron_option_kind {
    NEURON_OPTION_IGNORED, /* accepted for the sake of scripts */
    NEURON_OPTION_FLAG,    /* a bool */
    NEURON_OPTION_SETTING, /* an enum or count, set to `number` */
    NEURON_OPTION_COUNT,   /* a uint32_t of at least `number` */
    NEURON_OPTION_SECONDS, /* a uint64_t of milliseconds, of at least `number` */
    NEURON_OPTION_TEXT,    /* a const char * */
    NEURON_OPTION_CHOICE,  /* an enum, one of `choices` */
    /* With rules of their own. */
    NEURON_OPTION_RANKS,
    NEURON_OPTION_ASSIGNMENT,
    NEURON_OPTION_DIRECTORY,
    NEURON_OPTION_MAP_BY,
    NEURON_OPTION_INPUT,
    NEURON_OPTION_PICTURE,
    NEURON_OPTION_WAIT,
    NEURON_OPTION_PARAMETER,
    NEURON_OPTION_HELP
};

/* A word that an option takes, and the value of its enum. */
struct neuron_option_choice {
    const char *word;
    uint32_t value;
};

/* One spelling. */
struct neuron_option {
    const char *name;
    enum neuron_option_kind kind;
    bool is_optional;                           /* a value follows only behind "=" */
    const char *value_name;                     /* NULL for an option without a value */
    size_t offset;                              /* of the field in struct neuron_command_line */
    uint32_t number;                            /* as the kind says */
    const struct neuron_option_choice *choices; /* ends with a NULL word */
};

/* The option of that spelling, or NULL. */
const struct neuron_option *
neuron_option_find(const char *word, size_t length);

/* Says that no option is spelled so, and which one is near. Returns NEURON_INVALID_ARGUMENT. */
enum neuron_status
neuron_option_refuse(const char *word, size_t length, struct neuron_error *error);

/* What --map-by, --rank-by and --bind-to take; the last two entries only --bind-to and --map-by. */
extern const struct neuron_option_choice neuron_option_map_choices[];

#endif
