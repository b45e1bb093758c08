/* SPDX-License-Identifier: Apache-2.0 */
#include "score/wire.h"

#include <stdlib.h>
#include <string.h>

/* Room for so many more bytes; NULL where there is no memory. */
static unsigned char *
make_room(struct neuron_wire_writer *writer, size_t size_bytes)
{
    if (!writer->lacks_memory && writer->limit_bytes - writer->size_bytes < size_bytes) {
        size_t limit = 2 * (writer->limit_bytes + size_bytes) + 64;
        unsigned char *grown = realloc(writer->bytes, limit);

        writer->lacks_memory = grown == NULL;
        if (grown != NULL) {
            writer->bytes = grown;
            writer->limit_bytes = limit;
        }
    }
    if (writer->lacks_memory) {
        return NULL;
    }
    writer->size_bytes += size_bytes;
    return writer->bytes + writer->size_bytes - size_bytes;
}

static void
write_number(struct neuron_wire_writer *writer, uint64_t number, size_t size_bytes)
{
    unsigned char *place = make_room(writer, size_bytes);

    for (size_t i = 0; place != NULL && i < size_bytes; i += 1) {
        place[i] = (unsigned char)(number >> (8 * i));
    }
}

void
neuron_wire_write_u8(struct neuron_wire_writer *writer, uint8_t number)
{
    write_number(writer, number, sizeof(number));
}

void
neuron_wire_write_u32(struct neuron_wire_writer *writer, uint32_t number)
{
    write_number(writer, number, sizeof(number));
}

void
neuron_wire_write_u64(struct neuron_wire_writer *writer, uint64_t number)
{
    write_number(writer, number, sizeof(number));
}

void
neuron_wire_write_text(struct neuron_wire_writer *writer, const char *text, size_t limit_bytes)
{
    size_t length = strnlen(text, limit_bytes - 1);

    neuron_wire_write_u32(writer, (uint32_t)length);
    unsigned char *place = make_room(writer, length);
    if (place != NULL) {
        memcpy(place, text, length);
    }
}

static uint64_t
read_number(struct neuron_wire_reader *reader, size_t size_bytes)
{
    uint64_t number = 0;

    if (reader->is_damaged || reader->left_bytes < size_bytes) {
        reader->is_damaged = true;
        return 0;
    }
    for (size_t i = 0; i < size_bytes; i += 1) {
        number |= (uint64_t)reader->bytes[i] << (8 * i);
    }
    reader->bytes += size_bytes;
    reader->left_bytes -= size_bytes;
    return number;
}

uint8_t
neuron_wire_read_u8(struct neuron_wire_reader *reader)
{
    return (uint8_t)read_number(reader, sizeof(uint8_t));
}

uint32_t
neuron_wire_read_u32(struct neuron_wire_reader *reader)
{
    return (uint32_t)read_number(reader, sizeof(uint32_t));
}

uint64_t
neuron_wire_read_u64(struct neuron_wire_reader *reader)
{
    return read_number(reader, sizeof(uint64_t));
}

uint32_t
neuron_wire_read_up_to(struct neuron_wire_reader *reader, uint32_t most)
{
    uint32_t number = neuron_wire_read_u32(reader);

    if (number > most) {
        reader->is_damaged = true;
        return 0;
    }
    return number;
}

void
neuron_wire_read_text(struct neuron_wire_reader *reader, char *text, size_t limit_bytes)
{
    uint32_t length = neuron_wire_read_up_to(reader, (uint32_t)limit_bytes - 1);

    text[0] = '\0';
    if (reader->left_bytes < length || memchr(reader->bytes, '\0', length) != NULL) {
        reader->is_damaged = true;
    }
    if (reader->is_damaged) {
        return;
    }
    memcpy(text, reader->bytes, length);
    text[length] = '\0';
    reader->bytes += length;
    reader->left_bytes -= length;
}
