/* SPDX-License-Identifier: Apache-2.0 */
/* What a user asked of neuronrun, read from its command line. */
#ifndef NEURON_LAUNCHER_COMMAND_LINE_H
#define NEURON_LAUNCHER_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "placement_wishes.h"

enum neuron_launch_action {
    NEURON_LAUNCH_RUN,
    NEURON_LAUNCH_SHOW_PLAN, /* --dry-run */
    NEURON_LAUNCH_SHOW_JOBS, /* --ps */
    NEURON_LAUNCH_SHOW_HELP,
    NEURON_LAUNCH_SHOW_VERSION
};

enum neuron_launch_input {
    NEURON_LAUNCH_INPUT_DEFAULT, /* rank 0 when it is the only one and may read it, else nobody */
    NEURON_LAUNCH_INPUT_NONE,
    NEURON_LAUNCH_INPUT_ALL,
    NEURON_LAUNCH_INPUT_RANK
};

enum neuron_launch_verbosity {
    NEURON_LAUNCH_NORMAL,
    NEURON_LAUNCH_QUIET, /* nothing about how ranks ended */
    NEURON_LAUNCH_VERBOSE
};

/* How a picture of the plan is drawn; --display-map. */
enum neuron_launch_map {
    NEURON_LAUNCH_MAP_NONE,
    NEURON_LAUNCH_MAP_TEXT,
    NEURON_LAUNCH_MAP_SVG,
    NEURON_LAUNCH_MAP_JSON
};

/* What stands behind the ranks for MPI. */
enum neuron_launch_mpi {
    NEURON_LAUNCH_MPI_AUTO, /* what the program links */
    NEURON_LAUNCH_MPI_PMIX,
    NEURON_LAUNCH_MPI_PMI1,
    NEURON_LAUNCH_MPI_OFF
};

/* Who starts the processes. */
enum neuron_launch_engine {
    NEURON_LAUNCH_ENGINE_AUTO, /* neuronrun on one host, Open MPI on several */
    NEURON_LAUNCH_ENGINE_LOCAL,
    NEURON_LAUNCH_ENGINE_MPIRUN,
    NEURON_LAUNCH_ENGINE_SRUN
};

enum neuron_launch_on_failure { NEURON_LAUNCH_ABORT, NEURON_LAUNCH_CONTINUE };

#define NEURON_LAUNCH_WAIT_FOREVER UINT64_MAX /* of --wait without a time */

/* One of the programs of a job (MPMD), with what is said of it alone. */
struct neuron_launch_program {
    uint32_t rank_count;           /* 0 for as many as fit: only where it is the only program */
    const char *working_directory; /* NULL for this one */
    const char **assignments;      /* of -x: "VAR" or "VAR=VALUE"; the line's */
    uint32_t assignment_count;
    char *const *arguments; /* the program and its arguments; ends with NULL */
};

/* All texts are those of the arguments, and live as long as they do. */
struct neuron_command_line {
    enum neuron_launch_action action;
    const char *help_topic; /* of --help=TOPIC; NULL for the first screen */
    struct neuron_launch_program *programs;
    uint32_t program_count; /* at least 1, unless nothing is to be run */
    uint32_t rank_count;    /* of all programs; 0 for as many as fit */
    struct neuron_placement_wishes placement;
    enum neuron_launch_map map;
    const char *map_path;   /* of the picture; NULL for the standard output */
    uint64_t lease_wait_ms; /* --wait: how long others may hold cores; 0 not at all */
    enum neuron_launch_mpi mpi;

    /* Several hosts. */
    enum neuron_launch_engine engine;
    const char *hosts;     /* of --host; NULL for none */
    const char *host_file; /* of --hostfile; NULL for none */
    uint64_t heartbeat_ms; /* between two signs of life; 0 for none */
    bool preloads_binary;
    const char **engine_parameters; /* of --mca: name, value, name, value */
    uint32_t engine_parameter_count;

    /* Input and output. */
    enum neuron_launch_input input;
    uint32_t input_rank; /* with NEURON_LAUNCH_INPUT_RANK */
    bool tags_output;
    bool timestamps_output;
    const char *output_directory; /* of --output-filename; NULL for none */
    enum neuron_launch_verbosity verbosity;

    /* Ends. */
    uint64_t timeout_ms; /* 0 for none */
    uint64_t grace_ms;
    enum neuron_launch_on_failure on_failure;
    uint32_t restart_limit;   /* --max-restarts */
    const char *report_path;  /* of --report; NULL for none */
    const char *job_log_path; /* of --joblog; NULL for none */
    bool resumes;             /* ranks that the job log calls done are left out */

    char **words; /* the arguments, which `programs` points into */
};

/*
 * Reads a command line. Options end at the first word that is none, or at "--"; programs at ":".
 * Options of one program are -n, -x and --wdir; those before the first one hold for all, unless a
 * program has its own.
 *
 * arguments  as main() receives them: the first is skipped, the last is followed by NULL.
 * line       is overwritten; destroyed by the caller also after a failure.
 *
 * Returns NEURON_INVALID_ARGUMENT with a text for the user, or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_command_line_parse(int argument_count, char *const *arguments,
                          struct neuron_command_line *line, struct neuron_error *error);

/* The program of a rank: they are numbered program after program. */
const struct neuron_launch_program *
neuron_command_line_program(const struct neuron_command_line *line, uint32_t rank);

/* Frees what the line owns, not the line. */
void
neuron_command_line_destroy(struct neuron_command_line *line);

#endif
