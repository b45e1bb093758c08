/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a process to whom it is in the way. */
#include "neuron/process_identity.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { OTHER_USER = 54321 /* without a name */ };

static void
ones_own_process_is_told_without_a_user(void **state)
{
    char text[160] = "";
    char start[32] = "";

    (void)state;
    (void)snprintf(start, sizeof(start), "pid %d (process_identit", (int)getpid());
    assert_contains(neuron_process_describe(getpid(), text, sizeof(text)), start);
    assert_contains(text, " since 20");
    assert_null(strstr(text, " of "));
}

static void
what_cannot_be_seen_has_no_user(void **state)
{
    char text[160] = "";
    char user[33] = "nobody";

    (void)state;
    assert_string_equal(neuron_process_describe(0, text, sizeof(text)),
                        "a process of another container");
    neuron_process_read_user(INT32_MAX, user, sizeof(user));
    assert_string_equal(user, "");
    neuron_process_read_user(getpid(), user, sizeof(user));
    assert_string_not_equal(user, "");
}

/* Becomes another user, tells so by a byte, and stays until it is killed. */
static _Noreturn void
be_another_user(int ready)
{
    if (setuid(OTHER_USER) == 0) {
        (void)!write(ready, "x", 1);
    }
    (void)close(ready);
    for (;;) {
        (void)pause();
    }
}

static void
another_user_is_named(void **state)
{
    char text[160] = "";
    char byte = '\0';
    int ends[2] = {-1, -1};

    (void)state;
    if (getuid() != 0) {
        skip();
    }
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        be_another_user(ends[1]);
    }
    assert_true(child > 0);
    (void)close(ends[1]);
    ssize_t length = read(ends[0], &byte, 1);
    (void)neuron_process_describe(child, text, sizeof(text));
    (void)close(ends[0]);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    if (length != 1) {
        skip(); /* a container that has no other users */
    }
    assert_contains(text, ") of 54321 since 20");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ones_own_process_is_told_without_a_user),
        cmocka_unit_test(what_cannot_be_seen_has_no_user),
        cmocka_unit_test(another_user_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
