/* SPDX-License-Identifier: Apache-2.0 */
#include "score/checksum.h"

#include <xxhash.h>

uint64_t
neuron_checksum(const void *bytes, size_t size_bytes)
{
    return XXH3_64bits(bytes, size_bytes);
}
