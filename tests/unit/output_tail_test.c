/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "output_tail.h"

static void
put(struct neuron_output_tail *tail, const char *text)
{
    neuron_output_tail_put(tail, text, strlen(text));
}

/* Fails unless a text of so many bytes gets just this. */
static void
check_copy(const struct neuron_output_tail *tail, size_t size_bytes, const char *expected)
{
    char text[2 * NEURON_OUTPUT_TAIL_BYTES];

    assert_true(size_bytes <= sizeof(text));
    assert_int_equal(neuron_output_tail_copy(tail, text, size_bytes), strlen(expected));
    assert_string_equal(text, expected);
}

static void
a_stream_without_a_byte_takes_no_memory(void **state)
{
    struct neuron_output_tail tail = {0};

    (void)state;
    put(&tail, "");
    assert_null(tail.bytes);
    check_copy(&tail, 1, "");
    check_copy(&tail, 100, "");
    neuron_output_tail_clear(&tail);
}

static void
a_short_stream_is_kept_whole(void **state)
{
    struct neuron_output_tail tail = {0};

    (void)state;
    put(&tail, "one\ntw");
    put(&tail, "o\nthree");
    check_copy(&tail, 100, "one\ntwo\nthree");
    neuron_output_tail_clear(&tail);
    assert_null(tail.bytes);
}

static void
a_text_that_is_too_small_begins_with_a_line(void **state)
{
    struct neuron_output_tail tail = {0};

    (void)state;
    put(&tail, "one\ntwo\nthree\n");
    check_copy(&tail, 15, "one\ntwo\nthree\n");
    check_copy(&tail, 14, "two\nthree\n");
    check_copy(&tail, 7, "three\n");
    check_copy(&tail, 4, "ee\n");
    check_copy(&tail, 1, "");
    neuron_output_tail_clear(&tail);
}

static void
the_last_lines_of_a_long_stream_are_kept(void **state)
{
    struct neuron_output_tail tail = {0};
    char line[32] = "";
    char text[NEURON_OUTPUT_TAIL_BYTES + 1] = "";

    (void)state;
    for (int i = 0; i < 10000; i += 1) {
        (void)snprintf(line, sizeof(line), "line %05d\n", i);
        put(&tail, line);
    }
    size_t length = neuron_output_tail_copy(&tail, text, sizeof(text));
    assert_in_range(length, NEURON_OUTPUT_TAIL_BYTES - 11, NEURON_OUTPUT_TAIL_BYTES);
    assert_int_equal(length % 11, 0);
    assert_memory_equal(text, "line ", 5);
    assert_string_equal(text + length - 11, "line 09999\n");
    neuron_output_tail_clear(&tail);
}

static void
of_one_large_piece_the_end_is_kept(void **state)
{
    struct neuron_output_tail tail = {0};
    char large[10000] = "";
    char text[NEURON_OUTPUT_TAIL_BYTES + 1] = "";

    (void)state;
    memset(large, 'x', sizeof(large));
    (void)snprintf(large + sizeof(large) - 6, 6, "\nend\n");
    put(&tail, "before\n");
    neuron_output_tail_put(&tail, large, sizeof(large) - 1);
    assert_int_equal(neuron_output_tail_copy(&tail, text, sizeof(text)), 4);
    assert_string_equal(text, "end\n");
    neuron_output_tail_clear(&tail);
}

static void
a_line_without_an_end_is_cut_anywhere(void **state)
{
    struct neuron_output_tail tail = {0};
    char large[NEURON_OUTPUT_TAIL_BYTES - 1];
    char text[NEURON_OUTPUT_TAIL_BYTES + 1] = "";

    (void)state;
    memset(large, 'x', sizeof(large));
    for (int i = 0; i < 5; i += 1) {
        neuron_output_tail_put(&tail, large, sizeof(large));
    }
    assert_int_equal(neuron_output_tail_copy(&tail, text, sizeof(text)), NEURON_OUTPUT_TAIL_BYTES);
    neuron_output_tail_clear(&tail);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_without_a_byte_takes_no_memory),
        cmocka_unit_test(a_short_stream_is_kept_whole),
        cmocka_unit_test(a_text_that_is_too_small_begins_with_a_line),
        cmocka_unit_test(the_last_lines_of_a_long_stream_are_kept),
        cmocka_unit_test(of_one_large_piece_the_end_is_kept),
        cmocka_unit_test(a_line_without_an_end_is_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
