/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between a process and its executor, right ones and damaged ones. */
#include "isolated_protocol.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

/* Fails the test unless a message is refused. */
static void
check_refused(const struct neuron_isolated_message *message, size_t size_bytes)
{
    struct neuron_isolated_message decoded = {.magic = 1};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_isolated_message_decode(message, size_bytes, &decoded, &error), &error);
    assert_int_equal(decoded.magic, 1);
    assert_contains(error.text, "a message of ");
}

static struct neuron_isolated_message
decode(const struct neuron_isolated_message *message)
{
    struct neuron_isolated_message decoded = {.magic = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_isolated_message_decode(message, sizeof(*message), &decoded, &error), &error);
    return decoded;
}

static void
a_message_comes_over_whole(void **state)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_RUN);

    (void)state;
    message.sequence = UINT64_MAX;
    message.rows = 12;
    struct neuron_isolated_message decoded = decode(&message);
    assert_memory_equal(&decoded, &message, sizeof(message));
}

static void
a_message_of_another_size_is_refused(void **state)
{
    const struct neuron_isolated_message message =
        neuron_isolated_message_make(NEURON_ISOLATED_STOP);

    (void)state;
    for (size_t size_bytes = 0; size_bytes < sizeof(message); size_bytes += 1) {
        check_refused(&message, size_bytes);
    }
    check_refused(&message, sizeof(message) + 1);
}

static void
fields_that_cannot_be_are_refused(void **state)
{
    const struct neuron_isolated_message right = neuron_isolated_message_make(NEURON_ISOLATED_DONE);
    struct neuron_isolated_message wrong[7];

    (void)state;
    for (size_t i = 0; i < 7; i += 1) {
        wrong[i] = right;
    }
    wrong[0].magic += 1;
    wrong[1].version += 1;
    wrong[2].kind = 0;
    wrong[3].kind = NEURON_ISOLATED_STOP + 1;
    wrong[4].status = NEURON_DEVICE_MEMORY_FULL + 1;
    wrong[5].reserved = 1;
    wrong[6].rows = 1;
    for (size_t i = 0; i < 7; i += 1) {
        check_refused(&wrong[i], sizeof(wrong[i]));
    }
    assert_int_equal(decode(&right).kind, NEURON_ISOLATED_DONE);
}

static void
a_run_has_rows(void **state)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_RUN);

    (void)state;
    check_refused(&message, sizeof(message));
    message.rows = -1;
    check_refused(&message, sizeof(message));
    message.rows = INT64_MAX;
    assert_true(decode(&message).rows == INT64_MAX);
}

/* Fails the test unless a text comes over as another. */
static void
check_text(const char *text, const char *expected)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_DONE);
    struct neuron_error error = {0};

    message.status = NEURON_SYSTEM;
    (void)snprintf(message.text, sizeof(message.text), "%s", text);
    message = decode(&message);
    assert_status(NEURON_SYSTEM, neuron_isolated_message_status(&message, &error), &error);
    assert_string_equal(error.text, expected);
}

static void
a_text_becomes_a_line_of_utf_8(void **state)
{
    (void)state;
    check_text("plain", "plain");
    check_text("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80",
               "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80");
    check_text("two\nlines\t\x7F", "two?lines??");
    check_text("\x80 \xC0\xAF \xC3", "? ?? ?");
    check_text("\xE0\x80\x80 \xED\xA0\x80 \xF4\x90\x80\x80 \xF5", "??? ??? ???? ?");
    check_text("", "NEURON_SYSTEM");
}

static void
a_text_without_an_end_is_ended(void **state)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_READY);

    (void)state;
    memset(message.text, 'a', sizeof(message.text));
    message = decode(&message);
    assert_int_equal(strnlen(message.text, sizeof(message.text)), sizeof(message.text) - 1);
    /* A character that the end cuts. */
    memset(message.text, 'a', sizeof(message.text));
    memcpy(&message.text[sizeof(message.text) - 3], "\xE2\x82\xAC", 3);
    message = decode(&message);
    assert_string_equal(&message.text[sizeof(message.text) - 4], "a??");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_over_whole),
        cmocka_unit_test(a_message_of_another_size_is_refused),
        cmocka_unit_test(fields_that_cannot_be_are_refused),
        cmocka_unit_test(a_run_has_rows),
        cmocka_unit_test(a_text_becomes_a_line_of_utf_8),
        cmocka_unit_test(a_text_without_an_end_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
