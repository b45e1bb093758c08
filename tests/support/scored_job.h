/* SPDX-License-Identifier: Apache-2.0 */
/* A small job in a folder: rows, a program that makes trouble when they say so, and an output. */
#ifndef NEURON_TESTS_SCORED_JOB_H
#define NEURON_TESTS_SCORED_JOB_H

#include <stdint.h>

#include "score/rank_work.h"
#include "test_runtime.h"

/* y = 2 * x by the program of custom_trouble.c, for rows 0, 1, 2, ... */
enum { JOB_ROWS = 48, JOB_BLOCK_ROWS = 8, JOB_CORES = 2 };

struct scored_job {
    struct test_runtime owner; /* its folder has the files */
    char x_path[TEST_PATH_BYTES];
    char order_path[TEST_PATH_BYTES];
    char y_path[TEST_PATH_BYTES];
    struct neuron_named_text inputs[2];
    struct neuron_named_text outputs[1];
    struct neuron_score_options options; /* may be changed before it is opened */
    float x[JOB_ROWS];                   /* the same */
    const char *x_text;                  /* a csv file in place of them; NULL for none */
    struct neuron_scored_program *program;
    struct neuron_row_source *source;
    struct neuron_output_set *set;
    struct neuron_data_parallel_options parallel_options;
    struct neuron_data_parallel *parallel;
    struct neuron_spare_parallels *spares;
    struct neuron_rank_tools tools; /* of all of these */
};

/* cmocka's set-up and tear-down: a new folder and a runtime; nothing is open. */
int
scored_job_set_up(void **state);
int
scored_job_tear_down(void **state);

/* Writes the input, and opens everything; fails the test where that does not work. */
void
scored_job_open(struct scored_job *job);

/* Reads what stands in the output. */
void
scored_job_read(const struct scored_job *job, float y[JOB_ROWS]);

/* Fails unless rows that are not in the mask have their results, and those that are `filled`. NaN
   is the same as NaN. */
void
scored_job_check(const struct neuron_row_range *rows, const float *y, uint64_t mask, float filled);

#endif
