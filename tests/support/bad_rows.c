/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library with a custom program y = 2 * x + 1 over rows of four float32 numbers. `config` is
 * WHAT[:MICROSECONDS]: what a run does that has a row whose first number is negative ("good",
 * "fail", "nan", "crash" or "hang"), and how long it sleeps for each of its rows.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "neuron/custom_program.h"

enum { COLUMNS = 4, MICROSECOND_LIMIT = 999999 };

static const char *kind = "";
static long row_us;

static void
sleep_for_rows(int64_t rows)
{
    const struct timespec span = {.tv_nsec = row_us * 1000};

    for (int64_t i = 0; i < rows && row_us > 0; i += 1) {
        (void)nanosleep(&span, NULL);
    }
}

/* Does what the configuration says to a row, or to the process. */
static enum neuron_status
meet_bad_row(float *y, struct neuron_error *error)
{
    if (strncmp(kind, "fail", strlen("fail")) == 0) {
        (void)snprintf(error->text, sizeof(error->text), "a number is negative");
        return NEURON_INVALID_ARGUMENT;
    }
    if (strncmp(kind, "nan", strlen("nan")) == 0) {
        y[1] = NAN;
    } else if (strncmp(kind, "crash", strlen("crash")) == 0) {
        (void)raise(SIGKILL); /* which no sanitizer takes for its own */
    }
    while (strncmp(kind, "hang", strlen("hang")) == 0) {
        (void)pause();
    }
    return NEURON_OK;
}

static enum neuron_status
run_rows(void *instance, const struct neuron_tensor_view *inputs,
         const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const float *x = inputs[0].data;
    float *y = outputs[0].data;
    enum neuron_status status = NEURON_OK;

    (void)instance;
    sleep_for_rows(inputs[0].shape[0]);
    for (int64_t i = 0; i < inputs[0].shape[0] * COLUMNS; i += 1) {
        y[i] = 2.0F * x[i] + 1.0F;
    }
    for (int64_t row = 0; row < inputs[0].shape[0] && status == NEURON_OK; row += 1) {
        if (x[row * COLUMNS] < 0.0F) {
            status = meet_bad_row(y + row * COLUMNS, error);
        }
    }
    return status;
}

const struct neuron_custom_program *
neuron_custom_program(const char *config, struct neuron_error *error)
{
    static const struct neuron_custom_tensor input = {
        .spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, COLUMNS}}}};
    static const struct neuron_custom_tensor output = {
        .spec = {.name = "y", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, COLUMNS}}}};
    static struct neuron_custom_program program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                   .name = "bad rows",
                                                   .inputs = &input,
                                                   .outputs = &output,
                                                   .input_count = 1,
                                                   .output_count = 1,
                                                   .row_limit = 8,
                                                   .run = run_rows};

    if (config != NULL) {
        const char *span = strchr(config, ':');

        kind = config;
        row_us = span == NULL ? 0 : strtol(span + 1, NULL, 10);
    }
    if (row_us < 0 || row_us > MICROSECOND_LIMIT) {
        error->status = NEURON_INVALID_ARGUMENT;
        (void)snprintf(error->text, sizeof(error->text), "\"%s\" is no number of microseconds",
                       config);
        return NULL;
    }
    program.config = config;
    return &program;
}
