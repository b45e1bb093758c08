/* SPDX-License-Identifier: Apache-2.0 */
#include "score/verify.h"

#include "output_place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the journal of a place would say. */
struct noted {
    struct neuron_journal_piece pieces[OUTPUT_PLACE_PIECES];
    struct neuron_journal_contents contents;
};

static void
note(const struct output_place *place, struct noted *noted)
{
    for (size_t i = 0; i < place->end.piece_count; i += 1) {
        noted->pieces[i] =
            (struct neuron_journal_piece){.rows = place->pieces[i].rows, .sums = place->sums[i]};
    }
    noted->contents = (struct neuron_journal_contents){.state = NEURON_JOURNAL_ENDED,
                                                       .rows = place->plan.rows,
                                                       .output_count = OUTPUT_PLACE_OUTPUTS,
                                                       .pieces = noted->pieces,
                                                       .piece_count = place->end.piece_count};
}

static struct neuron_verify_result
verify(struct output_place *place, const uint64_t *text_sum)
{
    struct noted noted = {.contents = {.rows = 0}};
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_verify_result result = {0};
    struct neuron_error error = {0};

    note(place, &noted);
    const struct neuron_verify_plan plan = {
        .set = set, .contents = &noted.contents, .text_sum = text_sum};
    assert_ok(neuron_verify_outputs(&plan, &result, &error), &error);
    neuron_output_set_destroy(set);
    return result;
}

/* Changes a byte of a file. */
static void
flip(const char *path, off_t offset)
{
    unsigned char byte = 0;
    int file = open(path, O_RDWR | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, offset), 1);
    byte ^= 0x10U;
    assert_int_equal(pwrite(file, &byte, 1, offset), 1);
    assert_int_equal(close(file), 0);
}

static void
expect_line(const struct neuron_verify_result *result, const char *expected)
{
    char text[NEURON_VERIFY_TEXT_BYTES];

    assert_string_equal(neuron_verify_format(result, text), expected);
}

static void
what_was_not_changed_is_the_same(void **state)
{
    struct output_place *place = *state;

    output_place_name(place, "all.npz");
    output_place_make(place, 5);
    struct neuron_verify_result result = verify(place, NULL);
    assert_true(neuron_verify_is_same(&result));
    assert_int_equal(result.piece_count, place->end.piece_count);
    expect_line(&result, "1000 rows are as they were written");
}

static void
a_changed_byte_is_found_in_its_piece(void **state)
{
    struct output_place *place = *state;
    const char *label = output_place_name(place, "label=l.npy");
    char text[NEURON_VERIFY_TEXT_BYTES];

    output_place_name(place, "scores=s.npy");
    output_place_make(place, 5);
    flip(label, 128 + 8 * (off_t)place->pieces[3].rows.first);
    struct neuron_verify_result result = verify(place, NULL);
    assert_false(neuron_verify_is_same(&result));
    assert_int_equal(result.bad_piece_count, 1);
    assert_int_equal(result.bad[0].first, place->pieces[3].rows.first);
    assert_false(result.frame_differs);
    assert_contains(neuron_verify_format(&result, text), "1 of ");
    for (off_t row = 0; row < OUTPUT_PLACE_ROWS; row += 1) {
        flip(label, 128 + 8 * row + 1);
    }
    result = verify(place, NULL);
    assert_int_equal(result.bad_piece_count, result.piece_count);
    assert_contains(neuron_verify_format(&result, text), " and more");
}

static void
a_changed_header_or_directory_is_found(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.npz");
    struct neuron_output_set *set = output_place_plan(place);
    const off_t places[] = {3, 14, (off_t)neuron_output_set_size_bytes(set) - 30};

    neuron_output_set_destroy(set);
    for (int i = 0; i < 3; i += 1) {
        output_place_make(place, 5);
        flip(all, places[i]);
        struct neuron_verify_result result = verify(place, NULL);
        assert_true(result.frame_differs);
        assert_int_equal(result.bad_piece_count, 0);
        expect_line(&result, "the header of a file, or its directory, differs");
    }
}

static void
text_is_compared_by_the_sum_of_the_file(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.csv");
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_error error = {0};

    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 4);
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    assert_ok(neuron_output_set_publish(set, &error), &error);
    const uint64_t sum = neuron_output_set_text_sum(set);
    neuron_output_set_destroy(set);
    struct neuron_verify_result result = verify(place, &sum);
    assert_true(neuron_verify_is_same(&result));
    expect_line(&result, "1000 rows are as they were written");
    result = verify(place, NULL);
    expect_line(&result, "the journal has no checksum of the text file");
    flip(all, 100);
    result = verify(place, &sum);
    assert_true(result.text_differs);
    expect_line(&result, "the text file differs");
}

static void
journals_of_something_else_are_refused(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.npz");
    struct neuron_output_set *set = output_place_plan(place);
    struct noted noted = {.contents = {.rows = 0}};
    struct neuron_verify_result result = {0};
    struct neuron_error error = {0};
    const volatile sig_atomic_t stop = 1;
    struct neuron_verify_plan plan = {.set = set, .contents = &noted.contents};

    output_place_make(place, 5);
    note(place, &noted);
    noted.contents.state = NEURON_JOURNAL_SEALED;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_verify_outputs(&plan, &result, &error), &error);
    assert_contains(error.text, "is not finished");
    note(place, &noted);
    noted.contents.rows += 1;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_verify_outputs(&plan, &result, &error), &error);
    assert_contains(error.text, "1001 rows and 2 outputs");
    note(place, &noted);
    plan.stop_signal = &stop;
    assert_status(NEURON_CANCELLED, neuron_verify_outputs(&plan, &result, &error), &error);
    assert_int_equal(unlink(all), 0);
    assert_status(NEURON_PEER_LOST, neuron_verify_outputs(&plan, &result, &error), &error);
    assert_contains(error.text, "all.npz is not there");
    neuron_output_set_destroy(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_not_changed_is_the_same, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_found_in_its_piece, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(a_changed_header_or_directory_is_found, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(text_is_compared_by_the_sum_of_the_file,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(journals_of_something_else_are_refused, output_place_set_up,
                                        output_place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
