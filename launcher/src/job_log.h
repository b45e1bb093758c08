/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a job: one line for each rank that has ended, in the columns of GNU parallel's log.
 * Functions from values to values.
 */
#ifndef NEURON_LAUNCHER_JOB_LOG_H
#define NEURON_LAUNCHER_JOB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* How a rank ended. */
struct neuron_job_log_entry {
    uint32_t rank;
    const char *host;
    uint64_t started_ms; /* since 1970 */
    uint64_t elapsed_ms;
    int exit_code;       /* 0 with a signal */
    int signal_number;   /* 0 for none */
    const char *command; /* of neuron_job_log_join() */
};

/* What a log is read for. */
struct neuron_job_log_question {
    const char *path;      /* of the log, for texts */
    char *const *commands; /* of neuron_job_log_join(), one a rank */
    uint32_t rank_count;
};

/*
 * Writes words with blanks between them, in new memory, so that they have no tab and no line end:
 * these, and backslashes, become \t, \n, \r and \\.
 *
 * Returns NULL without memory.
 */
char *
neuron_job_log_join(char *const *words);

/* Writes an entry's line, with its line end, in new memory; NULL without memory. */
char *
neuron_job_log_format(const struct neuron_job_log_entry *entry);

/*
 * What must be appended to a log before the next line: the header, where there is none; where a
 * line was begun and never ended, an end that makes it none.
 */
const char *
neuron_job_log_prelude(const char *text, size_t length);

/*
 * Checks that a text is a log, or the beginning of one.
 *
 * Returns NEURON_INVALID_ARGUMENT.
 */
enum neuron_status
neuron_job_log_check(const char *text, size_t length, const char *path, struct neuron_error *error);

/*
 * Reads which ranks are done: those whose last line tells of exit code 0 and no signal. What is no
 * whole line counts for nothing.
 *
 * done  one for each rank: overwritten, also on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for the log of other commands, or of more ranks.
 */
enum neuron_status
neuron_job_log_read(const char *text, size_t length, const struct neuron_job_log_question *question,
                    bool *done, struct neuron_error *error);

#endif
