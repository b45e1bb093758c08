/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes whole pieces of a file at a position. */
#ifndef NEURON_SCORE_POSITIONED_IO_H
#define NEURON_SCORE_POSITIONED_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads exactly this many bytes; returns false, with errno set, or 0 where the file ends before. */
bool
neuron_read_at(int file, void *bytes, size_t size_bytes, uint64_t offset_bytes);

/* Writes all bytes; returns false, with errno set. Goes on after a signal. */
bool
neuron_write_at(int file, const void *bytes, size_t size_bytes, uint64_t offset_bytes);

#endif
