/* SPDX-License-Identifier: Apache-2.0 */
/* What the server behind MPI programs learns of its ranks. */
#ifndef NEURON_LAUNCHER_MPI_EVENT_H
#define NEURON_LAUNCHER_MPI_EVENT_H

#include <stdint.h>

enum {
    NEURON_MPI_TEXT_BYTES = 8192,
    NEURON_MPI_SOCKET = 3 /* the descriptor that a rank finds its PMI-1 server at */
};

enum neuron_mpi_event_kind {
    NEURON_MPI_CONNECTED, /* a rank is in MPI_Init */
    NEURON_MPI_FINALIZED, /* a rank is in MPI_Finalize */
    NEURON_MPI_ABORTED,   /* a rank is in MPI_Abort; code: what it wants the job to end with */
    NEURON_MPI_SAID,      /* text: for the user */
    NEURON_MPI_LOGGED,    /* text: of a rank, lines for the user */
    NEURON_MPI_LOST       /* the server is gone; text: says so */
};

struct neuron_mpi_event {
    enum neuron_mpi_event_kind kind;
    uint32_t rank;
    int32_t code;
    char text[NEURON_MPI_TEXT_BYTES];
};

/* What a rank's way out of MPI means for the job. */
enum neuron_mpi_end_kind {
    NEURON_MPI_END_NONE,        /* nothing: its exit code says all */
    NEURON_MPI_END_ABORT,       /* it called MPI_Abort with `code` */
    NEURON_MPI_END_UNFINALIZED, /* it exited with 0 between MPI_Init and MPI_Finalize */
    NEURON_MPI_END_MISSED       /* it exited with 0, and others wait for it in MPI_Init */
};

struct neuron_mpi_end {
    enum neuron_mpi_end_kind kind;
    int32_t code;
};

#endif
