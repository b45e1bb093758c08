/* SPDX-License-Identifier: Apache-2.0 */
/* The wire between two processes, whose ends are both in this one here. */
#include "process_channel.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "descriptors.h"

enum { PATIENCE_MS = 10000 };

struct wire {
    char address[NEURON_ISOLATED_ADDRESS_BYTES];
    struct neuron_process_channel *ends[2];
    int silent[2]; /* a pipe that nobody writes to */
};

static void
open_wire(struct wire *wire)
{
    struct neuron_error error = {0};

    assert_int_equal(pipe(wire->silent), 0);
    assert_ok(neuron_process_channel_make_address(wire->address, &error), &error);
    assert_ok(neuron_process_channel_create(wire->address, NEURON_CHANNEL_LISTENS, &wire->ends[0],
                                            &error),
              &error);
    assert_ok(neuron_process_channel_create(wire->address, NEURON_CHANNEL_CONNECTS, &wire->ends[1],
                                            &error),
              &error);
}

static void
close_wire(struct wire *wire)
{
    neuron_process_channel_destroy(wire->ends[0]);
    neuron_process_channel_destroy(wire->ends[1]);
    assert_int_equal(close(wire->silent[0]), 0);
    assert_int_equal(close(wire->silent[1]), 0);
}

static struct neuron_isolated_message
receive(const struct wire *wire, int end)
{
    struct neuron_isolated_message message = {.magic = 0};
    struct neuron_error error = {0};
    bool was_there = false;

    assert_int_equal(neuron_process_channel_wait(wire->ends[end], wire->silent[0], PATIENCE_MS),
                     NEURON_CHANNEL_HAS_MESSAGE);
    assert_ok(neuron_process_channel_receive(wire->ends[end], &message, &was_there, &error),
              &error);
    assert_true(was_there);
    return message;
}

static void
messages_go_both_ways_in_order(void **state)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_DONE);
    struct neuron_error error = {0};
    struct wire wire;

    (void)state;
    open_wire(&wire);
    for (message.sequence = 1; message.sequence <= 20; message.sequence += 1) {
        assert_ok(neuron_process_channel_send(wire.ends[1], &message, &error), &error);
    }
    for (uint64_t i = 1; i <= 20; i += 1) {
        assert_true(receive(&wire, 0).sequence == i);
    }
    assert_ok(neuron_process_channel_send(wire.ends[0], &message, &error), &error);
    assert_true(receive(&wire, 1).sequence == 21);
    close_wire(&wire);
}

static void
a_wait_ends_by_time_or_by_the_other_descriptor(void **state)
{
    struct neuron_isolated_message message = {.magic = 5};
    struct neuron_error error = {0};
    bool was_there = true;
    struct wire wire;

    (void)state;
    open_wire(&wire);
    assert_int_equal(neuron_process_channel_wait(wire.ends[0], wire.silent[0], 1), 0);
    assert_ok(neuron_process_channel_receive(wire.ends[0], &message, &was_there, &error), &error);
    assert_false(was_there);
    assert_int_equal(message.magic, 5);
    assert_int_equal(write(wire.silent[1], "x", 1), 1);
    assert_int_equal(neuron_process_channel_wait(wire.ends[0], wire.silent[0], PATIENCE_MS),
                     NEURON_CHANNEL_HAS_OTHER);
    close_wire(&wire);
}

static void
a_message_that_is_none_is_refused(void **state)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_DONE);
    struct neuron_error error = {0};
    bool was_there = false;
    struct wire wire;

    (void)state;
    open_wire(&wire);
    message.version += 1;
    assert_ok(neuron_process_channel_send(wire.ends[1], &message, &error), &error);
    assert_int_equal(neuron_process_channel_wait(wire.ends[0], wire.silent[0], PATIENCE_MS),
                     NEURON_CHANNEL_HAS_MESSAGE);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_process_channel_receive(wire.ends[0], &message, &was_there, &error),
                  &error);
    close_wire(&wire);
}

static void
without_another_end_nothing_is_sent(void **state)
{
    const struct neuron_isolated_message message =
        neuron_isolated_message_make(NEURON_ISOLATED_RUN);
    struct neuron_process_channel *end = NULL;
    struct neuron_error error = {0};
    char address[NEURON_ISOLATED_ADDRESS_BYTES] = "";

    (void)state;
    assert_ok(neuron_process_channel_make_address(address, &error), &error);
    assert_ok(neuron_process_channel_create(address, NEURON_CHANNEL_LISTENS, &end, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_process_channel_send(end, &message, &error), &error);
    neuron_process_channel_destroy(end);
}

static void
an_address_that_cannot_be_is_said(void **state)
{
    struct neuron_process_channel *end = NULL;
    struct neuron_error error = {0};
    uint32_t before = open_descriptor_count();

    (void)state;
    assert_status(
        NEURON_SYSTEM,
        neuron_process_channel_create("ipc:///nowhere/x", NEURON_CHANNEL_LISTENS, &end, &error),
        &error);
    assert_contains(error.text, "cannot open the socket ipc:///nowhere/x");
    assert_null(end);
    assert_true(descriptor_count_becomes(before));
}

static void
no_two_addresses_are_the_same(void **state)
{
    char addresses[2][NEURON_ISOLATED_ADDRESS_BYTES] = {"", ""};
    struct neuron_error error = {0};

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        assert_ok(neuron_process_channel_make_address(addresses[i], &error), &error);
        assert_int_equal(strncmp(addresses[i], "ipc://@neuron-", 14), 0);
    }
    assert_string_not_equal(addresses[0], addresses[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_both_ways_in_order),
        cmocka_unit_test(a_wait_ends_by_time_or_by_the_other_descriptor),
        cmocka_unit_test(a_message_that_is_none_is_refused),
        cmocka_unit_test(without_another_end_nothing_is_sent),
        cmocka_unit_test(an_address_that_cannot_be_is_said),
        cmocka_unit_test(no_two_addresses_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
