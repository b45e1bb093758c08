/* SPDX-License-Identifier: Apache-2.0 */
/* An ONNX file as messages. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_FILE_H
#define NEURON_FRONTEND_ONNX_ONNX_FILE_H

#include <stddef.h>

#include <onnx/onnx.pb-c.h>

#include "frontend/onnx/onnx_memory.h"
#include "neuron/status.h"

/* Must not move while it is open. */
struct neuron_onnx_file {
    struct neuron_onnx_memory memory; /* of the messages */
    Neuron__Onnx__Model *model;
    int folder;        /* a descriptor of the folder that the file stands in; -1 for none */
    size_t size_bytes; /* of the file */
};

/*
 * Reads a file into messages, which hold copies of its bytes. Names of fields and sizes hold
 * together afterwards; what they say is unchecked.
 *
 * Returns NEURON_SYSTEM when it cannot be read, NEURON_DAMAGED_MODEL when it does not parse or is
 * larger than a protobuf message can be, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_file_read(const char *path, struct neuron_onnx_file *file, struct neuron_error *error);

/* Does the same with bytes in memory, which may be dropped afterwards. There is no folder then. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_file_parse(const void *bytes, size_t size_bytes, struct neuron_onnx_file *file,
                       struct neuron_error *error);

/* Frees the messages and closes the folder. */
void
neuron_onnx_file_close(struct neuron_onnx_file *file);

#endif
