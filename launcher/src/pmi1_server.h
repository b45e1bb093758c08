/* SPDX-License-Identifier: Apache-2.0 */
/* The PMI-1 server of a job: a socket for each rank, one store, one barrier. */
#ifndef NEURON_LAUNCHER_PMI1_SERVER_H
#define NEURON_LAUNCHER_PMI1_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "mpi_event.h"

struct neuron_pmi1_server;

/*
 * Makes a server for some ranks.
 *
 * server  receives a new one, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM where there are too few descriptors.
 */
enum neuron_status
neuron_pmi1_server_create(uint32_t rank_count, struct neuron_pmi1_server **server,
                          struct neuron_error *error);

/* The end of a rank's socket that the rank gets. The server's. */
int
neuron_pmi1_server_rank_end(const struct neuron_pmi1_server *server, uint32_t rank);

/* Closes that end, once the rank has it. */
void
neuron_pmi1_server_close_rank_end(struct neuron_pmi1_server *server, uint32_t rank);

/* A descriptor that is readable when neuron_pmi1_server_next() is due. */
int
neuron_pmi1_server_descriptor(const struct neuron_pmi1_server *server);

/*
 * Answers requests, without waiting, until one of them is of interest or none is left. A rank that
 * sends what is no request, or does not take its answer, is no longer listened to.
 *
 * Returns whether there is an event.
 */
bool
neuron_pmi1_server_next(struct neuron_pmi1_server *server, struct neuron_mpi_event *event);

/* Destroys a server. Accepts NULL. */
void
neuron_pmi1_server_destroy(struct neuron_pmi1_server *server);

#endif
