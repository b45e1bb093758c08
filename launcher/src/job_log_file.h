/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a job's log (--joblog): read for what is done, and appended to as ranks end. */
#ifndef NEURON_LAUNCHER_JOB_LOG_FILE_H
#define NEURON_LAUNCHER_JOB_LOG_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"
#include "job_log.h"

/* Zeroed for none. */
struct neuron_job_log_file {
    const char *path; /* borrowed from the command line; NULL for none */
    int file;
    char host[HOST_NAME_MAX + 1];
    char **commands; /* one a rank */
    uint32_t rank_count;
    bool *done; /* by rank, without --resume none is */
    uint32_t done_count;
    bool is_torn; /* the last line is not whole */
    int failure;  /* the errno of the first line that could not be written, or 0 */
};

/*
 * Opens the log that the command line asks for, and reads which ranks are done where it says
 * --resume. Nothing without --joblog, and where the log is open for as many ranks.
 *
 * log  zeroed, or opened before: closed by the caller, also after a failure.
 *
 * Returns NEURON_SYSTEM for a file that cannot be read or written, and what the log is refused for:
 * it is unchanged then.
 */
enum neuron_status
neuron_job_log_file_open(const struct neuron_command_line *line, uint32_t rank_count,
                         struct neuron_job_log_file *log, struct neuron_error *error);

/*
 * Appends a line in one write. A failure is kept, for the end of the job.
 *
 * entry  its host and command are filled in by this call.
 */
void
neuron_job_log_file_add(struct neuron_job_log_file *log, struct neuron_job_log_entry *entry);

/* Tells of lines that could not be written. Returns NEURON_SYSTEM. */
enum neuron_status
neuron_job_log_file_check(const struct neuron_job_log_file *log, struct neuron_error *error);

/* Closes the log; nothing for one that is not open. */
void
neuron_job_log_file_close(struct neuron_job_log_file *log);

#endif
