/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of long texts, found from marks, and through small reads. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random_numbers.h"
#include "score/row_file.h"
#include "test_folder.h"

enum { ROWS = 6000, LINE_BYTES = 800 };

/* Writes lines of random length that begin with their number; some hold a line end in quotes. */
static void
put_lines(const char *path)
{
    FILE *file = fopen(path, "wbe");
    char filler[LINE_BYTES];
    uint64_t seed = 1;

    assert_non_null(file);
    memset(filler, 'x', sizeof(filler));
    for (int i = 0; i < ROWS; i += 1) {
        const char *quoted = i % 7 == 0 ? "\"a\n\"\"b\n\"," : "";

        assert_true(fprintf(file, "%d,%s%.*s\n", i, quoted, (int)random_below(&seed, LINE_BYTES),
                            filler) > 0);
    }
    assert_int_equal(fclose(file), 0);
}

static void
check_row(struct neuron_row_file *file, uint64_t row)
{
    struct neuron_text_record record = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_row_file_seek(file, NEURON_TEXT_CSV, row, &error), &error);
    assert_ok(neuron_row_file_next(file, &record, &error), &error);
    assert_int_equal(strtoull(record.text, NULL, 10), row);
}

static void
any_row_is_found(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_row_file file = {.path = test_folder_path(*state, "a.csv", path),
                                   .descriptor = -1};
    struct neuron_error error = {0};
    uint64_t seed = 2;

    put_lines(path);
    assert_ok(neuron_row_file_open(&file, &error), &error);
    assert_ok(neuron_row_file_start_text(&file, NEURON_TEXT_CSV, &error), &error);
    assert_ok(neuron_text_index_build(&file.records, NULL, &file.index, &error), &error);
    assert_int_equal(file.index.rows, ROWS);
    assert_true(file.index.count > 5 && file.index.count < 20);
    for (int i = 0; i < 200; i += 1) {
        check_row(&file, random_below(&seed, ROWS));
    }
    check_row(&file, ROWS - 1);
    check_row(&file, 0);
    neuron_row_file_destroy(&file);
}

static void
marks_have_a_limit(void **state)
{
    struct neuron_text_index index = {.step_bytes = 100};
    const uint64_t rows = 5 * (uint64_t)NEURON_TEXT_MARK_LIMIT;

    (void)state;
    for (uint64_t row = 0; row < rows; row += 1) {
        assert_true(neuron_text_index_note(&index, row, 100 * row));
        assert_true(index.count <= NEURON_TEXT_MARK_LIMIT);
    }
    assert_true(index.count > NEURON_TEXT_MARK_LIMIT / 2);
    for (uint64_t row = 0; row < rows; row += 997) {
        const struct neuron_text_mark *mark = neuron_text_index_find(&index, row);

        assert_true(mark->row <= row && row - mark->row < 16);
        assert_int_equal(mark->offset, 100 * mark->row);
    }
    assert_int_equal(neuron_text_index_find(&index, 0)->row, 0);
    neuron_text_index_destroy(&index);
}

static void
a_row_that_is_too_long_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_row_file file = {.path = test_folder_path(*state, "a.jsonl", path),
                                   .descriptor = -1};
    struct neuron_error error = {0};

    test_file_put(path, "1\n", 2);
    assert_int_equal(truncate(path, NEURON_TEXT_RECORD_LIMIT_BYTES + 5L), 0);
    assert_ok(neuron_row_file_open(&file, &error), &error);
    assert_ok(neuron_row_file_start_text(&file, NEURON_TEXT_LINES, &error), &error);
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_text_index_build(&file.records, NULL, &file.index, &error), &error);
    assert_contains(error.text, "a row of more than 64 MiB at byte 2");
    neuron_row_file_destroy(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_row_is_found, test_folder_setup, test_folder_teardown),
        cmocka_unit_test(marks_have_a_limit),
        cmocka_unit_test_setup_teardown(a_row_that_is_too_long_is_refused, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
