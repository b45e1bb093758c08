/* SPDX-License-Identifier: Apache-2.0 */
/* A model of two outputs, whose values follow from their row, and the files that they go to. */
#ifndef NEURON_TESTS_OUTPUT_PLACE_H
#define NEURON_TESTS_OUTPUT_PLACE_H

#include "check.h"

#include <stdbool.h>
#include <stdint.h>

#include "score/column_reader.h"
#include "score/output_set.h"
#include "test_folder.h"

enum { OUTPUT_PLACE_ROWS = 1000, OUTPUT_PLACE_OUTPUTS = 2, OUTPUT_PLACE_PIECES = 64 };

/* Columns from memory: what neuron_column_reader_next() reads in these tests. */
struct neuron_column_reader {
    const struct neuron_column_text *texts; /* of one row behind the other */
    uint32_t column_count;
    uint32_t row;
    uint32_t row_count; /* at the next one, reading fails */
};

/* "scores" is float32[rows,2,3], "label" int64[rows]. */
struct output_place {
    struct test_folder folder;
    struct neuron_tensor_spec specs[OUTPUT_PLACE_OUTPUTS];
    struct neuron_named_text items[4];
    char paths[4][TEST_PATH_BYTES];
    struct neuron_score_options options;
    struct neuron_output_plan plan;
    struct neuron_output_piece pieces[OUTPUT_PLACE_PIECES];
    struct neuron_piece_sum sums[OUTPUT_PLACE_PIECES][OUTPUT_PLACE_OUTPUTS];
    struct neuron_output_end end; /* of these pieces */
    float *scores;
    int64_t *labels;
};

/* cmocka's set-up and tear-down: a new folder, no outputs named. */
int
output_place_set_up(void **state);
int
output_place_tear_down(void **state);

/* Names an output file "NAME=FILE", or "FILE" for all outputs; returns its path. */
const char *
output_place_name(struct output_place *place, const char *text);

/* Makes the set, which must work. */
struct neuron_output_set *
output_place_plan(struct output_place *place);

/* Views of rows, in the memory of the place. */
void
output_place_views(const struct output_place *place, struct neuron_row_range rows,
                   struct neuron_tensor_view views[OUTPUT_PLACE_OUTPUTS]);

/* Writes a piece as neuron-score does; `sums` receives one an output. */
void
output_place_write_piece(struct neuron_output_set *set, struct neuron_row_range rows,
                         const struct neuron_tensor_view *views, struct neuron_piece_sum *sums);

/* Cuts all rows into pieces at random, and writes them in a random order. */
void
output_place_write(struct output_place *place, struct neuron_output_set *set, uint64_t seed);

/* Makes the set, its files, and all of the output. */
void
output_place_make(struct output_place *place, uint64_t seed);

bool
output_place_exists(const char *path);

/* Fails unless both files hold the same bytes. */
void
output_place_check_same(const char *left, const char *right);

/* Reads a text file, which the caller frees. */
char *
output_place_read(const char *path);

#endif
