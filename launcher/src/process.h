/* SPDX-License-Identifier: Apache-2.0 */
/* Starts one rank: a process of its own group, bound to its cores, that dies with the launcher. */
#ifndef NEURON_LAUNCHER_PROCESS_H
#define NEURON_LAUNCHER_PROCESS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "neuron/status.h"
#include "neuron/topology.h"

/* Which step between fork and exec failed. */
enum neuron_process_step {
    NEURON_PROCESS_STARTED = 0,
    NEURON_PROCESS_DIRECTORY, /* entering the working directory */
    NEURON_PROCESS_BINDING,   /* binding to the cores */
    NEURON_PROCESS_EXEC
};

/* What a child that could not become the program writes to the launcher. */
struct neuron_process_failure {
    uint32_t rank;
    enum neuron_process_step step;
    int reason; /* errno */
};

/* Everything is prepared before the fork, and borrowed for the call. */
struct neuron_process_start {
    uint32_t rank;
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *working_directory; /* NULL to stay */
    int input;                     /* becomes descriptor 0; 0, or above 2 */
    int output;                    /* becomes descriptor 1; 1, or above 2 */
    int errors;                    /* becomes descriptor 2; 2, or above 2 */
    int extra;                     /* becomes descriptor 3; above 2, or 0 for none */
    int failures;                  /* a pipe for a struct neuron_process_failure, close-on-exec */
    const cpu_set_t *cpus;         /* NULL for no binding */
    size_t cpus_bytes;
    uint32_t memory_node; /* the node to take memory from; NEURON_NO_NODE for no such wish */
    struct rlimit files;  /* the limit on open files that the rank shall have */
};

/*
 * Starts a process. It keeps no descriptor but 0, 1, 2 and the extra one, no signal is blocked or
 * ignored in it (but SIGHUP where it was ignored here: nohup), and it gets SIGKILL when the calling
 * thread's process ends.
 *
 * process  receives its pid.
 * watch    receives a pidfd, which the caller closes.
 *
 * Returns NEURON_SYSTEM when no process could be started.
 */
enum neuron_status
neuron_process_start(const struct neuron_process_start *start, pid_t *process, int *watch,
                     struct neuron_error *error);

#endif
