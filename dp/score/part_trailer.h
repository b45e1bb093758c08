/* SPDX-License-Identifier: Apache-2.0 */
/* What the ranks of a job tell each other, behind the payload of their common part file. */
#ifndef NEURON_SCORE_PART_TRAILER_H
#define NEURON_SCORE_PART_TRAILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/rank_identity.h"

/*
 * One record per rank, then a footer, which is found from the end of the file. All numbers are
 * little endian.
 *
 *   record  state u32, cores u32
 *   footer  magic, version u32, world size u32, rows u64, payload end u64, start i64,
 *           fingerprint u64, job id, padded with zeros to its full size
 */
enum { NEURON_PART_RECORD_BYTES = 8, NEURON_PART_FOOTER_BYTES = 256, NEURON_PART_VERSION = 1 };

/* What a rank has come to. */
enum neuron_part_state {
    NEURON_PART_WAITING = 0, /* it has not started yet */
    NEURON_PART_RUNNING = 1, /* it holds its lock, or died */
    NEURON_PART_DONE = 2     /* its rows are written and synced */
};

struct neuron_part_record {
    enum neuron_part_state state;
    uint32_t core_count;
};

struct neuron_part_footer {
    uint32_t world_size;
    uint64_t rows;              /* of the whole job */
    uint64_t payload_end_bytes; /* where the records start */
    int64_t start_ns;           /* since the epoch: when the job's first rank started */
    uint64_t fingerprint;       /* of all that must be the same for every rank */
    char job_id[NEURON_JOB_ID_BYTES];
};

/* Writes a record into NEURON_PART_RECORD_BYTES bytes. */
void
neuron_part_record_encode(const struct neuron_part_record *record, unsigned char *bytes);

/* Reads a record; returns false for one of no known state. */
bool
neuron_part_record_decode(const unsigned char *bytes, struct neuron_part_record *record);

/* Writes a footer into NEURON_PART_FOOTER_BYTES bytes. */
void
neuron_part_footer_encode(const struct neuron_part_footer *footer, unsigned char *bytes);

/*
 * Reads a footer; returns false for bytes that are none, or of another version, or that do not end
 * a file of this size.
 */
bool
neuron_part_footer_decode(const unsigned char *bytes, uint64_t file_size_bytes,
                          struct neuron_part_footer *footer);

/* The size of a file with this payload end and these ranks; false when it fits no file. */
bool
neuron_part_file_size(uint64_t payload_end_bytes, uint32_t world_size, uint64_t *size_bytes);

#endif
