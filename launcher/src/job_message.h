/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the launcher and the shims of a job on several hosts tell each other, as values and as
 * bytes. Functions from values to values.
 */
#ifndef NEURON_LAUNCHER_JOB_MESSAGE_H
#define NEURON_LAUNCHER_JOB_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* Changes whenever a message does: launcher and shims are to be of one version. */
enum { NEURON_JOB_MESSAGE_VERSION = 2 };

enum {
    NEURON_JOB_OUTPUT_BYTES = 64 * 1024,   /* at most in one OUTPUT or INPUT */
    NEURON_JOB_OUTPUT_WINDOW = 128 * 1024, /* what may be on its way from one rank */
    NEURON_JOB_INPUT_WINDOW = 64 * 1024,   /* what may be on its way to one rank */
    NEURON_JOB_MESSAGE_BYTES = 64 * 1024 * 1024
};

/* In brackets: texts, then numbers; "+" for one or more, "*" for any number of texts. */
enum neuron_job_message_kind {
    /* From a shim. */
    NEURON_JOB_HELLO = 1,     /* is anybody there? */
    NEURON_JOB_JOIN = 2,      /* [host, identity of the host, address of the launcher; pid] */
    NEURON_JOB_CLAIMED = 3,   /* [lease, then of each rank of the host the rest of its place] */
    NEURON_JOB_REFUSED = 4,   /* [why it cannot start; exit code] */
    NEURON_JOB_STARTED = 5,   /* [; pid] */
    NEURON_JOB_OUTPUT = 6,    /* [; stream] and bytes; none at the end of the stream */
    NEURON_JOB_TAKEN = 7,     /* [; how many bytes of input the rank has taken] */
    NEURON_JOB_ENDED = 8,     /* see enum neuron_job_ended_number */
    NEURON_JOB_ASKED = 9,     /* [; signal] the engine asks the shim to stop */
    NEURON_JOB_ORPHANED = 10, /* the engine's process on this host is gone */
    NEURON_JOB_LEFT = 11,     /* all is sent, and no process is left */
    /* From the launcher. */
    NEURON_JOB_WELCOME = 32,
    NEURON_JOB_SETUP = 33,  /* see enum neuron_job_setup_number and _text */
    NEURON_JOB_START = 34,  /* see enum neuron_job_place_text */
    NEURON_JOB_SIGNAL = 35, /* [; signal] for the rank */
    NEURON_JOB_INPUT = 36,  /* bytes; none at the end */
    NEURON_JOB_ROOM = 37,   /* [; how many bytes of output were passed on] */
    NEURON_JOB_LEAVE = 38,  /* end what is left, send the rest, and go */
    /* From both. */
    NEURON_JOB_BEAT = 64
};

/* Numbers of a SETUP. */
enum neuron_job_setup_number {
    NEURON_JOB_SETUP_RANK_COUNT,
    NEURON_JOB_SETUP_LOCAL_RANK,
    NEURON_JOB_SETUP_LOCAL_COUNT,
    NEURON_JOB_SETUP_NODE,
    NEURON_JOB_SETUP_NODE_COUNT,
    NEURON_JOB_SETUP_HEARTBEAT_MS,
    NEURON_JOB_SETUP_READS_INPUT,
    NEURON_JOB_SETUP_ASSIGNMENT_COUNT,
    NEURON_JOB_SETUP_RESTART_COUNT,
    NEURON_JOB_SETUP_PORT, /* at which the ranks can meet */
    NEURON_JOB_SETUP_NUMBER_COUNT
};

/* Texts of a SETUP: then come the assignments of the rank, then the words of the command line. */
enum neuron_job_setup_text {
    NEURON_JOB_SETUP_DIRECTORY,
    NEURON_JOB_SETUP_JOB_ID,
    NEURON_JOB_SETUP_KEY,     /* that the ranks share */
    NEURON_JOB_SETUP_ADDRESS, /* of the first host */
    NEURON_JOB_SETUP_TEXT_COUNT
};

/* Numbers of an ENDED. */
enum neuron_job_ended_number {
    NEURON_JOB_ENDED_STATUS, /* as waitpid() gives it */
    NEURON_JOB_ENDED_STEP,   /* at which the program did not start */
    NEURON_JOB_ENDED_REASON, /* why */
    NEURON_JOB_ENDED_ELAPSED_MS,
    NEURON_JOB_ENDED_PEAK_KIB,
    NEURON_JOB_ENDED_USER_US,
    NEURON_JOB_ENDED_SYSTEM_US,
    NEURON_JOB_ENDED_NUMBER_COUNT
};

/* Where a rank runs on its host: texts of a START. */
enum neuron_job_place_text {
    NEURON_JOB_PLACE_LEASE,
    NEURON_JOB_PLACE_CORES,
    NEURON_JOB_PLACE_CPUS,        /* what to bind to; empty for no binding */
    NEURON_JOB_PLACE_MEMORY_NODE, /* what to take memory from; empty for no such wish */
    NEURON_JOB_PLACE_DEVICES,     /* that the cores are on */
    NEURON_JOB_PLACE_TEXTS
};

enum { NEURON_JOB_NUMBER_LIMIT = NEURON_JOB_SETUP_NUMBER_COUNT };

/* A message. Which fields count, the kind says; others are zero. */
struct neuron_job_message {
    enum neuron_job_message_kind kind;
    uint32_t rank;
    uint64_t numbers[NEURON_JOB_NUMBER_LIMIT];
    const char *const *texts;
    uint32_t text_count;
    const void *bytes;
    size_t size_bytes;
};

/*
 * Encodes a message.
 *
 * bytes  receives new memory, which the caller frees.
 *
 * Returns NEURON_INVALID_ARGUMENT for a message that is too long, or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_job_message_encode(const struct neuron_job_message *message, void **bytes,
                          size_t *size_bytes, struct neuron_error *error);

/*
 * Decodes a message.
 *
 * bytes    borrowed until the message is cleared: its texts lie there.
 * message  is overwritten, and cleared by the caller also after a failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for bytes that are no message of this version, or
 * NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_job_message_decode(const void *bytes, size_t size_bytes, struct neuron_job_message *message,
                          struct neuron_error *error);

/* Frees what decoding has allocated. */
void
neuron_job_message_clear(struct neuron_job_message *message);

#endif
