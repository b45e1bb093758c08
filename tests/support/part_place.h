/* SPDX-License-Identifier: Apache-2.0 */
/* A folder in which ranks write an output of one number per row: its own. */
#ifndef NEURON_TESTS_PART_PLACE_H
#define NEURON_TESTS_PART_PLACE_H

#include "check.h"

#include <stdbool.h>
#include <stdint.h>

#include "score/part_file.h"

enum { PART_PLACE_ROWS = 10, PART_PLACE_HEADER_BYTES = 64 };

extern const char part_place_header[PART_PLACE_HEADER_BYTES];

struct part_place {
    char folder[64];
    char part[80];
    char output[80];
};

/* cmocka's set-up and tear-down: a new folder, which must be empty but for the two files. */
int
part_place_set_up(void **state);
int
part_place_tear_down(void **state);

struct neuron_rank_identity
part_place_identity(const char *job_id, uint32_t rank, uint32_t world_size);

struct neuron_part_plan
part_place_plan(const struct part_place *place, const struct neuron_rank_identity *identity,
                uint64_t rows);

enum neuron_status
part_place_write_rows(struct neuron_part_file *part, const struct neuron_rank_identity *identity,
                      uint64_t rows);

/* A rank from joining to its end, in this process. It claims to use 2 cores. */
enum neuron_status
part_place_run_rank(const struct part_place *place, const struct neuron_rank_identity *identity,
                    uint64_t rows, struct neuron_part_outcome *outcome, struct neuron_error *error);

bool
part_place_exists(const char *path);

void
part_place_put_file(const char *path, const void *bytes, size_t size_bytes);

/* Fails unless the output is there, whole and right, and the part file is gone. */
void
part_place_check_output(const struct part_place *place, uint32_t rows);

#endif
