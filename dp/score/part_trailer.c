/* SPDX-License-Identifier: Apache-2.0 */
#include "score/part_trailer.h"

#include <string.h>

enum {
    MAGIC_BYTES = 16,
    VERSION_AT = MAGIC_BYTES,
    WORLD_SIZE_AT = VERSION_AT + 4,
    ROWS_AT = WORLD_SIZE_AT + 4,
    PAYLOAD_END_AT = ROWS_AT + 8,
    START_AT = PAYLOAD_END_AT + 8,
    FINGERPRINT_AT = START_AT + 8,
    JOB_ID_AT = FINGERPRINT_AT + 8
};

_Static_assert(JOB_ID_AT + NEURON_JOB_ID_BYTES <= NEURON_PART_FOOTER_BYTES,
               "the footer has room for all of its fields");

static const char footer_magic[MAGIC_BYTES] = "neuron-score/prt";

static void
encode_number(uint64_t number, size_t size_bytes, unsigned char *bytes)
{
    for (size_t i = 0; i < size_bytes; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
}

static uint64_t
decode_number(const unsigned char *bytes, size_t size_bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size_bytes; i += 1) {
        number |= (uint64_t)bytes[i] << (8 * i);
    }
    return number;
}

void
neuron_part_record_encode(const struct neuron_part_record *record, unsigned char *bytes)
{
    encode_number((uint64_t)record->state, 4, bytes);
    encode_number(record->core_count, 4, bytes + 4);
}

bool
neuron_part_record_decode(const unsigned char *bytes, struct neuron_part_record *record)
{
    uint64_t state = decode_number(bytes, 4);

    if (state > NEURON_PART_DONE) {
        return false;
    }
    record->state = (enum neuron_part_state)state;
    record->core_count = (uint32_t)decode_number(bytes + 4, 4);
    return true;
}

void
neuron_part_footer_encode(const struct neuron_part_footer *footer, unsigned char *bytes)
{
    memset(bytes, 0, NEURON_PART_FOOTER_BYTES);
    memcpy(bytes, footer_magic, MAGIC_BYTES);
    encode_number(NEURON_PART_VERSION, 4, bytes + VERSION_AT);
    encode_number(footer->world_size, 4, bytes + WORLD_SIZE_AT);
    encode_number(footer->rows, 8, bytes + ROWS_AT);
    encode_number(footer->payload_end_bytes, 8, bytes + PAYLOAD_END_AT);
    encode_number((uint64_t)footer->start_ns, 8, bytes + START_AT);
    encode_number(footer->fingerprint, 8, bytes + FINGERPRINT_AT);
    memcpy(bytes + JOB_ID_AT, footer->job_id, strnlen(footer->job_id, NEURON_JOB_ID_BYTES - 1));
}

bool
neuron_part_file_size(uint64_t payload_end_bytes, uint32_t world_size, uint64_t *size_bytes)
{
    uint64_t trailer_bytes =
        (uint64_t)world_size * NEURON_PART_RECORD_BYTES + NEURON_PART_FOOTER_BYTES;

    return !__builtin_add_overflow(payload_end_bytes, trailer_bytes, size_bytes) &&
           *size_bytes <= (uint64_t)1 << 60;
}

bool
neuron_part_footer_decode(const unsigned char *bytes, uint64_t file_size_bytes,
                          struct neuron_part_footer *footer)
{
    struct neuron_part_footer found = {0};
    uint64_t expected_bytes = 0;

    if (memcmp(bytes, footer_magic, MAGIC_BYTES) != 0 ||
        decode_number(bytes + VERSION_AT, 4) != NEURON_PART_VERSION) {
        return false;
    }
    found.world_size = (uint32_t)decode_number(bytes + WORLD_SIZE_AT, 4);
    found.rows = decode_number(bytes + ROWS_AT, 8);
    found.payload_end_bytes = decode_number(bytes + PAYLOAD_END_AT, 8);
    found.start_ns = (int64_t)decode_number(bytes + START_AT, 8);
    found.fingerprint = decode_number(bytes + FINGERPRINT_AT, 8);
    memcpy(found.job_id, bytes + JOB_ID_AT, NEURON_JOB_ID_BYTES);
    if (found.world_size == 0 || found.world_size > NEURON_WORLD_SIZE_LIMIT ||
        found.job_id[NEURON_JOB_ID_BYTES - 1] != '\0' ||
        !neuron_part_file_size(found.payload_end_bytes, found.world_size, &expected_bytes) ||
        expected_bytes != file_size_bytes) {
        return false;
    }
    *footer = found;
    return true;
}
