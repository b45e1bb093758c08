/* SPDX-License-Identifier: Apache-2.0 */
#include "score/fingerprint.h"

uint64_t
neuron_fingerprint_add(uint64_t fingerprint, const void *bytes, size_t size_bytes)
{
    const unsigned char *next = bytes;

    for (size_t i = 0; i < size_bytes; i += 1) {
        fingerprint = (fingerprint ^ next[i]) * UINT64_C(0x100000001B3);
    }
    return fingerprint;
}

static uint64_t
add_number(uint64_t fingerprint, uint64_t number)
{
    unsigned char bytes[sizeof(number)] = {0};

    for (size_t i = 0; i < sizeof(bytes); i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
    return neuron_fingerprint_add(fingerprint, bytes, sizeof(bytes));
}

uint64_t
neuron_fingerprint_add_file(uint64_t fingerprint, const struct stat *file,
                            enum neuron_fingerprint_scope scope)
{
    fingerprint = add_number(fingerprint, (uint64_t)file->st_size);
    if (scope == NEURON_FINGERPRINT_ANY_HOST) {
        return fingerprint;
    }
    fingerprint = add_number(fingerprint, (uint64_t)file->st_dev);
    fingerprint = add_number(fingerprint, (uint64_t)file->st_ino);
    fingerprint = add_number(fingerprint, (uint64_t)file->st_mtim.tv_sec);
    return add_number(fingerprint, (uint64_t)file->st_mtim.tv_nsec);
}
