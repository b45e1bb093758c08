/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descendants.h"

/* A process that leaves a grandchild in a session of its own; both wait. Returns the child. */
static pid_t
start_family(pid_t *grandchild)
{
    int pids[2] = {-1, -1};

    assert_int_equal(pipe(pids), 0);
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            pid_t self = setsid();

            (void)signal(SIGTERM, SIG_IGN);
            (void)!write(pids[1], &self, sizeof(self));
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_true(child > 0);
    assert_int_equal(read(pids[0], grandchild, sizeof(*grandchild)), sizeof(*grandchild));
    (void)close(pids[0]);
    (void)close(pids[1]);
    return child;
}

static bool
is_alive(pid_t process)
{
    return kill(process, 0) == 0;
}

static int
block_child_signal(void **state)
{
    sigset_t signals;

    (void)state;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGCHLD);
    neuron_descendants_adopt();
    return sigprocmask(SIG_BLOCK, &signals, NULL); /* NOLINT(concurrency-mt-unsafe): one thread */
}

static void
whole_families_end(void **state)
{
    pid_t grandchildren[2] = {0, 0};
    pid_t first = start_family(&grandchildren[0]);
    pid_t second = start_family(&grandchildren[1]);

    (void)state;
    assert_int_equal(neuron_descendants_kill(), 0);
    assert_false(is_alive(first));
    assert_false(is_alive(second));
    assert_false(is_alive(grandchildren[0]));
    assert_false(is_alive(grandchildren[1]));
}

static void
without_descendants_there_is_nothing_to_do(void **state)
{
    (void)state;
    assert_int_equal(neuron_descendants_kill(), 0);
}

static bool
is_kept(pid_t child, const void *kept)
{
    return child == *(const pid_t *)kept;
}

/* Waits for the end of a child without reaping it. */
static void
await_end(pid_t child)
{
    siginfo_t end = {0};

    assert_int_equal(waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT), 0);
}

static void
only_orphans_are_reaped(void **state)
{
    pid_t kept = fork();
    pid_t orphan = kept == 0 ? 0 : fork();

    (void)state;
    if (kept == 0 || orphan == 0) {
        _exit(7);
    }
    await_end(kept);
    await_end(orphan);
    neuron_descendants_reap(is_kept, &kept);
    assert_int_equal(waitpid(orphan, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    int status = 0;
    assert_int_equal(waitpid(kept, &status, WNOHANG), kept);
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void
running_children_are_left_alone(void **state)
{
    pid_t nobody = 0;
    pid_t grandchild = 0;
    pid_t child = start_family(&grandchild);

    (void)state;
    neuron_descendants_reap(is_kept, &nobody);
    assert_true(is_alive(child));
    assert_true(is_alive(grandchild));
    assert_int_equal(neuron_descendants_kill(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_families_end),
        cmocka_unit_test(without_descendants_there_is_nothing_to_do),
        cmocka_unit_test(only_orphans_are_reaped),
        cmocka_unit_test(running_children_are_left_alone),
    };
    return cmocka_run_group_tests(tests, block_child_signal, NULL);
}
