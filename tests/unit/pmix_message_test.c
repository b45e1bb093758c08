/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "pmix_message.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
messages_read_back_as_they_were(void **state)
{
    struct neuron_pmix_message sent = {.kind = NEURON_PMIX_ABORTED, .rank = 7, .code = -42};
    struct neuron_pmix_message received = {0};
    uint8_t packet[NEURON_PMIX_PACKET_BYTES] = {0};

    (void)state;
    neuron_pmix_message_set_text(&sent, "why");
    assert_true(
        neuron_pmix_message_decode(packet, neuron_pmix_message_encode(&sent, packet), &received));
    assert_int_equal(received.kind, NEURON_PMIX_ABORTED);
    assert_int_equal(received.rank, 7);
    assert_int_equal(received.code, -42);
    assert_string_equal(received.text, "why");
}

static void
a_text_that_is_too_long_is_cut(void **state)
{
    static struct neuron_pmix_message message;
    static char text[NEURON_PMIX_TEXT_BYTES * 2];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    neuron_pmix_message_set_text(&message, text);
    assert_int_equal(strlen(message.text), NEURON_PMIX_TEXT_BYTES - 1);
}

static void
what_is_no_message_is_refused(void **state)
{
    struct neuron_pmix_message message = {.kind = NEURON_PMIX_READY};
    uint8_t packet[NEURON_PMIX_PACKET_BYTES] = {0};
    size_t size_bytes = neuron_pmix_message_encode(&message, packet);

    (void)state;
    assert_true(neuron_pmix_message_decode(packet, size_bytes, &message));
    assert_false(neuron_pmix_message_decode(packet, size_bytes - 1, &message));
    assert_false(neuron_pmix_message_decode(packet, size_bytes + 1, &message));
    assert_false(neuron_pmix_message_decode(packet, sizeof(packet), &message));
    packet[0] = NEURON_PMIX_KIND_END;
    assert_false(neuron_pmix_message_decode(packet, size_bytes, &message));
    packet[0] = 0;
    assert_false(neuron_pmix_message_decode(packet, size_bytes, &message));
}

static void
an_end_of_the_other_side_is_seen(void **state)
{
    struct neuron_pmix_message message = {.kind = NEURON_PMIX_READY};
    int ends[2] = {-1, -1};

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    assert_int_equal(neuron_pmix_message_receive(ends[0], &message), NEURON_PMIX_NOTHING);
    assert_true(neuron_pmix_message_send(ends[1], &message));
    (void)close(ends[1]);
    assert_int_equal(neuron_pmix_message_receive(ends[0], &message), NEURON_PMIX_RECEIVED);
    assert_int_equal(neuron_pmix_message_receive(ends[0], &message), NEURON_PMIX_ENDED);
    assert_false(neuron_pmix_message_send(ends[0], &message));
    (void)close(ends[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_read_back_as_they_were),
        cmocka_unit_test(a_text_that_is_too_long_is_cut),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(an_end_of_the_other_side_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
