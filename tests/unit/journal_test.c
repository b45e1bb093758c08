/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a journal: one holder, whole lines, and what is left after failures. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/journal.h"
#include "test_folder.h"

static struct neuron_journal *
open_journal(void **state)
{
    struct neuron_journal *journal = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    assert_ok(
        neuron_journal_open(test_folder_path(*state, "o.journal", path), NULL, &journal, &error),
        &error);
    return journal;
}

static struct neuron_journal *
begin_journal(void **state)
{
    struct neuron_journal *journal = open_journal(state);
    struct neuron_error error = {0};

    assert_ok(neuron_journal_begin(journal, "model: a\ninput x: b\n", 1000, 1, &error), &error);
    return journal;
}

static void
add_done(struct neuron_journal *journal, uint64_t first, uint64_t count)
{
    const struct neuron_piece_sum sum = {.xxh3 = first};
    const struct neuron_journal_piece piece = {.rows = {first, count}, .rank = 1, .sums = &sum};

    assert_ok(neuron_journal_add_done(journal, &piece, NULL), NULL);
}

static void
flush(struct neuron_journal *journal, enum neuron_journal_depth depth)
{
    struct neuron_error error = {0};

    assert_ok(neuron_journal_flush(journal, depth, &error), &error);
}

static size_t
file_size(void **state, const char *name)
{
    char path[TEST_PATH_BYTES];
    struct stat status = {0};

    return stat(test_folder_path(*state, name, path), &status) == 0 ? (size_t)status.st_size : 0;
}

/* What was lost, and what failed; then the job is completed. */
static void
check_what_is_left(void **state)
{
    struct neuron_journal *journal = open_journal(state);
    const struct neuron_journal_contents *contents = neuron_journal_contents(journal);

    assert_int_equal(contents->state, NEURON_JOURNAL_OPEN);
    assert_string_equal(contents->fingerprint, "model: a\ninput x: b\n");
    assert_int_equal(contents->piece_count, 1);
    assert_int_equal(contents->failure_count, 1);
    assert_int_equal(contents->lost_count, 1);
    assert_int_equal(contents->lost[0].first, 10);
    assert_int_equal(contents->skipped_lines, 0);
    add_done(journal, 10, 990);
    assert_ok(neuron_journal_add_seal(journal, 7, NULL), NULL);
    assert_ok(neuron_journal_add_end(journal, NULL), NULL);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    neuron_journal_destroy(journal);
    journal = open_journal(state);
    assert_int_equal(neuron_journal_contents(journal)->state, NEURON_JOURNAL_ENDED);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 2);
    neuron_journal_destroy(journal);
}

static void
a_job_goes_on_from_what_was_written(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    const struct neuron_row_failure failure = {.row = 5, .stage = NEURON_BAD_RUN, .reason = "x"};

    assert_ok(neuron_journal_add_lease(journal, (struct neuron_row_range){0, 10}, 1, NULL), NULL);
    assert_ok(neuron_journal_add_failure(journal, &failure, NULL), NULL);
    add_done(journal, 0, 10);
    assert_ok(neuron_journal_add_lease(journal, (struct neuron_row_range){10, 10}, 1, NULL), NULL);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    assert_ok(neuron_journal_add_lease(journal, (struct neuron_row_range){20, 10}, 1, NULL), NULL);
    assert_ok(neuron_journal_add_copy(journal, (struct neuron_row_range){10, 10}, 2, NULL), NULL);
    assert_ok(neuron_journal_add_back(journal, (struct neuron_row_range){20, 10}, 1, NULL), NULL);
    flush(journal, NEURON_JOURNAL_TO_KERNEL);
    neuron_journal_destroy(journal);
    check_what_is_left(state);
}

static void
what_was_not_flushed_is_not_written(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    size_t before = file_size(state, "o.journal");

    add_done(journal, 0, 10);
    neuron_journal_destroy(journal);
    assert_true(before > 0);
    assert_int_equal(file_size(state, "o.journal"), before);
    neuron_journal_destroy(NULL);
}

static void
a_file_in_which_nothing_was_begun_goes_away(void **state)
{
    struct neuron_journal *journal = open_journal(state);

    assert_int_equal(neuron_journal_contents(journal)->state, NEURON_JOURNAL_ABSENT);
    assert_int_equal(test_folder_file_count(*state), 1);
    neuron_journal_destroy(journal);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_new_job_takes_the_place_of_the_old_one(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    char path[TEST_PATH_BYTES];

    add_done(journal, 0, 10);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    add_done(journal, 10, 10);
    test_file_put(test_folder_path(*state, "o.journal.new", path), "left by a death", 15);
    assert_ok(neuron_journal_begin(journal, "model: c\n", 7, 1, NULL), NULL);
    assert_int_equal(neuron_journal_contents(journal)->state, NEURON_JOURNAL_ABSENT);
    assert_int_equal(test_folder_file_count(*state), 1);
    add_done(journal, 3, 4);
    flush(journal, NEURON_JOURNAL_TO_KERNEL);
    neuron_journal_destroy(journal);
    journal = open_journal(state);
    assert_string_equal(neuron_journal_contents(journal)->fingerprint, "model: c\n");
    assert_int_equal(neuron_journal_contents(journal)->rows, 7);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 1);
    neuron_journal_discard(journal);
    assert_int_equal(test_folder_file_count(*state), 0);
    neuron_journal_destroy(journal);
}

static void
lines_go_on_behind_a_line_that_was_cut_off(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    char path[TEST_PATH_BYTES];

    add_done(journal, 0, 10);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    neuron_journal_destroy(journal);
    test_folder_path(*state, "o.journal", path);
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(file, "done 10 990 1 00000000", 22), 22);
    assert_int_equal(close(file), 0);
    for (size_t i = 0; i < 2; i += 1) {
        journal = open_journal(state);
        assert_int_equal(neuron_journal_contents(journal)->piece_count, 1 + i);
        assert_int_equal(neuron_journal_contents(journal)->skipped_lines, 1 - i);
        add_done(journal, 10 + 10 * i, 10);
        flush(journal, NEURON_JOURNAL_TO_KERNEL);
        neuron_journal_destroy(journal);
    }
    journal = open_journal(state);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 3);
    neuron_journal_destroy(journal);
}

/* Lets files grow by so many bytes beyond a size, as on a full disk; -1 for any size. */
static void
limit_file_size(long size_bytes)
{
    struct rlimit limit = {0};

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size_bytes < 0 ? limit.rlim_max : (rlim_t)size_bytes;
    (void)signal(SIGXFSZ, size_bytes < 0 ? SIG_DFL : SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_leaves_whole_lines_and_loses_no_record(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    size_t before = file_size(state, "o.journal");
    struct neuron_error error = {0};

    for (long more = 0; more < 60; more += 7) {
        add_done(journal, (uint64_t)more, 1);
        limit_file_size((long)before + more);
        enum neuron_status status = neuron_journal_flush(journal, NEURON_JOURNAL_TO_DISK, &error);
        limit_file_size(-1);
        assert_int_equal(status, NEURON_SYSTEM);
        assert_contains(error.text, "o.journal cannot be written: ");
        assert_int_equal(file_size(state, "o.journal"), before);
    }
    flush(journal, NEURON_JOURNAL_TO_DISK);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    neuron_journal_destroy(journal);
    journal = open_journal(state);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 9);
    assert_int_equal(neuron_journal_contents(journal)->skipped_lines, 0);
    neuron_journal_destroy(journal);
}

static void
a_new_job_that_finds_no_room_leaves_the_old_one(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    struct neuron_error error = {0};

    add_done(journal, 0, 10);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    limit_file_size(10);
    enum neuron_status status = neuron_journal_begin(journal, "model: c\n", 7, 1, &error);
    limit_file_size(-1);
    assert_int_equal(status, NEURON_SYSTEM);
    assert_contains(error.text, "o.journal.new cannot be written: ");
    assert_int_equal(test_folder_file_count(*state), 1);
    neuron_journal_destroy(journal);
    journal = open_journal(state);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 1);
    neuron_journal_destroy(journal);
}

static void
what_is_no_journal_is_refused_and_stays(void **state)
{
    struct neuron_journal *journal = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    char link[TEST_PATH_BYTES];

    test_folder_path(*state, "o.journal", path);
    test_file_put(path, "notes\n", 6);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_journal_open(path, NULL, &journal, &error),
                  &error);
    assert_contains(error.text, "is no journal of neuron-score");
    assert_int_equal(file_size(state, "o.journal"), 6);
    assert_int_equal(symlink(path, test_folder_path(*state, "link", link)), 0);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_journal_open(link, NULL, &journal, &error),
                  &error);
    assert_int_equal(unlink(path), 0);
    assert_status(NEURON_SYSTEM, neuron_journal_read(path, &journal, &error), &error);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_journal_open(path, NULL, &journal, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_journal_read(path, &journal, &error), &error);
    test_folder_path(*state, "missing/o.journal", path);
    assert_status(NEURON_SYSTEM, neuron_journal_open(path, NULL, &journal, &error), &error);
    assert_null(journal);
}

static void
a_line_longer_than_any_is_skipped_once(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    static char line[1500000];
    char path[TEST_PATH_BYTES];

    neuron_journal_destroy(journal);
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    test_folder_path(*state, "o.journal", path);
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(file, line, sizeof(line)), sizeof(line));
    assert_int_equal(close(file), 0);
    journal = open_journal(state);
    add_done(journal, 0, 10);
    flush(journal, NEURON_JOURNAL_TO_DISK);
    neuron_journal_destroy(journal);
    assert_ok(neuron_journal_read(path, &journal, NULL), NULL);
    assert_int_equal(neuron_journal_contents(journal)->skipped_lines, 1);
    assert_int_equal(neuron_journal_contents(journal)->piece_count, 1);
    neuron_journal_destroy(journal);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_goes_on_from_what_was_written, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_was_not_flushed_is_not_written, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_in_which_nothing_was_begun_goes_away,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_new_job_takes_the_place_of_the_old_one, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(lines_go_on_behind_a_line_that_was_cut_off,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_whole_lines_and_loses_no_record,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_new_job_that_finds_no_room_leaves_the_old_one,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_journal_is_refused_and_stays, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_line_longer_than_any_is_skipped_once, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
