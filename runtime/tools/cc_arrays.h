/* SPDX-License-Identifier: Apache-2.0 */
/* The npy files that are given for inputs. */
#ifndef NEURON_TOOLS_CC_ARRAYS_H
#define NEURON_TOOLS_CC_ARRAYS_H

#include "cc_command_line.h"
#include "neuron/npy.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* In the order of the options' files. */
struct neuron_cc_arrays {
    struct neuron_npy_array **arrays;
    struct neuron_tensor_view *views;
    uint32_t count;
};

/*
 * Reads all files.
 *
 * arrays  receives them; to be closed. Unchanged on failure.
 *
 * Returns as neuron_npy_array_load().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_arrays_load(const struct neuron_cc_options *options, struct neuron_cc_arrays *arrays,
                      struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_cc_arrays_close(struct neuron_cc_arrays *arrays);

#endif
