/* SPDX-License-Identifier: Apache-2.0 */
/* What a process and the executor that it started for itself tell each other. */
#ifndef NEURON_DP_ISOLATED_PROTOCOL_H
#define NEURON_DP_ISOLATED_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* Grows with every change of a message, or of the setup (isolated_setup.h). */
enum { NEURON_ISOLATED_VERSION = 3 };

/*
 * The child begins with one READY: it has loaded the program, or could not, which its status says.
 * Each RUN is answered by a DONE of the same sequence number. STOP lets the child end.
 */
enum neuron_isolated_kind {
    NEURON_ISOLATED_READY = 1,
    NEURON_ISOLATED_RUN = 2,
    NEURON_ISOLATED_DONE = 3,
    NEURON_ISOLATED_STOP = 4
};

/* Both ends are on one machine: numbers are as it has them. */
struct neuron_isolated_message {
    uint32_t magic;
    uint16_t version;
    uint16_t kind;
    uint64_t sequence;                  /* of a RUN and its DONE; 0 for the others */
    int64_t rows;                       /* of a RUN; 0 for the others */
    uint32_t status;                    /* of a READY or DONE */
    uint32_t reserved;                  /* 0 */
    char text[NEURON_ERROR_TEXT_BYTES]; /* the reason where the status is not NEURON_OK */
};

/* Makes a message without sequence, rows and status. */
struct neuron_isolated_message
neuron_isolated_message_make(enum neuron_isolated_kind kind);

/*
 * Checks bytes from the other end, and makes its text a line of UTF-8 that ends.
 *
 * message  unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for what is no message of this version.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_message_decode(const void *bytes, size_t size_bytes,
                               struct neuron_isolated_message *message, struct neuron_error *error);

/* The status of a READY or DONE; fills in the error where it is not NEURON_OK. */
enum neuron_status
neuron_isolated_message_status(const struct neuron_isolated_message *message,
                               struct neuron_error *error);

#endif
