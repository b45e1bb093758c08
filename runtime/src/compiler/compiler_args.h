/* SPDX-License-Identifier: Apache-2.0 */
/* The options of neuron-cc compile that do not belong to files of ONNX. */
#ifndef NEURON_COMPILER_COMPILER_ARGS_H
#define NEURON_COMPILER_COMPILER_ARGS_H

#include <stdint.h>

#include "neuron/compiler.h"

/*
 * Reads "--name TEXT" and "--dump-passes DIR", each as two strings or as one with a '='.
 *
 * options  receives them; points into the arguments. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the argument in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compiler_args_parse(const char *const *arguments, uint32_t argument_count,
                           struct neuron_compiler_options *options, struct neuron_error *error);

#endif
