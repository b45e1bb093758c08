/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the messages of a file, never more than its size allows. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_MEMORY_H
#define NEURON_FRONTEND_ONNX_ONNX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

/*
 * A few bytes of a file can stand for a message of a hundred times their size. This allocator says
 * no when all that lives would take more than it was made for; the parser then gives up.
 */
struct neuron_onnx_memory {
    size_t limit_bytes;
    size_t used_bytes;
    bool was_refused;
    ProtobufCAllocator allocator; /* to be given to the parser; points to this struct */
};

/* Fills in a budget for a file of so many bytes. It must not move afterwards. */
void
neuron_onnx_memory_limit(struct neuron_onnx_memory *memory, size_t file_bytes);

#endif
