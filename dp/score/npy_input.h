/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of an npy file, mapped and walked over in order. */
#ifndef NEURON_NPY_INPUT_H
#define NEURON_NPY_INPUT_H

#include <stdint.h>
#include <sys/stat.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

/* An input reads no more of its file than the blocks that are taken. One thread at a time. */
struct neuron_npy_input;

/*
 * Opens and maps an npy file whose dimension 0 are the rows.
 *
 * input  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM when the file cannot be opened, NEURON_OUT_OF_MEMORY, or as
 * neuron_npy_parse(). The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_input_open(const char *path, struct neuron_npy_input **input,
                      struct neuron_error *error);

/* Type and shape of the array. Lives as long as the input. */
const struct neuron_tensor_shape *
neuron_npy_input_shape(const struct neuron_npy_input *input);

/* What the file was when it was opened. Lives as long as the input. */
const struct stat *
neuron_npy_input_file(const struct neuron_npy_input *input);

/*
 * Hands out rows, and has the same number of rows after them read ahead. Rows before them are let
 * go of: blocks are taken in ascending order, so that no more than two are in memory.
 *
 * first, count  inside the array.
 * rows          receives a view, valid until the next call.
 *
 * Returns NEURON_SYSTEM when the file has changed its size since it was opened, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_input_take(struct neuron_npy_input *input, uint64_t first, uint64_t count,
                      struct neuron_tensor_view *rows, struct neuron_error *error);

/* Returns NEURON_SYSTEM when the file has changed its size: rows that were taken may be wrong. */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_input_check(const struct neuron_npy_input *input, struct neuron_error *error);

/* Unmaps and closes the file. Accepts NULL. */
void
neuron_npy_input_destroy(struct neuron_npy_input *input);

#endif
