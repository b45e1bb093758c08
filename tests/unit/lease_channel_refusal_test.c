/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers a rank does not talk to, and whom a server does not let in. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "child_process.h"
#include "lease_talk.h"
#include "neuron/secret_key.h"
#include "score/lease_place_file.h"
#include "score/lease_socket.h"
#include "test_folder.h"

#define OTHER_KEY "ff0102030405060708090a0b0c0d0e0f0a0b0c0d0e0fa0b0c0d0e0f0ff7f8001"

static struct neuron_error error;

/* A plan for a server's file in the folder. */
static struct neuron_lease_channel_plan
make_plan(const struct test_folder *folder, char *path, enum neuron_lease_reach reach)
{
    (void)test_folder_path(folder, "scores.npy.server", path);
    return (struct neuron_lease_channel_plan){.path = path, .job_id = "42-7", .reach = reach};
}

static void
check_connect(const struct neuron_lease_channel_plan *plan, enum neuron_status expected)
{
    struct neuron_lease_server_place place;
    struct neuron_lease_channel *rank = NULL;

    assert_status(expected, neuron_lease_channel_connect(plan, &rank, NULL, &error), &error);
    assert_null(rank);
    if (expected != NEURON_INVALID_ARGUMENT) {
        assert_status(expected, neuron_lease_channel_find(plan, &place, &error), &error);
    }
}

static void
without_a_file_there_is_no_server(void **state)
{
    char path[TEST_PATH_BYTES] = "";
    const struct neuron_lease_channel_plan plan = make_plan(*state, path, NEURON_LEASE_ONE_HOST);

    check_connect(&plan, NEURON_PEER_LOST);
}

static void
the_server_of_another_job_is_left_alone(void **state)
{
    struct lease_talk talk;

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    talk.plan.job_id = "42-8";
    check_connect(&talk.plan, NEURON_PEER_LOST);
    assert_contains(error.text, "another job");
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
a_name_on_another_host_is_not_looked_for_here(void **state)
{
    struct neuron_lease_place place = {.key = "", .addresses = "ipc://@neuron-score-1"};
    struct neuron_lease_file_mark mark;
    char path[TEST_PATH_BYTES] = "";
    struct neuron_lease_channel_plan plan = make_plan(*state, path, NEURON_LEASE_ONE_HOST);

    plan.key = LEASE_TALK_KEY;
    neuron_lease_place_fill(plan.job_id, &place);
    (void)snprintf(place.server.host, sizeof(place.server.host), "far-away");
    assert_ok(neuron_lease_place_file_write(path, &place, &mark, &error), &error);
    check_connect(&plan, NEURON_PEER_LOST);
    assert_contains(error.text, "far-away");
    neuron_lease_place_file_remove(path, &mark);
}

static void
a_damaged_file_is_told_of(void **state)
{
    char path[TEST_PATH_BYTES] = "";
    const struct neuron_lease_channel_plan plan = make_plan(*state, path, NEURON_LEASE_ONE_HOST);

    test_file_put(path, "neuron-score server 1\njob 42-7\n", 31);
    check_connect(&plan, NEURON_INVALID_SYNTAX);
    assert_contains(error.text, "scores.npy.server");
    assert_int_equal(unlink(path), 0);
}

static void
over_the_network_nothing_listens_without_a_key(void **state)
{
    static const char *const keys[] = {NULL, "", "12", "no key"};
    char path[TEST_PATH_BYTES] = "";
    struct neuron_lease_channel_plan plan = make_plan(*state, path, NEURON_LEASE_ANY_HOST);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i += 1) {
        struct neuron_lease_channel *server = NULL;

        plan.key = keys[i];
        assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_channel_listen(&plan, &server, &error),
                      &error);
        assert_contains(error.text, "NEURONRUN_KEY");
        assert_null(server);
        assert_int_equal(test_folder_file_count(*state), 0);
    }
}

static void
a_rank_without_the_key_is_told_so(void **state)
{
    struct lease_talk talk;

    lease_talk_open(&talk, *state, NEURON_LEASE_ANY_HOST, LEASE_TALK_KEY);
    talk.plan.key = NULL;
    check_connect(&talk.plan, NEURON_INVALID_ARGUMENT);
    assert_contains(error.text, "NEURONRUN_KEY is not set");
    talk.plan.key = "12";
    check_connect(&talk.plan, NEURON_INVALID_ARGUMENT);
    neuron_lease_channel_destroy(talk.server, 0);
}

/* A stranger's connection to a server. */
struct stranger {
    void *context;
    void *socket;
    void *monitor;
};

/* Opens one with these keys, NULL for none, and sends a message. */
static void
come(struct stranger *stranger, const char *address, const struct neuron_lease_keys *server,
     const struct neuron_lease_keys *own)
{
    const int none = 0;

    stranger->context = zmq_ctx_new();
    stranger->socket = zmq_socket(stranger->context, ZMQ_DEALER);
    stranger->monitor = zmq_socket(stranger->context, ZMQ_PAIR);
    assert_int_equal(zmq_setsockopt(stranger->socket, ZMQ_LINGER, &none, sizeof(none)), 0);
    if (server != NULL) {
        assert_true(
            neuron_lease_socket_set_key(stranger->socket, ZMQ_CURVE_SERVERKEY, server->public));
        assert_true(
            neuron_lease_socket_set_key(stranger->socket, ZMQ_CURVE_PUBLICKEY, own->public));
        assert_true(
            neuron_lease_socket_set_key(stranger->socket, ZMQ_CURVE_SECRETKEY, own->secret));
    }
    assert_int_equal(zmq_socket_monitor(stranger->socket, "inproc://events",
                                        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL),
                     0);
    assert_int_equal(zmq_connect(stranger->monitor, "inproc://events"), 0);
    assert_int_equal(zmq_connect(stranger->socket, address), 0);
    assert_int_equal(zmq_send(stranger->socket, "let me in", 9, ZMQ_DONTWAIT), 9);
}

static void
leave(struct stranger *stranger)
{
    (void)zmq_close(stranger->monitor);
    (void)zmq_close(stranger->socket);
    (void)zmq_ctx_term(stranger->context);
}

/* Fails unless the stranger is turned away, and the server hears nothing. */
static void
check_stranger(const struct lease_talk *talk, const struct neuron_lease_keys *server,
               const struct neuron_lease_keys *own)
{
    struct neuron_lease_delivery delivery;
    struct neuron_lease_place place;
    struct stranger stranger = {.socket = NULL};
    char event[16] = "";
    int turns = 2000;

    assert_ok(neuron_lease_place_file_read(talk->path, &place, &error), &error);
    place.addresses[strcspn(place.addresses, ",")] = '\0';
    come(&stranger, place.addresses, server, own);
    while (zmq_recv(stranger.monitor, event, sizeof(event), ZMQ_DONTWAIT) < 0) {
        assert_true(turns > 0);
        turns -= 1;
        assert_false(neuron_lease_channel_receive(talk->server, 5, &delivery));
    }
    assert_false(neuron_lease_channel_receive(talk->server, 0, &delivery));
    leave(&stranger);
}

static void
check_strangers(const struct test_folder *folder, enum neuron_lease_reach reach)
{
    struct lease_talk talk;
    struct neuron_lease_keys right;
    struct neuron_lease_keys wrong;

    assert_ok(neuron_lease_keys_make(LEASE_TALK_KEY, &right, &error), &error);
    assert_ok(neuron_lease_keys_make(OTHER_KEY, &wrong, &error), &error);
    lease_talk_open(&talk, folder, reach, LEASE_TALK_KEY);
    check_stranger(&talk, NULL, NULL);
    check_stranger(&talk, &wrong, &wrong);
    /* Even who knows the public half. */
    check_stranger(&talk, &right, &wrong);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    lease_talk_say(rank, "one of us");
    (void)lease_talk_hear_text(&talk, rank, "one of us");
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(talk.server, 0);
}

static void
strangers_are_not_let_in_on_the_host(void **state)
{
    check_strangers(*state, NEURON_LEASE_ONE_HOST);
}

static void
strangers_are_not_let_in_over_the_network(void **state)
{
    check_strangers(*state, NEURON_LEASE_ANY_HOST);
}

/* A server that is killed. */
static void
serve(const struct child_side *side, const void *argument)
{
    const struct lease_talk *talk = argument;
    struct neuron_lease_channel *server = NULL;
    enum neuron_status status = neuron_lease_channel_listen(&talk->plan, &server, NULL);

    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
}

/* Starts a server, kills it, and tells its pid. */
static pid_t
kill_server(const struct lease_talk *talk)
{
    struct child_process child;
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(&child, serve, talk);
    child_process_read(&child, &status, sizeof(status));
    assert_ok(status, &error);
    pid_t pid = child.pid;
    child_process_kill(&child);
    (void)child_process_finish(&child);
    return pid;
}

static void
a_dead_server_leaves_its_file_and_the_next_takes_over(void **state)
{
    struct lease_talk talk = {.server = NULL};
    struct neuron_lease_server_place dead;
    struct neuron_lease_server_place next;

    talk.plan = make_plan(*state, talk.path, NEURON_LEASE_ONE_HOST);
    pid_t pid = kill_server(&talk);
    assert_ok(neuron_lease_channel_find(&talk.plan, &dead, &error), &error);
    assert_int_equal(dead.pid, pid);
    struct neuron_lease_channel *orphan = lease_talk_join(&talk);
    lease_talk_say(orphan, "anybody?");

    lease_talk_open(&talk, *state, NEURON_LEASE_ONE_HOST, NULL);
    assert_ok(neuron_lease_channel_find(&talk.plan, &next, &error), &error);
    assert_int_equal(next.pid, getpid());
    assert_true(next.epoch_ns > dead.epoch_ns);
    struct neuron_lease_channel *rank = lease_talk_join(&talk);
    lease_talk_say(rank, "hello");
    (void)lease_talk_hear_text(&talk, rank, "hello");
    neuron_lease_channel_destroy(rank, 0);
    neuron_lease_channel_destroy(orphan, 0);
    neuron_lease_channel_destroy(talk.server, 0);
    assert_int_equal(test_folder_file_count(*state), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_there_is_no_server),
        cmocka_unit_test(the_server_of_another_job_is_left_alone),
        cmocka_unit_test(a_name_on_another_host_is_not_looked_for_here),
        cmocka_unit_test(a_damaged_file_is_told_of),
        cmocka_unit_test(over_the_network_nothing_listens_without_a_key),
        cmocka_unit_test(a_rank_without_the_key_is_told_so),
        cmocka_unit_test(strangers_are_not_let_in_on_the_host),
        cmocka_unit_test(strangers_are_not_let_in_over_the_network),
        cmocka_unit_test(a_dead_server_leaves_its_file_and_the_next_takes_over),
    };

    return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
