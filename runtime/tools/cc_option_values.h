/* SPDX-License-Identifier: Apache-2.0 */
/* The values of neuron-cc's options: texts to what they mean. */
#ifndef NEURON_TOOLS_CC_OPTION_VALUES_H
#define NEURON_TOOLS_CC_OPTION_VALUES_H

#include "cc_command_line.h"

/*
 * Each reads one value into the options. The lists of shapes and files have room for one more.
 *
 * Returns NEURON_INVALID_SYNTAX with the value and what would be right, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_batch(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_shape(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_bucket(const char *value, struct neuron_cc_options *options,
                       struct neuron_error *error);

/* Frees what a bucket owns. */
void
neuron_cc_free_bucket(struct neuron_cc_bucket *bucket);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_input(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error);

/* A file alone is for the only input; its name is empty then. */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_calibrate(const char *value, struct neuron_cc_options *options,
                          struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_cores(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_split(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_runs(const char *value, struct neuron_cc_options *options,
                     struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_cc_parse_seconds(const char *value, struct neuron_cc_options *options,
                        struct neuron_error *error);

#endif
