/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "score/journal_record.h"

static struct neuron_piece_sum sums[NEURON_RECORD_SUM_LIMIT];

static const struct neuron_piece_sum two_sums[] = {
    {.xxh3 = UINT64_C(0x0123456789ABCDEF), .crc32 = 0}, {.xxh3 = 1, .crc32 = UINT32_MAX}};

/* Fails unless a record is written as this text, and read back as the same. */
static void
check_line(const struct neuron_record *record, const char *body)
{
    struct neuron_record_text text = {0};
    struct neuron_record_text again = {0};
    struct neuron_record read = {0};

    assert_ok(neuron_record_append(record, &text, NULL), NULL);
    assert_true(text.size_bytes == strlen(body) + NEURON_RECORD_SEAL_BYTES + 1);
    assert_memory_equal(text.bytes, body, strlen(body));
    assert_int_equal(text.bytes[text.size_bytes - 1], '\n');
    assert_int_equal(neuron_record_check(text.bytes, text.size_bytes - 1), strlen(body));
    assert_true(neuron_record_parse(text.bytes, strlen(body), sums, &read));
    assert_int_equal(read.kind, record->kind);
    assert_ok(neuron_record_append(&read, &again, NULL), NULL);
    assert_int_equal(again.size_bytes, text.size_bytes);
    assert_memory_equal(again.bytes, text.bytes, text.size_bytes);
    neuron_record_text_destroy(&again);
    neuron_record_text_destroy(&text);
}

static void
every_kind_is_written_and_read_back(void **state)
{
    const struct neuron_row_range rows = {.first = 4096, .count = 512};

    (void)state;
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_VERSION, .version = 1},
               "neuron-score journal 1");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_ROWS,
                                       .rows.count = UINT64_MAX,
                                       .sum_count = 2},
               "rows 18446744073709551615 2");
    check_line(
        &(struct neuron_record){.kind = NEURON_RECORD_IS, .text = "a: b #c", .text_bytes = 7},
        "is a: b #c");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_LEASE, .rows = rows, .rank = 3},
               "lease 4096 512 3");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_COPY, .rows = rows, .rank = 0},
               "copy 4096 512 0");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_BACK, .rows = rows, .rank = 9},
               "back 4096 512 9");
    check_line(
        &(struct neuron_record){
            .kind = NEURON_RECORD_DONE, .rows = rows, .rank = 3, .sums = two_sums, .sum_count = 2},
        "done 4096 512 3 0123456789abcdef:00000000 0000000000000001:ffffffff");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_SEALED, .text_sum = 0xABC},
               "seal 0000000000000abc");
    check_line(&(struct neuron_record){.kind = NEURON_RECORD_END}, "end");
}

static void
failures_of_all_stages_are_written_and_read_back(void **state)
{
    static const char *const words[] = {"read", "run", "nan", "time", "crash"};
    char body[64];

    (void)state;
    for (size_t i = 0; i < 5; i += 1) {
        struct neuron_record record = {.kind = NEURON_RECORD_BAD,
                                       .failure = {.row = 4100,
                                                   .stage = (enum neuron_bad_stage)i,
                                                   .attempts = 2,
                                                   .input = 1,
                                                   .reason = "age: 'n/a' is no number"}};
        (void)snprintf(body, sizeof(body), "bad 4100 %s 2 1 age: 'n/a' is no number", words[i]);
        check_line(&record, body);
        record.failure.reason[0] = '\0';
        (void)snprintf(body, sizeof(body), "bad 4100 %s 2 1 ", words[i]);
        check_line(&record, body);
    }
}

static void
a_reason_with_a_line_end_stays_on_its_line(void **state)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_BAD,
                                         .failure = {.reason = "two\nlines\t\x7f"}};
    struct neuron_record_text text = {0};

    (void)state;
    assert_ok(neuron_record_append(&record, &text, NULL), NULL);
    assert_memory_equal(text.bytes, "bad 0 read 0 0 two?lines?? #", 28);
    neuron_record_text_destroy(&text);
}

static void
a_line_above_the_limit_is_refused(void **state)
{
    static char line[NEURON_RECORD_LINE_LIMIT];
    struct neuron_record record = {
        .kind = NEURON_RECORD_IS, .text = line, .text_bytes = sizeof(line)};
    struct neuron_record_text text = {0};
    struct neuron_error error = {0};

    (void)state;
    memset(line, 'x', sizeof(line));
    assert_status(NEURON_INVALID_ARGUMENT, neuron_record_append(&record, &text, &error), &error);
    record = (struct neuron_record){
        .kind = NEURON_RECORD_DONE, .sums = sums, .sum_count = NEURON_RECORD_SUM_LIMIT + 1};
    assert_status(NEURON_INVALID_ARGUMENT, neuron_record_append(&record, &text, &error), &error);
    assert_int_equal(text.size_bytes, 0);
    record.sum_count = NEURON_RECORD_SUM_LIMIT;
    assert_ok(neuron_record_append(&record, &text, &error), &error);
    neuron_record_text_destroy(&text);
}

/* What looks like a record, and is none. */
static const char *const foreign_bodies[] = {
    "",
    "lease",
    "lease 1 2",
    "lease 1 2 3 4",
    "lease 01 2 3",
    "lease  1 2 3",
    "lease +1 2 3",
    "lease 1 0 3",
    "lease 1 2 4294967296",
    "lease 18446744073709551616 1 0",
    "lease 18446744073709551615 1 0",
    "Lease 1 2 3",
    "done 1 2 3 123:0",
    "done 1 2 3 0123456789abcdef:0000000",
    "done 1 2 3 0123456789ABCDEF:00000000",
    "done 1 2 3 0123456789abcdef:00000000 ",
    "bad 1 ran 2 3 x",
    "bad 1 run 2 3",
    "bad 1 runs 2 3 x",
    "rows 1",
    "rows 1 16385",
    "is",
    "is a\nb",
    "seal ",
    "end 1",
    "neuron-score journal",
    "neuron-score journal 1 ",
    "other 1 2 3",
};

static void
what_is_never_written_is_not_accepted(void **state)
{
    struct neuron_record record = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(foreign_bodies) / sizeof(foreign_bodies[0]); i += 1) {
        const char *body = foreign_bodies[i];

        if (neuron_record_parse(body, strlen(body), sums, &record)) {
            assert_string_equal(body, "refused");
        }
    }
}

static void
a_reason_that_is_too_long_is_not_accepted(void **state)
{
    char body[256] = "bad 1 run 2 3 ";
    size_t start = strlen(body);
    struct neuron_record record = {0};

    (void)state;
    memset(body + start, 'x', 160);
    assert_true(neuron_record_parse(body, start + 159, sums, &record));
    assert_int_equal(strlen(record.failure.reason), 159);
    assert_false(neuron_record_parse(body, start + 160, sums, &record));
}

static void
every_flipped_byte_breaks_the_checksum(void **state)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_DONE,
                                         .rows = {.first = 12, .count = 3},
                                         .sums = two_sums,
                                         .sum_count = 2};
    struct neuron_record_text text = {0};

    (void)state;
    assert_ok(neuron_record_append(&record, &text, NULL), NULL);
    for (size_t i = 0; i + 1 < text.size_bytes; i += 1) {
        char byte = text.bytes[i];

        for (int value = 0; value < 256; value += 1) {
            text.bytes[i] = (char)value;
            assert_int_equal(neuron_record_check(text.bytes, text.size_bytes - 1) > 0,
                             (char)value == byte);
        }
        text.bytes[i] = byte;
        assert_int_equal(neuron_record_check(text.bytes, i), 0);
    }
    neuron_record_text_destroy(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_and_read_back),
        cmocka_unit_test(failures_of_all_stages_are_written_and_read_back),
        cmocka_unit_test(a_reason_with_a_line_end_stays_on_its_line),
        cmocka_unit_test(a_line_above_the_limit_is_refused),
        cmocka_unit_test(what_is_never_written_is_not_accepted),
        cmocka_unit_test(a_reason_that_is_too_long_is_not_accepted),
        cmocka_unit_test(every_flipped_byte_breaks_the_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
