/* SPDX-License-Identifier: Apache-2.0 */
/* The options of neuron-cc compile that do not belong to files of ONNX. */
#ifndef NEURON_COMPILER_COMPILER_ARGS_H
#define NEURON_COMPILER_COMPILER_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/compiler.h"

/* Name the values of --auto-cast and --auto-cast-type, which may be of a file; "unknown" for none.
 */
const char *
neuron_auto_cast_name(uint32_t auto_cast);
const char *
neuron_auto_cast_type_name(uint32_t type);

/*
 * Sets an option by its long name.
 *
 * name   one that there is: "--name", "--dump-passes", "--auto-cast", "--auto-cast-type",
 *        "--optlevel", "--target".
 * value  what stands there for it; the options point to it.
 *
 * Returns NEURON_INVALID_SYNTAX for a value that the option does not take.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compiler_option_set(struct neuron_compiler_options *options, const char *name,
                           const char *value, struct neuron_error *error);

/*
 * Checks options, each of which is right, for one that would do nothing.
 *
 * has_cast_type  whether auto_cast_type was given: it is 0, which is bf16, where it was not.
 *
 * Returns NEURON_INVALID_SYNTAX with the option, and the one that it goes with.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compiler_options_check(const struct neuron_compiler_options *options, bool has_cast_type,
                              struct neuron_error *error);

/*
 * Reads those options, each as two strings or as one with a '='; the level also as "-O2".
 *
 * options  receives them; points into the arguments. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the argument in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compiler_args_parse(const char *const *arguments, uint32_t argument_count,
                           struct neuron_compiler_options *options, struct neuron_error *error);

#endif
