/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of messages: little endian, written into memory that grows, read with every bound checked.
 */
#ifndef NEURON_SCORE_WIRE_H
#define NEURON_SCORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is written. Zeroed it is empty. Once memory is lacking, it stays so, and nothing is added.
 */
struct neuron_wire_writer {
    unsigned char *bytes; /* the caller frees them */
    size_t size_bytes;
    size_t limit_bytes;
    bool lacks_memory;
};

void
neuron_wire_write_u8(struct neuron_wire_writer *writer, uint8_t number);
void
neuron_wire_write_u32(struct neuron_wire_writer *writer, uint32_t number);
void
neuron_wire_write_u64(struct neuron_wire_writer *writer, uint64_t number);

/* A text of at most `limit_bytes` with its terminator: its length, and its bytes. */
void
neuron_wire_write_text(struct neuron_wire_writer *writer, const char *text, size_t limit_bytes);

/* What is read. Once something does not fit, everything reads as 0, and is_damaged stays. */
struct neuron_wire_reader {
    const unsigned char *bytes;
    size_t left_bytes;
    bool is_damaged;
};

uint8_t
neuron_wire_read_u8(struct neuron_wire_reader *reader);
uint32_t
neuron_wire_read_u32(struct neuron_wire_reader *reader);
uint64_t
neuron_wire_read_u64(struct neuron_wire_reader *reader);

/* A number up to `most`; a larger one is damage. */
uint32_t
neuron_wire_read_up_to(struct neuron_wire_reader *reader, uint32_t most);

/* A text for room of `limit_bytes`, with its terminator; a longer one, or one that holds a zero, is
 * damage. */
void
neuron_wire_read_text(struct neuron_wire_reader *reader, char *text, size_t limit_bytes);

#endif
