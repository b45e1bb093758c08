/* SPDX-License-Identifier: Apache-2.0 */
/* The values of options, from text. Functions from values to values. */
#ifndef NEURON_LAUNCHER_OPTION_VALUES_H
#define NEURON_LAUNCHER_OPTION_VALUES_H

#include <stdint.h>

#include "neuron/status.h"

#include "option_table.h"
#include "placement_wishes.h"

/* A whole number from `least` to NEURON_CORE_NUMBER_LIMIT. Each of these returns
   NEURON_INVALID_ARGUMENT with a text that names the option and what it takes. */
enum neuron_status
neuron_option_parse_count(const char *name, const char *text, uint32_t least, uint32_t *count,
                          struct neuron_error *error);

/* Seconds with up to three decimals that count. */
enum neuron_status
neuron_option_parse_seconds(const char *name, const char *text, uint64_t least_ms,
                            uint64_t *time_ms, struct neuron_error *error);

/* One of some words. */
enum neuron_status
neuron_option_parse_choice(const char *name, const char *text,
                           const struct neuron_option_choice *choices, uint32_t *value,
                           struct neuron_error *error);

/* As Open MPI writes it: a part of the machine, then modifiers such as ":PE=2:OVERSUBSCRIBE". */
enum neuron_status
neuron_option_parse_map(const char *name, const char *text, struct neuron_placement_wishes *wishes,
                        struct neuron_error *error);

#endif
