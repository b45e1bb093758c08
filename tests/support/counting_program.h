/* SPDX-License-Identifier: Apache-2.0 */
/* A custom program that counts what is done with it: instance by instance, and row by row. */
#ifndef NEURON_TESTS_COUNTING_PROGRAM_H
#define NEURON_TESTS_COUNTING_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/data_parallel.h"
#include "neuron/runtime.h"

enum {
    COUNTED_ROWS = 400,  /* most rows of a call */
    COUNTED_CORES = 16,  /* most that the process owns */
    COUNTED_COLUMNS = 3, /* of an output */
    COUNTED_NOBODY = 1000000
};

/*
 * What the program does and did. It is the only one of its kind: functions of custom programs get
 * no user's pointer but the instance.
 */
struct counted {
    const struct neuron_runtime *runtime; /* whose executors are to call */
    uint32_t fails_to_create;             /* on this nc; COUNTED_NOBODY for none */
    enum neuron_status failure;           /* what failing functions return */
    const char *text;                     /* that they write; NULL for none */
    _Atomic uint64_t failing_row;         /* run() fails at this row, and those behind */
    _Atomic uint32_t created[COUNTED_CORES];
    _Atomic uint32_t destroyed[COUNTED_CORES];
    _Atomic uint32_t strange_calls; /* on another thread, at the same time, with other tensors */
    _Atomic uint32_t bad_places;    /* that did not fit the runtime */
    _Atomic int64_t most_rows;      /* of a run */
    _Atomic uint32_t runs;
    _Atomic uint32_t row_runs[COUNTED_ROWS]; /* how often each row was run */
    const char *config;                      /* that create() got last */
};

extern struct counted counted;

/*
 * int64[0] "row", shared float32[3] "table" -> float32[0,3] "scaled", uint8[0] "low": row times
 * table, and the row's lowest byte.
 */
extern const struct neuron_custom_program counting_program;

/* Forgets everything. No instance is left. */
void
counted_reset(const struct neuron_runtime *runtime);

/* Fails unless so many instances were made, and all of them destroyed, each on its own core. */
void
counted_check_gone(uint32_t instances);

/* Memory and tensors of a call. Rows hold their numbers from 0 on. */
struct counted_rows {
    int64_t row[COUNTED_ROWS];
    float table[COUNTED_COLUMNS];
    float scaled[COUNTED_ROWS + 1][COUNTED_COLUMNS]; /* with one row more than the call has */
    uint8_t low[COUNTED_ROWS + 1];
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view outputs[2];
    struct neuron_batch_tensors tensors;
};

/* Makes the tensors of so many rows, and forgets which rows were run. */
void
counted_rows_fill(struct counted_rows *rows, int64_t count);

/* Fails unless every row was run exactly once, has its result, and nothing behind was written. */
void
counted_rows_check(const struct counted_rows *rows);

#endif
