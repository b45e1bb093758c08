/* SPDX-License-Identifier: Apache-2.0 */
/* The trailer of an open part file, read and written in place. */
#ifndef NEURON_SCORE_PART_RECORDS_H
#define NEURON_SCORE_PART_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/part_file.h"
#include "score/part_trailer.h"

struct neuron_part_file {
    int file; /* -1 while it is not open */
    char *path;
    uint32_t rank;
    uint32_t world_size;
    uint64_t payload_start_bytes;
    uint64_t payload_end_bytes;
    uint64_t size_bytes;        /* with the trailer */
    uint64_t handed_over_bytes; /* up to where the disk was told to write; 0 before the first row */
};

/* All of these but neuron_part_is_in_place() are called with the decision lock held. */

/* Says whether the open file is the one under the name. */
bool
neuron_part_is_in_place(int file, const char *path);

/* Reads the footer; returns false for a file that has none that can be used. */
bool
neuron_part_footer_read(int file, struct neuron_part_footer *footer);

/* Writes the footer. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_part_footer_write(const struct neuron_part_file *part,
                         const struct neuron_part_footer *footer, struct neuron_error *error);

/* Reads the record of a rank; returns false for one that cannot be read or is damaged. */
bool
neuron_part_record_read(const struct neuron_part_file *part, uint32_t rank,
                        struct neuron_part_record *record);

/* Writes the record of this process's rank. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_part_record_write(const struct neuron_part_file *part,
                         const struct neuron_part_record *record, struct neuron_error *error);

/*
 * Decides whether this rank joins what is in the opened file, or starts it afresh, and takes the
 * rank's place there: neuron_part_file_join() under the decision lock.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_part_take_place(const struct neuron_part_file *part, const struct neuron_part_plan *plan,
                       struct neuron_error *error);

#endif
