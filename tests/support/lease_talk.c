/* SPDX-License-Identifier: Apache-2.0 */
#include "lease_talk.h"

#include <string.h>

#include "check.h"
#include "neuron/clock.h"

static struct neuron_error error;

void
lease_talk_open(struct lease_talk *talk, const struct test_folder *folder,
                enum neuron_lease_reach reach, const char *key)
{
    *talk = (struct lease_talk){.server = NULL};
    (void)test_folder_path(folder, "scores.npy.server", talk->path);
    talk->plan = (struct neuron_lease_channel_plan){
        .path = talk->path, .job_id = "42-7", .key = key, .reach = reach};
    assert_ok(neuron_lease_channel_listen(&talk->plan, &talk->server, &error), &error);
}

struct neuron_lease_channel *
lease_talk_join(const struct lease_talk *talk)
{
    struct neuron_lease_channel *rank = NULL;

    assert_ok(neuron_lease_channel_connect(&talk->plan, &rank, NULL, &error), &error);
    return rank;
}

void
lease_talk_say(struct neuron_lease_channel *rank, const char *text)
{
    assert_ok(
        neuron_lease_channel_send(rank, NULL, (const unsigned char *)text, strlen(text), &error),
        &error);
}

struct neuron_lease_delivery
lease_talk_hear(const struct lease_talk *talk, struct neuron_lease_channel *rank)
{
    enum { TURNS = 2000, TURN_MS = 5 };
    struct neuron_lease_delivery delivery = {.size_bytes = 0};

    for (int i = 0; i < TURNS; i += 1) {
        if (neuron_lease_channel_receive(talk->server, TURN_MS, &delivery)) {
            return delivery;
        }
        assert_false(neuron_lease_channel_receive(rank, 0, &delivery));
    }
    fail_msg("the server hears nothing");
    return delivery;
}

struct neuron_lease_peer
lease_talk_hear_text(const struct lease_talk *talk, struct neuron_lease_channel *rank,
                     const char *text)
{
    struct neuron_lease_delivery delivery = lease_talk_hear(talk, rank);

    assert_int_equal(delivery.size_bytes, strlen(text));
    assert_memory_equal(delivery.bytes, text, strlen(text));
    return delivery.peer;
}

void
lease_talk_answer(const struct lease_talk *talk, const struct neuron_lease_peer *peer,
                  struct neuron_lease_channel *rank, const char *text)
{
    struct neuron_lease_delivery delivery = {.size_bytes = 0};

    assert_ok(neuron_lease_channel_send(talk->server, peer, (const unsigned char *)text,
                                        strlen(text), &error),
              &error);
    assert_true(neuron_lease_channel_receive(rank, 10000, &delivery));
    assert_int_equal(delivery.size_bytes, strlen(text));
    assert_memory_equal(delivery.bytes, text, strlen(text));
    assert_int_equal(delivery.peer.size_bytes, 0);
}
