/* SPDX-License-Identifier: Apache-2.0 */
/* What a job's end means: one line for the user, and an exit code. Functions from values to values.
 */
#ifndef NEURON_LAUNCHER_EXIT_REPORT_H
#define NEURON_LAUNCHER_EXIT_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec_trouble.h"
#include "memory_lack.h"
#include "mpi_event.h"
#include "process.h"

enum {
    NEURON_EXIT_TIMED_OUT = 124,
    NEURON_EXIT_OWN_ERROR = 125,
    NEURON_EXIT_SIGNAL_BASE = 128,
    NEURON_EXIT_REPORT_BYTES = 320
};

/* A rank that failed. */
struct neuron_exit_report {
    uint32_t rank;
    const char *host; /* NULL for this one */
    pid_t process;
    const char *cores; /* the machine's numbers: "6-7" */
    int wait_status;   /* as waitpid() gives it */
    struct neuron_mpi_end mpi_end;
    struct neuron_process_failure failure; /* its step says whether the program ran at all */
    struct neuron_exec_trouble trouble;    /* where it could not be executed */
    enum neuron_memory_lack lack;          /* why it was killed by SIGKILL, as far as is known */
    const char *program;
    const char *working_directory;
    uint64_t elapsed_ms;    /* from its start to its end */
    uint32_t stopped_count; /* other ranks that were stopped for it */
    uint32_t running_count; /* other ranks that go on in spite of it */
    uint32_t failed_count;  /* with those that went on: ranks that failed, this one among them */
    uint32_t rank_count;    /* with failed_count */
};

/*
 * The exit code of a rank: its own, or 128 + signal; what it gave MPI_Abort; 1 where it left MPI
 * without MPI_Finalize, or never came; 126 or 127 where the program did not run.
 */
int
neuron_exit_report_code(const struct neuron_exit_report *report);

/* Writes the line, without line end. Returns the text. */
const char *
neuron_exit_report_format(const struct neuron_exit_report *report, char *text, size_t size_bytes);

/* Writes the line of ranks that were named before: how many, and the first. Returns the text. */
const char *
neuron_exit_report_count(uint32_t first, uint32_t failed_count, uint32_t rank_count, char *text,
                         size_t size_bytes);

/* Writes a signal's name, as SIGSEGV. Returns the text. */
const char *
neuron_signal_name(int signal_number, char *text, size_t size_bytes);

#endif
