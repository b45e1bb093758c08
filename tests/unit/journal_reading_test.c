/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "journal_text.h"

static void
no_bytes_are_no_job(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    assert_true(journal_text_read("", 0, &reading));
    assert_int_equal(reading.contents.state, NEURON_JOURNAL_ABSENT);
    assert_string_equal(reading.contents.fingerprint, "");
    neuron_journal_reading_destroy(&reading);
}

static void
the_first_lines_tell_the_job(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD, &reading);
    assert_int_equal(reading.contents.state, NEURON_JOURNAL_OPEN);
    assert_int_equal(reading.contents.rows, 1000);
    assert_int_equal(reading.contents.output_count, 1);
    assert_string_equal(reading.contents.fingerprint, "model: a\ninput x: b\n");
    assert_int_equal(reading.contents.piece_count, 0);
    assert_int_equal(reading.contents.skipped_lines, 0);
    neuron_journal_reading_destroy(&reading);
}

static void
pieces_come_in_the_order_of_their_rows(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "done 500 10 1 00000000000000aa:00000001\n"
                                              "done 0 10 2 00000000000000bb:00000002\n",
                            &reading);
    const struct neuron_journal_piece *pieces = reading.contents.pieces;
    assert_int_equal(reading.contents.piece_count, 2);
    assert_int_equal(pieces[0].rows.first, 0);
    assert_int_equal(pieces[0].rank, 2);
    assert_int_equal(pieces[0].sums[0].xxh3, 0xBB);
    assert_int_equal(pieces[0].sums[0].crc32, 2);
    assert_int_equal(pieces[1].rows.first, 500);
    assert_int_equal(pieces[1].sums[0].xxh3, 0xAA);
    neuron_journal_reading_destroy(&reading);
}

static void
a_piece_that_overlaps_an_earlier_one_is_dropped(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "done 500 10 1 00000000000000aa:00000000\n"
                                              "done 505 10 1 00000000000000bb:00000000\n"
                                              "done 500 10 1 00000000000000cc:00000000\n"
                                              "done 510 10 1 00000000000000dd:00000000\n",
                            &reading);
    assert_int_equal(reading.contents.piece_count, 2);
    assert_int_equal(reading.contents.pieces[0].sums[0].xxh3, 0xAA);
    assert_int_equal(reading.contents.pieces[1].sums[0].xxh3, 0xDD);
    assert_int_equal(reading.contents.skipped_lines, 0);
    neuron_journal_reading_destroy(&reading);
}

static void
lines_that_the_job_cannot_have_are_skipped(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "done 991 10 1 00000000000000aa:00000000\n"
                                              "done 0 10 1\n"
                                              "lease 1000 1 1\n"
                                              "bad 1000 run 1 0 x\n"
                                              "done 5 1 1 00000000000000aa:00000000\n"
                                              "is model: b\n"
                                              "rows 7 1\n"
                                              "neuron-score journal 1\n",
                            &reading);
    assert_int_equal(reading.contents.piece_count, 1);
    assert_int_equal(reading.contents.skipped_lines, 7);
    assert_int_equal(reading.contents.rows, 1000);
    assert_string_equal(reading.contents.fingerprint, "model: a\ninput x: b\n");
    neuron_journal_reading_destroy(&reading);
}

static void
failures_count_in_rows_that_are_done(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "lease 0 10 1\n"
                                              "bad 7 run 2 0 later\n"
                                              "bad 3 nan 1 0 earlier\n"
                                              "bad 20 run 1 0 not done\n"
                                              "done 0 10 1 00000000000000aa:00000000\n"
                                              "bad 9 crash 1 0 behind\n"
                                              "bad 7 time 3 0 again\n",
                            &reading);
    const struct neuron_row_failure *failures = reading.contents.failures;
    assert_int_equal(reading.contents.failure_count, 3);
    assert_int_equal(failures[0].row, 3);
    assert_int_equal(failures[0].stage, NEURON_BAD_NAN);
    assert_int_equal(failures[1].row, 7);
    assert_string_equal(failures[1].reason, "again");
    assert_int_equal(failures[2].row, 9);
    neuron_journal_reading_destroy(&reading);
}

static void
a_failure_before_the_last_lease_of_its_row_is_void(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "lease 0 10 1\n"
                                              "bad 3 run 1 0 of work that was lost\n"
                                              "lease 0 4 2\n"
                                              "bad 2 run 1 0 stands\n"
                                              "done 0 10 2 00000000000000aa:00000000\n",
                            &reading);
    assert_int_equal(reading.contents.failure_count, 1);
    assert_int_equal(reading.contents.failures[0].row, 2);
    neuron_journal_reading_destroy(&reading);
}

static void
leases_without_an_end_are_lost_and_copies_are_not(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "lease 0 10 1\n"
                                              "lease 10 10 1\n"
                                              "lease 20 10 1\n"
                                              "lease 30 10 1\n"
                                              "copy 10 10 2\n"
                                              "back 30 10 1\n"
                                              "done 0 10 1 00000000000000aa:00000000\n"
                                              "lease 20 10 2\n",
                            &reading);
    assert_int_equal(reading.contents.lost_count, 2);
    assert_int_equal(reading.contents.lost[0].first, 10);
    assert_int_equal(reading.contents.lost_counts[0], 1);
    assert_int_equal(reading.contents.lost[1].first, 20);
    assert_int_equal(reading.contents.lost_counts[1], 2);
    neuron_journal_reading_destroy(&reading);
}

static void
the_last_lines_tell_how_far_the_end_came(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines(JOURNAL_TEXT_HEAD "seal 0000000000000abc\n", &reading);
    assert_int_equal(reading.contents.state, NEURON_JOURNAL_SEALED);
    assert_int_equal(reading.contents.text_sum, 0xABC);
    neuron_journal_reading_destroy(&reading);
    journal_text_read_lines(JOURNAL_TEXT_HEAD "seal 0000000000000000\nend\nseal 0000000000000000\n",
                            &reading);
    assert_int_equal(reading.contents.state, NEURON_JOURNAL_ENDED);
    neuron_journal_reading_destroy(&reading);
}

static void
without_its_size_a_job_matches_none(void **state)
{
    struct neuron_journal_reading reading;

    (void)state;
    journal_text_read_lines("neuron-score journal 1\nis model: a\n"
                            "done 5 1 1 00000000000000aa:00000000\nend\n",
                            &reading);
    assert_int_equal(reading.contents.state, NEURON_JOURNAL_OPEN);
    assert_string_equal(reading.contents.fingerprint, "");
    assert_int_equal(reading.contents.piece_count, 0);
    assert_int_equal(reading.contents.skipped_lines, 2);
    neuron_journal_reading_destroy(&reading);
}

static void
other_files_are_refused(void **state)
{
    static const char *const files[] = {"\n", "x", "\x93NUMPY\x01", "neuron-score journal 1\n",
                                        "neuron-score journal 1 #00000000\n"};
    struct neuron_journal_reading reading;
    char bytes[100];

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i += 1) {
        assert_false(journal_text_read(files[i], strlen(files[i]), &reading));
        neuron_journal_reading_destroy(&reading);
    }
    size_t size_bytes = journal_text_seal("neuron-score journal 2\n", bytes, sizeof(bytes));
    assert_false(journal_text_read(bytes, size_bytes, &reading));
    neuron_journal_reading_destroy(&reading);
    size_bytes = journal_text_seal("rows 10 1\n", bytes, sizeof(bytes));
    assert_false(journal_text_read(bytes, size_bytes, &reading));
    neuron_journal_reading_destroy(&reading);
}

static const char property_lines[] = JOURNAL_TEXT_HEAD "lease 0 10 1\n"
                                                       "lease 10 10 2\n"
                                                       "bad 15 run 2 0 x\n"
                                                       "done 10 10 2 00000000000000bb:00000000\n"
                                                       "done 15 10 2 00000000000000ee:00000000\n"
                                                       "lease 20 10 2\n"
                                                       "done 0 10 1 00000000000000aa:00000000\n"
                                                       "done 20 80 1 00000000000000cc:00000000\n";

/* A piece of the damaged file is one of the lines of the whole one. */
static void
check_subset(const struct neuron_journal_reading *reading)
{
    char line[100];

    for (size_t i = 0; i < reading->contents.piece_count; i += 1) {
        const struct neuron_journal_piece *piece = &reading->contents.pieces[i];

        (void)snprintf(line, sizeof(line), "done %llu %llu %u %016llx:00000000\n",
                       (unsigned long long)piece->rows.first, (unsigned long long)piece->rows.count,
                       piece->rank, (unsigned long long)piece->sums[0].xxh3);
        assert_contains(property_lines, line);
    }
    for (size_t i = 0; i < reading->contents.failure_count; i += 1) {
        assert_int_equal(reading->contents.failures[i].row, 15);
    }
}

static void
any_truncation_leaves_some_of_the_pieces(void **state)
{
    char bytes[2048];
    size_t size_bytes = journal_text_seal(property_lines, bytes, sizeof(bytes));
    struct neuron_journal_reading reading;

    (void)state;
    for (size_t length = 0; length <= size_bytes; length += 1) {
        if (journal_text_read(bytes, length, &reading)) {
            check_subset(&reading);
        }
        assert_int_equal(reading.contents.piece_count == 3, length == size_bytes);
        neuron_journal_reading_destroy(&reading);
    }
}

static void
check_damaged(const char *bytes, size_t size_bytes)
{
    struct neuron_journal_reading reading;

    if (journal_text_read(bytes, size_bytes, &reading)) {
        check_subset(&reading);
        assert_true(reading.contents.skipped_lines > 0);
    }
    neuron_journal_reading_destroy(&reading);
}

static void
any_flipped_byte_leaves_some_of_the_pieces(void **state)
{
    char bytes[2048];
    size_t size_bytes = journal_text_seal(property_lines, bytes, sizeof(bytes));

    (void)state;
    for (size_t at = 0; at < size_bytes; at += 1) {
        char byte = bytes[at];

        for (int bit = 0; bit < 8; bit += 1) {
            bytes[at] = (char)(byte ^ (1 << bit));
            check_damaged(bytes, size_bytes);
        }
        bytes[at] = byte;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bytes_are_no_job),
        cmocka_unit_test(the_first_lines_tell_the_job),
        cmocka_unit_test(pieces_come_in_the_order_of_their_rows),
        cmocka_unit_test(a_piece_that_overlaps_an_earlier_one_is_dropped),
        cmocka_unit_test(lines_that_the_job_cannot_have_are_skipped),
        cmocka_unit_test(failures_count_in_rows_that_are_done),
        cmocka_unit_test(a_failure_before_the_last_lease_of_its_row_is_void),
        cmocka_unit_test(leases_without_an_end_are_lost_and_copies_are_not),
        cmocka_unit_test(the_last_lines_tell_how_far_the_end_came),
        cmocka_unit_test(without_its_size_a_job_matches_none),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(any_truncation_leaves_some_of_the_pieces),
        cmocka_unit_test(any_flipped_byte_leaves_some_of_the_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
