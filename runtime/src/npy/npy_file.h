/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an npy file that takes its place later, with others. */
#ifndef NEURON_NPY_NPY_FILE_H
#define NEURON_NPY_NPY_FILE_H

#include "neuron/npy.h"
#include "whole_file.h"

/*
 * Writes a tensor into an open file, and settles that. Publishing is the caller's.
 *
 * Returns as neuron_npy_save().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_write(const struct neuron_tensor_view *tensor, struct neuron_whole_file *file,
                 struct neuron_error *error);

#endif
