/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "job_message.h"

static struct neuron_error error;

/* Encodes, decodes, and returns the bytes, in which the decoded texts lie. */
static void *
pass(const struct neuron_job_message *sent, struct neuron_job_message *received)
{
    void *bytes = NULL;
    size_t size_bytes = 0;

    assert_ok(neuron_job_message_encode(sent, &bytes, &size_bytes, &error), &error);
    assert_ok(neuron_job_message_decode(bytes, size_bytes, received, &error), &error);
    assert_int_equal(received->kind, sent->kind);
    assert_int_equal(received->rank, sent->rank);
    return bytes;
}

static void
texts_and_numbers_arrive(void **state)
{
    static const char *const texts[] = {"node7", "", "10.0.0.1"};
    const struct neuron_job_message sent = {.kind = NEURON_JOB_JOIN,
                                            .rank = 70000,
                                            .numbers = {UINT64_C(0x123456789abcdef0)},
                                            .texts = texts,
                                            .text_count = 3};
    struct neuron_job_message received;
    void *bytes = pass(&sent, &received);

    (void)state;
    assert_true(received.numbers[0] == sent.numbers[0]);
    assert_int_equal(received.text_count, 3);
    for (size_t i = 0; i < 3; i += 1) {
        assert_string_equal(received.texts[i], texts[i]);
    }
    neuron_job_message_clear(&received);
    free(bytes);
}

static void
every_number_of_an_end_arrives(void **state)
{
    struct neuron_job_message sent = {.kind = NEURON_JOB_ENDED};
    struct neuron_job_message received;

    (void)state;
    for (uint64_t i = 0; i < NEURON_JOB_ENDED_NUMBER_COUNT; i += 1) {
        sent.numbers[i] = UINT64_MAX - i;
    }
    void *bytes = pass(&sent, &received);
    assert_memory_equal(received.numbers, sent.numbers, sizeof(sent.numbers));
    neuron_job_message_clear(&received);
    free(bytes);
}

static void
output_arrives_as_it_is(void **state)
{
    static const char output[] = "a\0b\n";
    const struct neuron_job_message sent = {
        .kind = NEURON_JOB_OUTPUT, .numbers = {1}, .bytes = output, .size_bytes = sizeof(output)};
    struct neuron_job_message received;
    void *bytes = pass(&sent, &received);

    (void)state;
    assert_int_equal(received.size_bytes, sizeof(output));
    assert_memory_equal(received.bytes, output, sizeof(output));
    neuron_job_message_clear(&received);
    free(bytes);
}

static void
messages_out_of_shape_are_not_sent(void **state)
{
    static const char *const texts[] = {"one"};
    const struct neuron_job_message cases[] = {
        {.kind = (enum neuron_job_message_kind)200},
        {.kind = NEURON_JOB_JOIN, .texts = texts, .text_count = 1},
        {.kind = NEURON_JOB_BEAT, .texts = texts, .text_count = 1},
        {.kind = NEURON_JOB_OUTPUT, .bytes = texts, .size_bytes = NEURON_JOB_OUTPUT_BYTES + 1},
    };
    size_t size_bytes = 0;
    void *bytes = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_job_message_encode(&cases[i], &bytes, &size_bytes, &error), &error);
    }
    assert_null(bytes);
}

static void
every_shorter_message_is_refused(void **state)
{
    static const char *const texts[NEURON_JOB_PLACE_TEXTS] = {"lease", "0-3", "0-3", "1", "0"};
    const struct neuron_job_message sent = {
        .kind = NEURON_JOB_START, .texts = texts, .text_count = NEURON_JOB_PLACE_TEXTS};
    struct neuron_job_message received;
    size_t size_bytes = 0;
    void *bytes = NULL;

    (void)state;
    assert_ok(neuron_job_message_encode(&sent, &bytes, &size_bytes, &error), &error);
    for (size_t i = 0; i < size_bytes; i += 1) {
        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_job_message_decode(bytes, i, &received, &error), &error);
        neuron_job_message_clear(&received);
    }
    free(bytes);
}

/* Decodes with one byte changed. */
static enum neuron_status
decode_changed(unsigned char *bytes, size_t size_bytes, size_t place, unsigned char value)
{
    struct neuron_job_message received;
    unsigned char before = bytes[place];

    bytes[place] = value;
    enum neuron_status status = neuron_job_message_decode(bytes, size_bytes, &received, &error);
    neuron_job_message_clear(&received);
    bytes[place] = before;
    return status;
}

static void
changed_messages_are_refused(void **state)
{
    static const char *const texts[] = {"text"};
    const struct neuron_job_message sent = {
        .kind = NEURON_JOB_REFUSED, .texts = texts, .text_count = 1};
    size_t size_bytes = 0;
    void *bytes = NULL;

    (void)state;
    assert_ok(neuron_job_message_encode(&sent, &bytes, &size_bytes, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 0, 'X'), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 2, 99), &error);
    assert_non_null(strstr(error.text, "version"));
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 3, 99), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 8, 0), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 11, 0xff), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 20, 4), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 20, 0), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, 25, 0), &error);
    assert_status(NEURON_INVALID_ARGUMENT, decode_changed(bytes, size_bytes, size_bytes - 1, 'x'),
                  &error);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_numbers_arrive),
        cmocka_unit_test(every_number_of_an_end_arrives),
        cmocka_unit_test(output_arrives_as_it_is),
        cmocka_unit_test(messages_out_of_shape_are_not_sent),
        cmocka_unit_test(every_shorter_message_is_refused),
        cmocka_unit_test(changed_messages_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
