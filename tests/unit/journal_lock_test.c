/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of a journal, between processes. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "child_process.h"
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

/* What a child found when it opened the journal. */
struct finding {
    int status;
    pid_t holder;
};

/* Opens the journal each time that it is told to, and keeps it when it could. */
static void
open_when_told(const struct child_side *side, const void *argument)
{
    struct neuron_journal *journal = NULL;

    do {
        struct finding finding = {0};

        finding.status = (int)neuron_journal_open(argument, &finding.holder, &journal, NULL);
        child_side_report(side, &finding, sizeof(finding));
    } while (journal == NULL && child_side_wait(side));
    while (child_side_wait(side)) {
    }
}

static struct finding
read_finding(const struct child_process *child)
{
    struct finding finding = {0};

    child_process_read(child, &finding, sizeof(finding));
    return finding;
}

static void
another_process_is_kept_out_and_told_by_whom(void **state)
{
    struct neuron_journal *journal = open_journal(state);
    struct child_process child = {0};
    char path[TEST_PATH_BYTES];

    child_process_start(&child, open_when_told, test_folder_path(*state, "o.journal", path));
    struct finding finding = read_finding(&child);
    assert_int_equal(finding.status, NEURON_STOPPED);
    assert_int_equal(finding.holder, getpid());
    assert_ok(neuron_journal_begin(journal, "model: a\n", 10, 1, NULL), NULL);
    child_process_order(&child);
    finding = read_finding(&child);
    assert_int_equal(finding.status, NEURON_STOPPED);
    assert_int_equal(finding.holder, getpid());
    neuron_journal_destroy(journal);
    child_process_order(&child);
    assert_int_equal(read_finding(&child).status, NEURON_OK);
    (void)child_process_finish(&child);
}

static void
the_lock_ends_with_the_process(void **state)
{
    struct neuron_journal *journal = begin_journal(state);
    struct child_process child = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    pid_t holder = 0;

    neuron_journal_destroy(journal);
    test_folder_path(*state, "o.journal", path);
    child_process_start(&child, open_when_told, path);
    assert_int_equal(read_finding(&child).status, NEURON_OK);
    assert_status(NEURON_STOPPED, neuron_journal_open(path, &holder, &journal, &error), &error);
    assert_int_equal(holder, child.pid);
    assert_contains(error.text, "is at work on the job of");
    assert_ok(neuron_journal_read(path, &journal, &error), &error);
    neuron_journal_destroy(journal);
    child_process_kill(&child);
    journal = open_journal(state);
    neuron_journal_destroy(journal);
    (void)child_process_finish(&child);
}

/* Opens the journal again and again, and reports each time that it had it. */
static void
contend(const struct child_side *side, const void *argument)
{
    const char *path = argument;
    char mark[TEST_PATH_BYTES + 8];
    int clashes = 0;

    (void)snprintf(mark, sizeof(mark), "%s.mark", path);
    for (uint32_t wins = 0; wins < 40;) {
        struct neuron_journal *journal = NULL;

        if (neuron_journal_open(path, NULL, &journal, NULL) != NEURON_OK) {
            continue;
        }
        int file = open(mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        clashes |= file < 0 ? 1 : 0;
        (void)close(file);
        if (neuron_journal_begin(journal, "model: a\n", 10, 1, NULL) != NEURON_OK) {
            clashes |= 2;
        }
        (void)unlink(mark);
        wins += 1;
        if (wins % 7 == 0) {
            neuron_journal_discard(journal);
        }
        neuron_journal_destroy(journal);
    }
    child_side_report(side, &clashes, sizeof(clashes));
}

static void
two_processes_never_have_it_at_once(void **state)
{
    struct child_process children[3] = {{0}};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "o.journal", path);
    for (size_t i = 0; i < 3; i += 1) {
        child_process_start(&children[i], contend, path);
    }
    for (size_t i = 0; i < 3; i += 1) {
        int clashes = -1;
        child_process_read(&children[i], &clashes, sizeof(clashes));
        assert_int_equal(clashes, 0);
    }
    for (size_t i = 0; i < 3; i += 1) {
        (void)child_process_finish(&children[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_process_is_kept_out_and_told_by_whom,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(the_lock_ends_with_the_process, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(two_processes_never_have_it_at_once, test_folder_setup,
                                        test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
