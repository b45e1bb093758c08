/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_BYTES = 16, /* keeps the size of a block, and its alignment */
    BASE_BYTES = 16 << 20,
    FILE_FACTOR = 8 /* int64 numbers of one byte each become eight */
};

static void *
allocate(void *user, size_t size_bytes)
{
    struct neuron_onnx_memory *memory = user;

    if (size_bytes > memory->limit_bytes ||
        memory->limit_bytes - size_bytes < memory->used_bytes + HEADER_BYTES) {
        memory->was_refused = true;
        return NULL;
    }
    unsigned char *block = malloc(size_bytes + HEADER_BYTES);
    if (block == NULL) {
        return NULL;
    }
    memcpy(block, &size_bytes, sizeof(size_bytes));
    memory->used_bytes += size_bytes + HEADER_BYTES;
    return block + HEADER_BYTES;
}

static void
release(void *user, void *bytes)
{
    struct neuron_onnx_memory *memory = user;
    size_t size_bytes = 0;

    if (bytes == NULL) {
        return;
    }
    unsigned char *block = (unsigned char *)bytes - HEADER_BYTES;
    memcpy(&size_bytes, block, sizeof(size_bytes));
    memory->used_bytes -= size_bytes + HEADER_BYTES;
    free(block);
}

void
neuron_onnx_memory_limit(struct neuron_onnx_memory *memory, size_t file_bytes)
{
    *memory = (struct neuron_onnx_memory){
        .limit_bytes = BASE_BYTES,
        .allocator = {.alloc = allocate, .free = release, .allocator_data = memory}};
    if (__builtin_mul_overflow(file_bytes, FILE_FACTOR, &memory->limit_bytes) ||
        __builtin_add_overflow(memory->limit_bytes, BASE_BYTES, &memory->limit_bytes)) {
        memory->limit_bytes = SIZE_MAX / 2;
    }
}
