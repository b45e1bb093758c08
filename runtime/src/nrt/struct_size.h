/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of the interface that may grow at their end. */
#ifndef NEURON_NRT_STRUCT_SIZE_H
#define NEURON_NRT_STRUCT_SIZE_H

#include <stddef.h>
#include <string.h>

/* Copies as much of a struct as the caller and the library both know; returns how many bytes. */
static inline size_t
libnrt_copy_struct(void *to, size_t to_bytes, const void *from, size_t from_bytes)
{
    size_t size_bytes = to_bytes < from_bytes ? to_bytes : from_bytes;

    memcpy(to, from, size_bytes);
    return size_bytes;
}

#endif
