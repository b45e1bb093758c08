/* SPDX-License-Identifier: Apache-2.0 */
#include "score/part_records.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "score/positioned_io.h"

bool
neuron_part_is_in_place(int file, const char *path)
{
    struct stat open_file = {0};
    struct stat named_file = {0};

    return fstat(file, &open_file) == 0 && lstat(path, &named_file) == 0 &&
           open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

bool
neuron_part_footer_read(int file, struct neuron_part_footer *footer)
{
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];
    struct stat status = {0};

    return fstat(file, &status) == 0 && status.st_size >= (off_t)sizeof(bytes) &&
           neuron_read_at(file, bytes, sizeof(bytes), (uint64_t)status.st_size - sizeof(bytes)) &&
           neuron_part_footer_decode(bytes, (uint64_t)status.st_size, footer);
}

static enum neuron_status
write_bytes(const struct neuron_part_file *part, const unsigned char *bytes, size_t size_bytes,
            uint64_t offset_bytes, struct neuron_error *error)
{
    if (!neuron_write_at(part->file, bytes, size_bytes, offset_bytes)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be written: %s", part->path,
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

enum neuron_status
neuron_part_footer_write(const struct neuron_part_file *part,
                         const struct neuron_part_footer *footer, struct neuron_error *error)
{
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];

    neuron_part_footer_encode(footer, bytes);
    return write_bytes(part, bytes, sizeof(bytes), part->size_bytes - sizeof(bytes), error);
}

static uint64_t
record_position(const struct neuron_part_file *part, uint32_t rank)
{
    return part->payload_end_bytes + (uint64_t)rank * NEURON_PART_RECORD_BYTES;
}

bool
neuron_part_record_read(const struct neuron_part_file *part, uint32_t rank,
                        struct neuron_part_record *record)
{
    unsigned char bytes[NEURON_PART_RECORD_BYTES];

    return neuron_read_at(part->file, bytes, sizeof(bytes), record_position(part, rank)) &&
           neuron_part_record_decode(bytes, record);
}

enum neuron_status
neuron_part_record_write(const struct neuron_part_file *part,
                         const struct neuron_part_record *record, struct neuron_error *error)
{
    unsigned char bytes[NEURON_PART_RECORD_BYTES];

    neuron_part_record_encode(record, bytes);
    return write_bytes(part, bytes, sizeof(bytes), record_position(part, part->rank), error);
}
