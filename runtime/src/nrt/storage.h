/* SPDX-License-Identifier: Apache-2.0 */
/* Where the memory of tensors comes from. */
#ifndef NEURON_NRT_STORAGE_H
#define NEURON_NRT_STORAGE_H

#include "nrt/libnrt.h"

enum { LIBNRT_HOST_LIMIT_BYTES = 4 * 1024 * 1024 }; /* most that one tensor of the host may have */

/*
 * Make storage of zeros near a core, storage of zeros of the host, or storage that is the caller's
 * memory. Its one use is the caller's to drop.
 *
 * storage  receives it. Unchanged on failure.
 *
 * Return NRT_INVALID for a core that the process does not own, or NRT_RESOURCE; both are logged.
 * Any thread that has entered, without the lock of the objects.
 */
NRT_STATUS
libnrt_storage_near_core(const char *call, int vnc, size_t size_bytes, const char *name,
                         struct libnrt_storage **storage);
NRT_STATUS
libnrt_storage_of_host(const char *call, size_t size_bytes, struct libnrt_storage **storage);
NRT_STATUS
libnrt_storage_of_caller(const char *call, void *buffer, size_t size_bytes,
                         struct libnrt_storage **storage);

#endif
