/* SPDX-License-Identifier: Apache-2.0 */
/* The values of options, from text. Functions from values to values. */
#ifndef NEURON_SCORE_OPTION_VALUES_H
#define NEURON_SCORE_OPTION_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/option_forms.h"

/* Each of these returns NEURON_INVALID_SYNTAX with a text that names the option and what it takes,
   and then leaves the value as it is. */

/* A number of rows of at least 1. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_count(const char *name, const char *text, uint32_t *rows,
                         struct neuron_error *error);

/* Seconds with up to three decimals that count. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_seconds(const char *name, const char *text, uint64_t least_ms, uint64_t *time_ms,
                           struct neuron_error *error);

/* Bytes, or a whole number with K, M, G or T, which are powers of 1024: "512M", "2GiB". */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_size(const char *name, const char *text, uint64_t least_bytes,
                        uint64_t *size_bytes, struct neuron_error *error);

/* A percentage from 0% to 100%, as a share from 0 to 1. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_share(const char *name, const char *text, double *share,
                         struct neuron_error *error);

/* "A:B", either of which may be left out: the rows from A on, before B. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_rows(const char *name, const char *text, uint64_t *first, uint64_t *end,
                        struct neuron_error *error);

/* "N" rows, or "P%" of them; the other one is left at all of them. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_budget(const char *name, const char *text, uint64_t *rows, double *share,
                          struct neuron_error *error);

/* A number as strtod() reads it: also "nan" and "-inf". */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_number(const char *name, const char *text, double *number,
                          struct neuron_error *error);

/* One of some words. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_parse_choice(const char *name, const char *text,
                          const struct neuron_score_choice *choices, uint32_t *value,
                          struct neuron_error *error);

/*
 * How long the name is in "NAME=VALUE"; 0 where there is none. A name is of letters, digits and
 * "_-.:/", and begins neither with "." nor with "/": what stands before the "=" of "./a=b.npy" is
 * a part of the path.
 */
size_t
neuron_score_measure_name(const char *text);

#endif
