/* SPDX-License-Identifier: Apache-2.0 */
/* The process of an engine: found, started, listened to. */
#ifndef NEURON_LAUNCHER_ENGINE_PROCESS_H
#define NEURON_LAUNCHER_ENGINE_PROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#include "engine.h"
#include "job_channel.h"

enum { NEURON_ENGINE_NOISE_BYTES = 16 * 1024, NEURON_ENGINE_POLL_COUNT = 2 };

/* What an engine has printed, as far as it is kept: the beginning tells what went wrong. */
struct neuron_engine_noise {
    char text[NEURON_ENGINE_NOISE_BYTES];
    size_t length;
};

/* One that is not started has a process of 0. */
struct neuron_engine_process {
    pid_t process;
    int watch;  /* pidfd */
    int output; /* what it prints: the reading end of a pipe, non-blocking; -1 after its end */
    bool has_ended;
    int wait_status;
    struct neuron_engine_noise noise;
};

/* What to start an engine with. Borrowed for the call. */
struct neuron_engine_start {
    const char *path;
    char *const *arguments;
    const struct neuron_job_contact *contact; /* NULL for none */
    const char *slurm_host_file;              /* one node a task; NULL for none */
    const char *working_directory;            /* NULL for this one */
};

/*
 * Finds an engine in PATH, and Open MPI's version.
 *
 * path  receives new memory, which the caller frees.
 *
 * Returns NEURON_INVALID_ARGUMENT with a text that says what to install.
 */
enum neuron_status
neuron_engine_find(enum neuron_launch_engine engine, char **path,
                   struct neuron_engine_version *version, struct neuron_error *error);

/* Starts an engine, which gets SIGKILL when this process ends. Returns NEURON_SYSTEM. */
enum neuron_status
neuron_engine_process_start(const struct neuron_engine_start *start,
                            struct neuron_engine_process *process, struct neuron_error *error);

/* Says what to wait for, in NEURON_ENGINE_POLL_COUNT entries. */
void
neuron_engine_process_prepare(const struct neuron_engine_process *process, struct pollfd *waits);

/*
 * Takes in what it prints, and its end, without waiting.
 *
 * Returns how many bytes were added to the noise.
 */
size_t
neuron_engine_process_run(struct neuron_engine_process *process);

/* Kills it if it runs, reaps it, and closes what belongs to it. */
void
neuron_engine_process_end(struct neuron_engine_process *process);

#endif
