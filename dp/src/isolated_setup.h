/* SPDX-License-Identifier: Apache-2.0 */
/* What an isolated executor is told when it starts, in a file in memory that it inherits. */
#ifndef NEURON_DP_ISOLATED_SETUP_H
#define NEURON_DP_ISOLATED_SETUP_H

#include <limits.h>
#include <stdint.h>

#include "neuron/runtime.h"
#include "neuron/status.h"

/* The descriptors that the child inherits, beside the standard ones. */
enum {
    NEURON_ISOLATED_SETUP_FILE = 3,
    NEURON_ISOLATED_SLOTS_FILE = 4, /* the tensors (shared_slots.h) */
    NEURON_ISOLATED_MODEL_FILE = 5  /* the NEFF, where it runs one */
};

enum { NEURON_ISOLATED_ADDRESS_BYTES = 112, NEURON_ISOLATED_CONFIG_LIMIT = 1 << 20 };

/* What runs. */
enum neuron_isolated_subject { NEURON_ISOLATED_MODEL = 1, NEURON_ISOLATED_LIBRARY = 2 };

/* Texts are zero-terminated. Its layout is that of NEURON_ISOLATED_VERSION (isolated_protocol.h).
 */
struct neuron_isolated_setup {
    uint32_t magic;
    uint32_t version;
    uint32_t subject;
    int32_t parent_pid; /* who started the child */
    uint32_t nc;        /* the starting process's number of the first core, and the machine's */
    uint32_t core;      /* likewise */
    int64_t run_rows;   /* most rows of a run */
    uint64_t program_digest; /* of a custom program as the starting process knows it */
    uint64_t config_bytes;   /* of the text behind this, with its terminator; 0 for none */
    struct neuron_runtime_options options; /* without texts outside of it, which are these: */
    char cores[256];                       /* the lent cores, as `visible_cores` */
    char lease_folder[256];
    char tag[NEURON_PROCESS_TAG_LIMIT + 1];      /* as `process_tag` */
    char address[NEURON_ISOLATED_ADDRESS_BYTES]; /* where to connect to */
    char library[PATH_MAX];                      /* of a custom program; else empty */
};

/*
 * Writes a setup to a new file in memory, that cannot be changed any more.
 *
 * setup       magic, version and the size of the config are filled in here.
 * config      behind the setup; NULL for none.
 * descriptor  receives the file, which the caller closes.
 *
 * Returns NEURON_SYSTEM, or NEURON_INVALID_ARGUMENT for a config that is too long.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_setup_write(const struct neuron_isolated_setup *setup, const char *config,
                            int *descriptor, struct neuron_error *error);

/*
 * Reads a setup back, and checks it.
 *
 * setup   receives it. The pointers in its options point to its own texts, so it is not copied.
 * config  receives a text that the caller frees, or NULL for none.
 *
 * Returns NEURON_INVALID_ARGUMENT for what is none of this version, NEURON_SYSTEM, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_setup_read(int descriptor, struct neuron_isolated_setup *setup, char **config,
                           struct neuron_error *error);

#endif
