/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world that MPI ranks of a job find: which server stands behind them, and what it learns. A
 * world of NULL is that of a program without MPI: every call accepts it, and does nothing.
 */
#ifndef NEURON_LAUNCHER_MPI_WORLD_H
#define NEURON_LAUNCHER_MPI_WORLD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"
#include "launch_plan.h"
#include "mpi_event.h"

struct neuron_mpi_world;

/* What a rank is started with. Borrowed until the next call for a rank. */
struct neuron_mpi_rank {
    const char *const *entries; /* for its environment: "NAME=VALUE" */
    size_t entry_count;
    int socket; /* becomes its descriptor NEURON_MPI_SOCKET; 0 for none */
};

/* How far a rank has come, as its server knows. */
enum neuron_mpi_progress {
    NEURON_MPI_ABSENT, /* it has not called MPI_Init */
    NEURON_MPI_INSIDE,
    NEURON_MPI_DONE /* it has called MPI_Finalize */
};

/*
 * Decides on a server for the programs, and begins to start it, so that it gets ready while the
 * caller plans.
 *
 * line, paths, environment  borrowed until destroy.
 * world                     receives a new world, or NULL where the programs want none.
 *
 * Returns NEURON_INVALID_ARGUMENT, NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM where no server can be
 * started.
 */
enum neuron_status
neuron_mpi_world_create(const struct neuron_command_line *line, char *const *paths,
                        char *const *environment, struct neuron_mpi_world **world,
                        struct neuron_error *error);

/*
 * Makes the world ready for the ranks of a plan: new, whatever was before.
 *
 * Returns as create. Blocks for some milliseconds, or many seconds where the server is stuck.
 */
enum neuron_status
neuron_mpi_world_start(struct neuron_mpi_world *world, const struct neuron_launch_plan *plan,
                       struct neuron_error *error);

/* Says what to start a rank with. */
void
neuron_mpi_world_describe(struct neuron_mpi_world *world, uint32_t rank,
                          struct neuron_mpi_rank *described);

/* Tells that a rank has been started, or could not be. */
void
neuron_mpi_world_let_go(struct neuron_mpi_world *world, uint32_t rank);

/* Says what to wait for. */
struct pollfd
neuron_mpi_world_prepare(const struct neuron_mpi_world *world);

/* When neuron_mpi_world_next() has something to say without any event; UINT64_MAX for never. */
uint64_t
neuron_mpi_world_deadline(const struct neuron_mpi_world *world);

/*
 * Takes in what the server has learnt, without waiting, until the caller should know of it:
 * not NEURON_MPI_CONNECTED or NEURON_MPI_FINALIZED. A rank that has ended has nothing more to
 * tell once this returns false.
 */
bool
neuron_mpi_world_next(struct neuron_mpi_world *world, uint64_t now_ms,
                      struct neuron_mpi_event *event);

/* How far a rank has come. Without a world: absent. */
enum neuron_mpi_progress
neuron_mpi_world_progress(const struct neuron_mpi_world *world, uint32_t rank);

/* Ends the server, and removes its files. */
void
neuron_mpi_world_stop(struct neuron_mpi_world *world);

/* Destroys a world. */
void
neuron_mpi_world_destroy(struct neuron_mpi_world *world);

#endif
