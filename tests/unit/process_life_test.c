/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child_process.h"
#include "neuron/process_identity.h"
#include "neuron/process_life.h"
#include "score/host_name.h"

/* Names itself as a process in another state might look, and waits. */
static void
take_strange_name(const struct child_side *side, const void *argument)
{
    const char name[] = ") Z (x) X";

    (void)argument;
    (void)prctl(PR_SET_NAME, name);
    child_side_report(side, name, 1);
    (void)child_side_wait(side);
}

static struct child_process
start_child(void)
{
    struct child_process child = {.pid = 0};
    char report = 0;

    child_process_start(&child, take_strange_name, NULL);
    child_process_read(&child, &report, 1);
    return child;
}

static void
a_process_lives_whatever_its_name_is(void **state)
{
    struct child_process child = start_child();

    (void)state;
    assert_true(neuron_process_lives(getpid(), neuron_process_start_ticks(getpid())));
    assert_true(neuron_process_lives(child.pid, neuron_process_start_ticks(child.pid)));
    assert_int_equal(child_process_finish(&child), 0);
}

static void
a_stopped_process_lives(void **state)
{
    struct child_process child = start_child();
    uint64_t ticks = neuron_process_start_ticks(child.pid);
    int status = 0;

    (void)state;
    assert_int_equal(kill(child.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(child.pid, &status, WUNTRACED), child.pid);
    assert_true(WIFSTOPPED(status));
    assert_true(neuron_process_lives(child.pid, ticks));
    assert_true(neuron_process_is_stopped(child.pid, ticks));
    assert_false(neuron_process_is_stopped(child.pid, ticks + 1));
    assert_false(neuron_process_is_stopped(getpid(), neuron_process_start_ticks(getpid())));
    assert_int_equal(kill(child.pid, SIGCONT), 0);
    assert_int_equal(child_process_finish(&child), 0);
}

static void
a_zombie_does_not_live_nor_does_what_is_gone(void **state)
{
    struct child_process child = start_child();
    uint64_t ticks = neuron_process_start_ticks(child.pid);
    siginfo_t end = {.si_pid = 0};
    pid_t pid = child.pid;

    (void)state;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
    assert_int_equal(kill(pid, 0), 0); /* it has its number yet */
    assert_false(neuron_process_lives(pid, ticks));
    child_process_kill(&child);
    (void)child_process_finish(&child);
    assert_false(neuron_process_lives(pid, ticks));
}

static void
a_later_process_with_the_number_is_another(void **state)
{
    uint64_t ticks = neuron_process_start_ticks(getpid());

    (void)state;
    assert_false(neuron_process_lives(getpid(), ticks - 1));
    assert_false(neuron_process_lives(getpid(), ticks + 1));
    assert_false(neuron_process_lives(getpid(), 0));
}

static void
numbers_that_no_process_has_do_not_live(void **state)
{
    static const pid_t pids[] = {0, -1, INT32_MAX, INT32_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i += 1) {
        assert_false(neuron_process_lives(pids[i], 0));
        assert_false(neuron_process_lives(pids[i], 5));
    }
}

static void
the_host_has_a_name_that_fits(void **state)
{
    char name[65] = "";
    char again[65] = "";
    char few[4] = "";

    (void)state;
    neuron_host_read_name(name, sizeof(name));
    assert_true(strlen(name) > 0);
    neuron_host_read_name(again, sizeof(again));
    assert_string_equal(name, again);
    neuron_host_read_name(few, sizeof(few));
    assert_true(strlen(few) < sizeof(few) && strncmp(few, name, strlen(few)) == 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_lives_whatever_its_name_is),
        cmocka_unit_test(a_stopped_process_lives),
        cmocka_unit_test(a_zombie_does_not_live_nor_does_what_is_gone),
        cmocka_unit_test(a_later_process_with_the_number_is_another),
        cmocka_unit_test(numbers_that_no_process_has_do_not_live),
        cmocka_unit_test(the_host_has_a_name_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
