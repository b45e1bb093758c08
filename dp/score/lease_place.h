/* SPDX-License-Identifier: Apache-2.0 */
/* What the file beside an output says of the lease server: functions from values to values. */
#ifndef NEURON_SCORE_LEASE_PLACE_H
#define NEURON_SCORE_LEASE_PLACE_H

#include <stddef.h>

#include "neuron/host_addresses.h"
#include "neuron/secret_key.h"
#include "neuron/status.h"
#include "score/lease_channel.h"
#include "score/rank_identity.h"

enum {
    NEURON_LEASE_PLACE_TEXT_BYTES = 4096, /* most that such a file has */
    NEURON_LEASE_ADDRESS_BYTES = 80       /* of one address, with a terminator */
};

struct neuron_lease_place {
    char job_id[NEURON_JOB_ID_BYTES];
    struct neuron_lease_server_place server;
    char key[NEURON_SECRET_KEY_DIGITS + 1];      /* empty where the ranks have it otherwise */
    char addresses[NEURON_HOST_ADDRESSES_BYTES]; /* "ipc://@..." or "tcp://...,tcp://..." */
};

/*
 * Writes the text of the file:
 *
 *   neuron-score server 1
 *   job 4242-777
 *   host node7
 *   pid 4250
 *   start 77712
 *   epoch 1790000000123456789
 *   key 64 hex digits                  only where the ranks do not have it otherwise
 *   at tcp://127.0.0.1:4000
 *   at tcp://10.0.0.7:4000             at most NEURON_HOST_ADDRESS_LIMIT
 *   end
 *
 * text  receives at most NEURON_LEASE_PLACE_TEXT_BYTES with the terminator.
 *
 * Returns NEURON_INVALID_ARGUMENT for a name with control characters, or one that is empty.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_place_format(const struct neuron_lease_place *place, char *text,
                          struct neuron_error *error);

/*
 * Reads it back, just as it is written: whatever differs from that is damage.
 *
 * place  zeroed on failure.
 *
 * Returns NEURON_INVALID_SYNTAX, with the line.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_place_parse(const char *text, struct neuron_lease_place *place,
                         struct neuron_error *error);

#endif
