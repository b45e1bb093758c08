/* SPDX-License-Identifier: Apache-2.0 */
/* The mark by which a process is told from its forked children. */
#include "neuron/process_mark.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* What a child says of the mark: 0 for its own. */
static int
ask_child(const struct neuron_process_mark *mark)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        _exit(neuron_process_mark_is_own(mark) ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
a_process_knows_its_own_mark(void **state)
{
    struct neuron_process_mark *mark = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_process_mark_create(&mark, &error), &error);
    assert_true(neuron_process_mark_is_own(mark));
    assert_int_equal(ask_child(mark), 1);
    assert_true(neuron_process_mark_is_own(mark));
    neuron_process_mark_destroy(mark);
}

/* In the child of a new namespace: it is process 1 there, and so is its own child's child. */
static int
ask_child_of_the_same_number(void)
{
    struct neuron_process_mark *mark = NULL;

    if (getpid() != 1 || neuron_process_mark_create(&mark, NULL) != NEURON_OK ||
        unshare(CLONE_NEWPID) != 0) {
        return CHECK_SKIPPED;
    }
    return ask_child(mark) == 1 ? 0 : 2;
}

static void
a_child_of_the_same_number_is_no_owner(void **state)
{
    int status = 0;

    (void)state;
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWPID) != 0) {
            _exit(CHECK_SKIPPED);
        }
        pid_t first = fork();
        if (first == 0) {
            _exit(ask_child_of_the_same_number());
        }
        (void)waitpid(first, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHECK_SKIPPED) {
        skip(); /* who is not root may make no namespace */
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_process_mark_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_knows_its_own_mark),
        cmocka_unit_test(a_child_of_the_same_number_is_no_owner),
        cmocka_unit_test(destroy_accepts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
