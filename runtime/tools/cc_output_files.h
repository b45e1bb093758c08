/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the outputs of a run become. */
#ifndef NEURON_TOOLS_CC_OUTPUT_FILES_H
#define NEURON_TOOLS_CC_OUTPUT_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* One file for each output, in the model's order. */
struct neuron_cc_output_files {
    const char *folder;
    char **paths;
    uint32_t count;
    bool made_folder;
};

/*
 * Finds the name of each file: that of its output, with '_' for what is none of A-Z a-z 0-9 . _ -,
 * and ".npy". Makes the folder where it is not there.
 *
 * files  receives them; to be closed. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT where two outputs would be one file, or the folder is none;
 * NEURON_SYSTEM where it cannot be made; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_output_files_open(const struct neuron_model *model, const char *folder,
                            struct neuron_cc_output_files *files, struct neuron_error *error);

/*
 * Writes all outputs. None appears before all of them are on the disk.
 *
 * Returns as neuron_npy_save().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_output_files_write(const struct neuron_cc_output_files *files,
                             const struct neuron_tensor_view *outputs, struct neuron_error *error);

/* Removes a folder that was made for nothing: for a run that failed. */
void
neuron_cc_output_files_take_back(const struct neuron_cc_output_files *files);

/* Accepts a zeroed one. */
void
neuron_cc_output_files_close(struct neuron_cc_output_files *files);

#endif
