/* SPDX-License-Identifier: Apache-2.0 */
/* What ranks and their lease server say to each other arrives. */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "lease_talk.h"
#include "test_folder.h"

static struct neuron_error error;

static void
check_talk(const struct test_folder *folder, enum neuron_lease_reach reach, const char *key)
{
    struct lease_talk talk;

    lease_talk_open(&talk, folder, reach, key);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    for (int i = 0; i < 3; i += 1) {
        lease_talk_say(rank, "a lease, please");
        struct neuron_lease_peer peer = lease_talk_hear_text(&talk, rank, "a lease, please");
        assert_in_range(peer.size_bytes, 1, NEURON_LEASE_PEER_BYTES);
        lease_talk_answer(&talk, &peer, rank, "here");
    }
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
    assert_int_equal(test_folder_file_count(folder), 0);
}

static void
a_rank_and_its_server_talk_on_one_host(void **state)
{
    check_talk(*state, NEURON_LEASE_ONE_HOST, NULL);
    check_talk(*state, NEURON_LEASE_ONE_HOST, LEASE_TALK_KEY);
}

static void
a_rank_and_its_server_talk_over_the_network(void **state)
{
    check_talk(*state, NEURON_LEASE_ANY_HOST, LEASE_TALK_KEY);
}

static void
a_job_key_stands_in_no_file(void **state)
{
    struct lease_talk talk;
    char text[4096] = "";

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, LEASE_TALK_KEY);
    FILE *file = fopen(talk.path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    (void)fclose(file);
    assert_null(strstr(text, "key"));
    assert_null(strstr(text, LEASE_TALK_KEY));
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
what_is_said_before_the_server_answers_arrives_once(void **state)
{
    enum { COUNT = 64 };
    struct lease_talk talk;
    struct neuron_lease_delivery delivery;
    char text[16] = "";

    lease_talk_open(&talk, *state, NEURON_LEASE_ANY_HOST, LEASE_TALK_KEY);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    for (int i = 0; i < COUNT; i += 1) {
        (void)snprintf(text, sizeof(text), "message %d", i);
        lease_talk_say(rank, text);
    }
    for (int i = 0; i < COUNT; i += 1) {
        (void)snprintf(text, sizeof(text), "message %d", i);
        (void)lease_talk_hear_text(&talk, rank, text);
    }
    assert_false(neuron_lease_channel_receive(talk.server, 50, &delivery));
    assert_int_equal(delivery.size_bytes, 0);
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
a_server_that_never_reads_is_told_of(void **state)
{
    static const enum neuron_lease_reach reaches[] = {NEURON_LEASE_ONE_HOST, NEURON_LEASE_ANY_HOST};

    for (size_t i = 0; i < 2; i += 1) {
        struct lease_talk talk;
        enum neuron_status status = NEURON_OK;

        lease_talk_open(&talk, *state, reaches[i], LEASE_TALK_KEY);
        struct neuron_lease_channel *rank = lease_talk_join(&talk);
        for (int j = 0; status == NEURON_OK && j < 100000; j += 1) {
            status = neuron_lease_channel_send(rank, NULL, (const unsigned char *)"x", 1, &error);
        }
        assert_status(NEURON_QUEUE_FULL, status, &error);
        neuron_lease_channel_destroy(rank, 0);
        neuron_lease_channel_destroy(talk.server, 0);
    }
}

static void
sixty_four_ranks_are_told_apart(void **state)
{
    enum { COUNT = 64 };
    struct neuron_lease_channel *ranks[COUNT] = {NULL};
    struct lease_talk talk;
    char text[16] = "";

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    for (int i = 0; i < COUNT; i += 1) {
        ranks[i] = lease_talk_join(&talk);
        (void)snprintf(text, sizeof(text), "%d", i);
        lease_talk_say(ranks[i], text);
    }
    for (int i = 0; i < COUNT; i += 1) {
        struct neuron_lease_delivery delivery = lease_talk_hear(&talk, ranks[0]);
        struct neuron_lease_peer peer = delivery.peer;

        (void)snprintf(text, sizeof(text), "%.*s", (int)delivery.size_bytes,
                       (const char *)delivery.bytes);
        lease_talk_answer(&talk, &peer, ranks[strtoul(text, NULL, 10)], text);
    }
    for (int i = 0; i < COUNT; i += 1) {
        neuron_lease_channel_destroy(ranks[i], 0);
    }
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
the_longest_message_passes(void **state)
{
    struct lease_talk talk;
    unsigned char *bytes = malloc(NEURON_LEASE_MESSAGE_BYTES);

    assert_non_null(bytes);
    memset(bytes, 0x5a, NEURON_LEASE_MESSAGE_BYTES);
    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    assert_ok(neuron_lease_channel_send(rank, NULL, bytes, NEURON_LEASE_MESSAGE_BYTES, &error),
              &error);
    struct neuron_lease_delivery delivery = lease_talk_hear(&talk, rank);
    assert_int_equal(delivery.size_bytes, NEURON_LEASE_MESSAGE_BYTES);
    assert_memory_equal(delivery.bytes, bytes, NEURON_LEASE_MESSAGE_BYTES);
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
    free(bytes);
}

static void
messages_of_other_sizes_are_refused(void **state)
{
    const unsigned char byte = 'x';
    struct lease_talk talk;

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_channel_send(rank, NULL, &byte, 0, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_lease_channel_send(rank, NULL, &byte,
                                            (size_t)NEURON_LEASE_MESSAGE_BYTES + 1, &error),
                  &error);
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
what_goes_to_a_rank_that_left_is_dropped(void **state)
{
    struct lease_talk talk;

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    lease_talk_say(rank, "hello");
    struct neuron_lease_peer peer = lease_talk_hear_text(&talk, rank, "hello");
    neuron_lease_channel_destroy(rank, 0);
    rank = lease_talk_join(&talk);
    for (int i = 0; i < 5000; i += 1) {
        assert_ok(
            neuron_lease_channel_send(talk.server, &peer, (const unsigned char *)"x", 1, &error),
            &error);
    }
    lease_talk_say(rank, "still there?");
    peer = lease_talk_hear_text(&talk, rank, "still there?");
    lease_talk_answer(&talk, &peer, rank, "yes");
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
the_last_words_arrive_within_the_linger(void **state)
{
    struct lease_talk talk;
    struct neuron_lease_delivery delivery;

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    lease_talk_say(rank, "hello");
    (void)lease_talk_hear_text(&talk, rank, "hello");
    lease_talk_say(rank, "bye");
    neuron_lease_channel_destroy(rank, 10000);
    assert_true(neuron_lease_channel_receive(talk.server, 10000, &delivery));
    assert_memory_equal(delivery.bytes, "bye", 3);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
the_descriptor_tells_of_a_message(void **state)
{
    struct lease_talk talk;
    struct neuron_lease_delivery delivery = {.size_bytes = 0};

    lease_talk_open(&talk, *state, NEURON_LEASE_ANY_HOST, LEASE_TALK_KEY);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    struct pollfd waits[] = {{.fd = neuron_lease_channel_descriptor(talk.server), .events = POLLIN},
                             {.fd = neuron_lease_channel_descriptor(rank), .events = POLLIN}};
    lease_talk_say(rank, "hello");
    while (!neuron_lease_channel_receive(talk.server, 0, &delivery)) {
        assert_false(neuron_lease_channel_receive(rank, 0, &delivery));
        assert_true(poll(waits, 2, 10000) > 0);
    }
    assert_memory_equal(delivery.bytes, "hello", 5);
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
take_signal(int number)
{
    (void)number;
}

static void
a_signal_ends_the_wait(void **state)
{
    const struct itimerval soon = {.it_value = {.tv_usec = 20000},
                                   .it_interval = {.tv_usec = 20000}};
    const struct itimerval never = {.it_value = {.tv_usec = 0}};
    const struct sigaction action = {.sa_handler = take_signal};
    struct neuron_lease_delivery delivery;
    struct lease_talk talk;

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_false(neuron_lease_channel_receive(talk.server, 3600000, &delivery));
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_and_its_server_talk_on_one_host),
        cmocka_unit_test(a_rank_and_its_server_talk_over_the_network),
        cmocka_unit_test(a_job_key_stands_in_no_file),
        cmocka_unit_test(what_is_said_before_the_server_answers_arrives_once),
        cmocka_unit_test(a_server_that_never_reads_is_told_of),
        cmocka_unit_test(sixty_four_ranks_are_told_apart),
        cmocka_unit_test(the_longest_message_passes),
        cmocka_unit_test(messages_of_other_sizes_are_refused),
        cmocka_unit_test(what_goes_to_a_rank_that_left_is_dropped),
        cmocka_unit_test(the_last_words_arrive_within_the_linger),
        cmocka_unit_test(the_descriptor_tells_of_a_message),
        cmocka_unit_test(a_signal_ends_the_wait),
    };

    return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
