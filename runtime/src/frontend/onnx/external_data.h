/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a file below a model's folder. */
#ifndef NEURON_FRONTEND_ONNX_EXTERNAL_DATA_H
#define NEURON_FRONTEND_ONNX_EXTERNAL_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/*
 * Opens a file below a folder, and checks that it has the bytes that are wanted. A path that leaves
 * the folder, a symbolic link on the way, a file with a second hard link, and what is no regular
 * file are refused: the model says which file is read, and may be anybody's.
 *
 * folder      a descriptor; -1 for none, which is refused.
 * descriptor  receives the open file, which the caller closes.
 *
 * Returns NEURON_DAMAGED_MODEL or NEURON_SYSTEM, with what is to follow the tensor's name.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_external_data_open(int folder, const char *location, uint64_t offset, uint64_t size_bytes,
                          int *descriptor, struct neuron_error *error);

/* Reads bytes at an offset of an open file. */
NEURON_MUST_CHECK enum neuron_status
neuron_external_data_read(int descriptor, uint64_t offset, void *bytes, size_t size_bytes,
                          struct neuron_error *error);

#endif
