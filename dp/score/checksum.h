/* SPDX-License-Identifier: Apache-2.0 */
/* A checksum against damage, not against people. With piece_sum.c alone knows xxHash. */
#ifndef NEURON_SCORE_CHECKSUM_H
#define NEURON_SCORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* XXH3 with 64 bits of these bytes. */
uint64_t
neuron_checksum(const void *bytes, size_t size_bytes);

#endif
