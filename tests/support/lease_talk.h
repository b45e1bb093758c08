/* SPDX-License-Identifier: Apache-2.0 */
/* A lease server and ranks that talk in one thread. */
#ifndef NEURON_TESTS_LEASE_TALK_H
#define NEURON_TESTS_LEASE_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "score/lease_channel.h"
#include "test_folder.h"

#define LEASE_TALK_KEY "000102030405060708090a0b0c0d0e0f0a0b0c0d0e0fa0b0c0d0e0f0ff7f8001"

struct lease_talk {
    char path[TEST_PATH_BYTES]; /* of the server's file */
    struct neuron_lease_channel_plan plan;
    struct neuron_lease_channel *server;
};

/* Opens a server in a folder; fails the test where that does not work. */
void
lease_talk_open(struct lease_talk *talk, const struct test_folder *folder,
                enum neuron_lease_reach reach, const char *key);

/* Opens a rank's end to it. */
struct neuron_lease_channel *
lease_talk_join(const struct lease_talk *talk);

/* Sends a text from a rank. */
void
lease_talk_say(struct neuron_lease_channel *rank, const char *text);

/* Takes the server's next message within ten seconds, while this rank listens, too; the rank hears
   nothing meanwhile. Fails the test when none comes. */
struct neuron_lease_delivery
lease_talk_hear(const struct lease_talk *talk, struct neuron_lease_channel *rank);

/* The same, and it is this text. */
struct neuron_lease_peer
lease_talk_hear_text(const struct lease_talk *talk, struct neuron_lease_channel *rank,
                     const char *text);

/* Has the server answer a rank, which hears it. */
void
lease_talk_answer(const struct lease_talk *talk, const struct neuron_lease_peer *peer,
                  struct neuron_lease_channel *rank, const char *text);

#endif
