/* SPDX-License-Identifier: Apache-2.0 */
/* What neuronrun and its PMIx server tell each other, over a socket of packets. */
#ifndef NEURON_LAUNCHER_PMIX_MESSAGE_H
#define NEURON_LAUNCHER_PMIX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEURON_PMIX_TEXT_BYTES = 8192, NEURON_PMIX_PACKET_BYTES = NEURON_PMIX_TEXT_BYTES + 12 };

enum neuron_pmix_message_kind {
    /* To the server. */
    NEURON_PMIX_JOB = 1, /* rank: how many ranks; code: how many cores they have in all */
    NEURON_PMIX_RANK,    /* of each rank, in order; text: its CPUs ("0-3"), or empty */
    /* From the server. */
    NEURON_PMIX_VARIABLE, /* text: "NAME=VALUE" for the environment of every rank */
    NEURON_PMIX_READY,    /* ranks may start */
    NEURON_PMIX_REFUSED,  /* text: why there is no server */
    NEURON_PMIX_CONNECTED,
    NEURON_PMIX_FINALIZED,
    NEURON_PMIX_ABORTED, /* code: what the rank wants the job to end with */
    NEURON_PMIX_LOGGED,  /* text: for the user */
    NEURON_PMIX_KIND_END
};

struct neuron_pmix_message {
    enum neuron_pmix_message_kind kind;
    uint32_t rank;
    int32_t code;
    char text[NEURON_PMIX_TEXT_BYTES];
};

/* Writes a message into a packet of NEURON_PMIX_PACKET_BYTES. Returns how many bytes it takes. */
size_t
neuron_pmix_message_encode(const struct neuron_pmix_message *message, uint8_t *packet);

/* Reads a packet. Returns false for what is no message. */
bool
neuron_pmix_message_decode(const uint8_t *packet, size_t size_bytes,
                           struct neuron_pmix_message *message);

/* Fills the text of a message, cut where it is too long. */
void
neuron_pmix_message_set_text(struct neuron_pmix_message *message, const char *text);

/* Sends a message whole, waiting for room. Returns false where the other end is gone. Any thread.
 */
bool
neuron_pmix_message_send(int socket, const struct neuron_pmix_message *message);

enum neuron_pmix_receipt {
    NEURON_PMIX_RECEIVED,
    NEURON_PMIX_NOTHING, /* there is none now */
    NEURON_PMIX_ENDED    /* the other end is gone, or sends what is no message */
};

/* Receives a message, without waiting. */
enum neuron_pmix_receipt
neuron_pmix_message_receive(int socket, struct neuron_pmix_message *message);

#endif
