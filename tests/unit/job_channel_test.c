/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job_channel.h"

enum { LIMIT_MS = 20000 };

static struct neuron_error error;

/* The launcher's end. */
static struct neuron_job_channel *server;
static struct neuron_job_contact contact;

static int
open_server(void **state)
{
    (void)state;
    return neuron_job_channel_listen(&server, &contact, &error) == NEURON_OK ? 0 : -1;
}

static int
close_server(void **state)
{
    (void)state;
    neuron_job_channel_destroy(server, 0);
    return 0;
}

/* Waits until a message is there, and takes it; false after the time. */
static bool
take(struct neuron_job_channel *channel, struct neuron_job_delivery *delivery, int limit_ms)
{
    for (int left_ms = limit_ms; left_ms > 0; left_ms -= 10) {
        struct pollfd waits[NEURON_JOB_CHANNEL_POLL_COUNT];

        if (neuron_job_channel_receive(channel, delivery)) {
            return true;
        }
        neuron_job_channel_prepare(channel, waits);
        if (!neuron_job_channel_is_ready(channel)) {
            (void)poll(waits, NEURON_JOB_CHANNEL_POLL_COUNT, 10);
        }
    }
    return false;
}

/* In a child: connects, sends two messages, and says with its exit code whether an answer came. */
static pid_t
start_shim(const struct neuron_job_contact *with, int timeout_ms)
{
    pid_t child = fork();

    if (child == 0) {
        struct neuron_job_channel *shim = NULL;
        struct neuron_job_delivery delivery;

        if (neuron_job_channel_connect(with, "hello", 5, timeout_ms, &shim, &error) != NEURON_OK) {
            _exit(1);
        }
        neuron_job_channel_send(shim, NULL, "more", 4);
        bool is_answered =
            take(shim, &delivery, LIMIT_MS) && neuron_job_channel_reached(shim)[0] != '\0';
        neuron_job_channel_destroy(shim, 1000);
        _exit(is_answered ? 0 : 2);
    }
    return child;
}

static int
await(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
is_text(const struct neuron_job_delivery *delivery, const char *text)
{
    return delivery->size_bytes == strlen(text) &&
           memcmp(delivery->bytes, text, delivery->size_bytes) == 0;
}

static void
messages_go_both_ways(void **state)
{
    struct neuron_job_delivery delivery = {0};
    pid_t child = start_shim(&contact, LIMIT_MS);

    (void)state;
    /* One greeting an address; each is answered, and the shim goes on with one of them. */
    while (take(server, &delivery, LIMIT_MS) && is_text(&delivery, "hello")) {
        struct neuron_job_peer peer = delivery.peer;

        assert_true(peer.size_bytes > 0);
        neuron_job_channel_send(server, &peer, "welcome", 7);
    }
    assert_true(is_text(&delivery, "more"));
    assert_int_equal(await(child), 0);
}

static void
nobody_comes_in_with_another_key(void **state)
{
    struct neuron_job_contact forged = contact;
    struct neuron_job_contact other = {0};
    struct neuron_job_channel *stranger = NULL;
    struct neuron_job_delivery delivery = {0};

    (void)state;
    /* Keys that are as good, but of another job; the launcher's own is known. */
    assert_ok(neuron_job_channel_listen(&stranger, &other, &error), &error);
    neuron_job_channel_destroy(stranger, 0);
    memcpy(forged.keys + 80, other.keys + 80, 160);
    pid_t child = start_shim(&forged, 1500);
    while (waitpid(child, NULL, WNOHANG) == 0) {
        assert_false(take(server, &delivery, 100));
    }
}

static void
another_launcher_is_not_believed(void **state)
{
    struct neuron_job_contact forged = contact;
    struct neuron_job_contact other = {0};
    struct neuron_job_channel *stranger = NULL;

    (void)state;
    assert_ok(neuron_job_channel_listen(&stranger, &other, &error), &error);
    memcpy(forged.keys, other.keys, 80);
    assert_int_equal(await(start_shim(&forged, 500)), 1);
    neuron_job_channel_destroy(stranger, 0);
}

static void
damaged_keys_are_refused(void **state)
{
    struct neuron_job_contact damaged = contact;
    struct neuron_job_channel *shim = NULL;

    (void)state;
    damaged.keys[7] = 'x';
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_job_channel_connect(&damaged, "hello", 5, LIMIT_MS, &shim, &error),
                  &error);
    damaged.keys[7] = '\0';
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_job_channel_connect(&damaged, "hello", 5, LIMIT_MS, &shim, &error),
                  &error);
    assert_null(shim);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_go_both_ways, open_server, close_server),
        cmocka_unit_test_setup_teardown(nobody_comes_in_with_another_key, open_server,
                                        close_server),
        cmocka_unit_test_setup_teardown(another_launcher_is_not_believed, open_server,
                                        close_server),
        cmocka_unit_test_setup_teardown(damaged_keys_are_refused, open_server, close_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
