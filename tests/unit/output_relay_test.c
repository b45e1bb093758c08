/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "output_relay.h"
#include "test_folder.h"

enum { RANK_COUNT = 3, MORE_THAN_A_PIPE_BYTES = 3000000, IDLE_MS = 100 };

/* A relay whose output goes to pipes in place of descriptors 1 and 2. */
struct relayed {
    struct neuron_output_relay *relay;
    int readers[2];   /* what the relay writes comes out here */
    int originals[2]; /* what descriptors 1 and 2 were */
};

static const struct neuron_output_style plain = {0};
static const struct neuron_output_style tagged = {.has_tags = true, .has_colors = true};

static void
replace_descriptor(struct relayed *relayed, int stream)
{
    int ends[2] = {-1, -1};

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    relayed->originals[stream] = dup(STDOUT_FILENO + stream);
    assert_true(dup2(ends[1], STDOUT_FILENO + stream) >= 0);
    (void)close(ends[1]);
    relayed->readers[stream] = ends[0];
}

static void
restore_descriptors(const struct relayed *relayed)
{
    for (int i = 0; i < 2; i += 1) {
        (void)dup2(relayed->originals[i], STDOUT_FILENO + i);
        (void)close(relayed->originals[i]);
    }
}

static void
open_relayed(struct relayed *relayed, const struct neuron_output_style *style)
{
    struct neuron_error error = {0};

    replace_descriptor(relayed, 0);
    replace_descriptor(relayed, 1);
    enum neuron_status status =
        neuron_output_relay_create(RANK_COUNT, style, &relayed->relay, &error);
    /* What cmocka prints is no part of the test. */
    restore_descriptors(relayed);
    assert_ok(status, &error);
}

static void
close_relayed(struct relayed *relayed)
{
    neuron_output_relay_destroy(relayed->relay);
    (void)close(relayed->readers[0]);
    (void)close(relayed->readers[1]);
}

static size_t
put(struct relayed *relayed, uint32_t rank, enum neuron_output_stream stream, const char *text)
{
    return neuron_output_relay_put(relayed->relay, rank, stream, text, strlen(text));
}

/* Fails unless a file of the test's folder holds just this. */
static void
check_file(const struct test_folder *folder, const char *name, const char *expected)
{
    char path[TEST_PATH_BYTES] = "";
    char text[256] = "";
    int file = open(test_folder_path(folder, name, path), O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    ssize_t length = read(file, text, sizeof(text) - 1);
    (void)close(file);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(text, expected);
}

/* Fails unless this, and no more, was written to a stream. */
static void
check_written(const struct relayed *relayed, int stream, const char *expected)
{
    char text[512] = "";
    ssize_t length = read(relayed->readers[stream], text, sizeof(text) - 1);

    text[length < 0 ? 0 : length] = '\0';
    assert_string_equal(text, expected);
}

static void
bytes_that_are_put_come_out_as_lines(void **state)
{
    struct relayed relayed;

    (void)state;
    open_relayed(&relayed, &tagged);
    neuron_output_relay_begin(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_begin(relayed.relay, 2, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_begin(relayed.relay, 2, NEURON_OUTPUT_STDERR);
    assert_int_equal(put(&relayed, 0, NEURON_OUTPUT_STDOUT, "one\ntw"), 6);
    assert_int_equal(put(&relayed, 2, NEURON_OUTPUT_STDOUT, "other\n"), 6);
    assert_int_equal(put(&relayed, 2, NEURON_OUTPUT_STDERR, "error\n"), 6);
    assert_int_equal(put(&relayed, 0, NEURON_OUTPUT_STDOUT, "o\nlast"), 6);
    check_written(&relayed, 0, "[0] one\n[2] other\n[0] two\n");
    check_written(&relayed, 1, "[2] error\n");
    neuron_output_relay_end(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    check_written(&relayed, 0, "[0] last\n");
    close_relayed(&relayed);
}

static void
the_relay_is_done_when_each_stream_has_ended(void **state)
{
    struct relayed relayed;

    (void)state;
    open_relayed(&relayed, &plain);
    assert_true(neuron_output_relay_is_done(relayed.relay));
    neuron_output_relay_begin(relayed.relay, 1, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_begin(relayed.relay, 1, NEURON_OUTPUT_STDERR);
    assert_false(neuron_output_relay_is_done(relayed.relay));
    neuron_output_relay_end(relayed.relay, 1, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_end(relayed.relay, 1, NEURON_OUTPUT_STDOUT);
    assert_false(neuron_output_relay_is_done(relayed.relay));
    /* What follows an end is nobody's. */
    assert_int_equal(put(&relayed, 1, NEURON_OUTPUT_STDOUT, "late\n"), 0);
    neuron_output_relay_finish(relayed.relay);
    neuron_output_relay_run(relayed.relay, 0);
    assert_true(neuron_output_relay_is_done(relayed.relay));
    check_written(&relayed, 0, "");
    close_relayed(&relayed);
}

/* Takes what was written, and makes room; returns how much it was. */
static size_t
drain(const struct relayed *relayed)
{
    char bytes[8192];
    size_t total = 0;
    ssize_t length = 0;

    while ((length = read(relayed->readers[0], bytes, sizeof(bytes))) > 0) {
        total += (size_t)length;
    }
    neuron_output_relay_run(relayed->relay, 0);
    return total;
}

static void
nothing_is_taken_while_the_reader_is_slow(void **state)
{
    static const char bytes[MORE_THAN_A_PIPE_BYTES]; /* one line, longer than is kept */
    struct relayed relayed;
    size_t taken = 0;
    size_t arrived = 0;
    int refused_count = 0;

    (void)state;
    open_relayed(&relayed, &plain);
    neuron_output_relay_begin(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    while (taken < MORE_THAN_A_PIPE_BYTES) {
        size_t now = neuron_output_relay_put(relayed.relay, 0, NEURON_OUTPUT_STDOUT, bytes,
                                             MORE_THAN_A_PIPE_BYTES - taken);

        taken += now;
        if (now == 0) {
            refused_count += 1;
            arrived += drain(&relayed);
        }
    }
    assert_true(refused_count > 0);
    neuron_output_relay_end(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    while (!neuron_output_relay_is_done(relayed.relay)) {
        arrived += drain(&relayed);
    }
    assert_int_equal(arrived + drain(&relayed), MORE_THAN_A_PIPE_BYTES);
    close_relayed(&relayed);
}

static void
a_prompt_is_shown_once_its_writer_is_idle(void **state)
{
    struct relayed relayed;

    (void)state;
    open_relayed(&relayed, &plain);
    neuron_output_relay_begin(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_run(relayed.relay, 1000);
    assert_int_equal(put(&relayed, 0, NEURON_OUTPUT_STDOUT, "password: "), 10);
    assert_int_equal(neuron_output_relay_deadline(relayed.relay), 1000 + IDLE_MS);
    neuron_output_relay_run(relayed.relay, 1000 + IDLE_MS - 1);
    check_written(&relayed, 0, "");
    neuron_output_relay_run(relayed.relay, 1000 + IDLE_MS);
    check_written(&relayed, 0, "password: ");
    assert_true(neuron_output_relay_deadline(relayed.relay) == UINT64_MAX);
    close_relayed(&relayed);
}

static void
an_unfinished_line_waits_while_another_may_write(void **state)
{
    struct relayed relayed;

    (void)state;
    open_relayed(&relayed, &plain);
    neuron_output_relay_begin(relayed.relay, 0, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_begin(relayed.relay, 1, NEURON_OUTPUT_STDOUT);
    assert_int_equal(put(&relayed, 0, NEURON_OUTPUT_STDOUT, "half"), 4);
    assert_true(neuron_output_relay_deadline(relayed.relay) == UINT64_MAX);
    neuron_output_relay_run(relayed.relay, 5000);
    check_written(&relayed, 0, "");
    neuron_output_relay_end(relayed.relay, 1, NEURON_OUTPUT_STDOUT);
    neuron_output_relay_run(relayed.relay, 5001);
    check_written(&relayed, 0, "half");
    close_relayed(&relayed);
}

static void
files_hold_what_each_rank_wrote_and_all_of_it(void **state)
{
    struct relayed relayed;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES] = "";

    open_relayed(&relayed, &tagged);
    (void)test_folder_path(*state, "deep/er", path);
    assert_ok(neuron_output_relay_open_files(relayed.relay, path, &error), &error);
    neuron_output_relay_begin(relayed.relay, 1, NEURON_OUTPUT_STDERR);
    assert_int_equal(put(&relayed, 1, NEURON_OUTPUT_STDERR, "one\ntwo"), 7);
    neuron_output_relay_end(relayed.relay, 1, NEURON_OUTPUT_STDERR);
    neuron_output_relay_run(relayed.relay, 0);
    check_written(&relayed, 1, "[1] one\n[1] two\n");
    assert_ok(neuron_output_relay_check(relayed.relay, &error), &error);
    check_file(*state, "deep/er/rank.1.err", "one\ntwo");
    check_file(*state, "deep/er/all.err", "[1] one\n[1] two\n");
    check_file(*state, "deep/er/rank.1.out", "");
    check_file(*state, "deep/er/rank.2.out", "");
    check_file(*state, "deep/er/all.out", "");
    close_relayed(&relayed);
}

static void
the_last_errors_of_each_rank_are_kept(void **state)
{
    struct relayed relayed;
    char text[64] = "";

    (void)state;
    open_relayed(&relayed, &tagged);
    for (uint32_t i = 0; i < 2; i += 1) {
        neuron_output_relay_begin(relayed.relay, i, NEURON_OUTPUT_STDOUT);
        neuron_output_relay_begin(relayed.relay, i, NEURON_OUTPUT_STDERR);
    }
    (void)put(&relayed, 0, NEURON_OUTPUT_STDOUT, "result\n");
    (void)put(&relayed, 0, NEURON_OUTPUT_STDERR, "no such file\nno go");
    (void)put(&relayed, 1, NEURON_OUTPUT_STDOUT, "result\n");
    assert_int_equal(neuron_output_relay_last_errors(relayed.relay, 0, text, sizeof(text)), 18);
    assert_string_equal(text, "no such file\nno go");
    neuron_output_relay_end(relayed.relay, 0, NEURON_OUTPUT_STDERR);
    assert_int_equal(neuron_output_relay_last_errors(relayed.relay, 0, text, 8), 5);
    assert_string_equal(text, "no go");
    assert_int_equal(neuron_output_relay_last_errors(relayed.relay, 1, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    close_relayed(&relayed);
}

static void
a_pipe_is_read_to_its_end(void **state)
{
    struct relayed relayed;
    struct neuron_error error = {0};
    int ends[2] = {-1, -1};

    (void)state;
    open_relayed(&relayed, &tagged);
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    assert_ok(neuron_output_relay_add(relayed.relay, 1, NEURON_OUTPUT_STDERR, ends[0], &error),
              &error);
    assert_int_equal(write(ends[1], "a\nb", 3), 3);
    (void)close(ends[1]);
    while (!neuron_output_relay_is_done(relayed.relay)) {
        neuron_output_relay_run(relayed.relay, 0);
    }
    check_written(&relayed, 1, "[1] a\n[1] b\n");
    close_relayed(&relayed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_put_come_out_as_lines),
        cmocka_unit_test(the_relay_is_done_when_each_stream_has_ended),
        cmocka_unit_test(nothing_is_taken_while_the_reader_is_slow),
        cmocka_unit_test(a_prompt_is_shown_once_its_writer_is_idle),
        cmocka_unit_test(an_unfinished_line_waits_while_another_may_write),
        cmocka_unit_test_setup_teardown(files_hold_what_each_rank_wrote_and_all_of_it,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test(the_last_errors_of_each_rank_are_kept),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
