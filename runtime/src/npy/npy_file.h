/* SPDX-License-Identifier: Apache-2.0 */
/* What an array is, and npy files that take their place later, with others. */
#ifndef NEURON_NPY_NPY_FILE_H
#define NEURON_NPY_NPY_FILE_H

#include "neuron/npy.h"
#include "whole_file.h"

struct neuron_npy_array {
    struct neuron_tensor_shape shape;
    void *payload; /* aligned to 64 bytes */
    void *owned;   /* the memory that it lies in, for free(); NULL when that is another's */
};

/*
 * Writes a tensor into an open file, and settles that. Publishing is the caller's.
 *
 * Returns as neuron_npy_save().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_write(const struct neuron_tensor_view *tensor, struct neuron_whole_file *file,
                 struct neuron_error *error);

#endif
