/* SPDX-License-Identifier: Apache-2.0 */
/* Children that are forked while other threads are inside of the library. */
#include "nrt_bench.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    THREAD_COUNT = 3,
    FORK_COUNT = 300,
    REOPEN_FORK_COUNT = 60,
    ENDED = 0,
    HANGS = 1,
    WRONG = 2
};

static NRT_STATUS
init(void)
{
    return nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "");
}

/* Waits ten seconds for a child, and ends it where it hangs. */
static int
await_child(pid_t child)
{
    const struct timespec pause = {.tv_nsec = 200000};
    int end = 0;

    for (int i = 0; i < 50000; i += 1) {
        if (waitpid(child, &end, WNOHANG) == child) {
            return WIFEXITED(end) ? WEXITSTATUS(end) : WRONG;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &end, 0);
    return HANGS;
}

/* Forks children that do this, until one does not end well. Says how that one ended. */
static int
fork_often(int (*body)(void), int count)
{
    int end = ENDED;

    for (int i = 0; end == ENDED && i < count; i += 1) {
        pid_t child = fork();

        if (child == 0) {
            _exit(body());
        }
        end = child < 0 ? WRONG : await_child(child);
    }
    return end;
}

struct disturbance {
    pthread_t threads[THREAD_COUNT];
    atomic_bool has_ended;
};

static void
start_disturbance(struct disturbance *disturbance, void *(*body)(void *))
{
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_create(&disturbance->threads[i], NULL, body, disturbance), 0);
    }
}

static void
end_disturbance(struct disturbance *disturbance)
{
    atomic_store(&disturbance->has_ended, true);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_join(disturbance->threads[i], NULL), 0);
    }
}

/* Each call writes a line. */
static void *
fail_often(void *argument)
{
    struct disturbance *disturbance = argument;

    while (!atomic_load(&disturbance->has_ended)) {
        (void)nrt_unload(NULL);
    }
    return NULL;
}

static void *
init_and_close_often(void *argument)
{
    struct disturbance *disturbance = argument;

    while (!atomic_load(&disturbance->has_ended)) {
        (void)init();
        nrt_close();
    }
    return NULL;
}

static int
call_in_child(void)
{
    nrt_close();
    return nrt_unload(NULL) == NRT_UNINITIALIZED && init() == NRT_UNINITIALIZED ? ENDED : WRONG;
}

/*
 * It is refused where the parent had something open, and may else try for itself. It asks for a
 * core that there is not, for TSan knows no children that start threads.
 */
static int
init_in_child(void)
{
    uint32_t count = 0;

    (void)nrt_unload(NULL);
    if (nrt_get_visible_nc_count(&count) == NRT_UNINITIALIZED) {
        return call_in_child();
    }
    set_variable("NEURON_RT_VISIBLE_CORES", "77");
    bool has_tried = init() == NRT_FAILURE;
    nrt_close();
    return has_tried ? ENDED : WRONG;
}

static int
init_with_syslog_in_child(void)
{
    if (freopen("/dev/null", "w", stderr) == NULL) {
        return WRONG;
    }
    set_variable("NEURON_RT_LOG_LOCATION_NRT", "syslog");
    set_variable("NEURON_RT_VISIBLE_CORES", "77");
    return init() == NRT_FAILURE && nrt_unload(NULL) == NRT_UNINITIALIZED ? ENDED : WRONG;
}

static void
a_child_ends_that_was_forked_while_threads_log(void **state)
{
    struct disturbance disturbance = {.has_ended = false};

    (void)state;
    set_variable("NEURON_RT_LOG_LOCATION_NMGR", "/dev/null");
    assert_nrt_ok(init());
    start_disturbance(&disturbance, fail_often);
    int end = fork_often(call_in_child, FORK_COUNT);
    end_disturbance(&disturbance);
    assert_int_equal(end, ENDED);
}

/* syslog() has a lock of its own, which no child can have given back. */
static void
a_child_writes_nothing_to_syslog(void **state)
{
    struct disturbance disturbance = {.has_ended = false};
    int before = dup(STDERR_FILENO);

    (void)state;
    set_variable("NEURON_RT_LOG_LOCATION_NMGR", "syslog");
    set_variable("NEURON_RT_LOG_LOCATION_NRT", "syslog");
    assert_nrt_ok(init());
    /* Where there is no daemon, nothing of it is seen anywhere. */
    assert_non_null(freopen("/dev/null", "w", stderr));
    start_disturbance(&disturbance, fail_often);
    int end = fork_often(call_in_child, FORK_COUNT);
    end_disturbance(&disturbance);
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(before), 0);
    assert_int_equal(end, ENDED);
}

static void
a_child_that_initializes_writes_nothing_to_syslog(void **state)
{
    struct disturbance disturbance = {.has_ended = false};

    (void)state;
    set_variable("NEURON_RT_LOG_LOCATION_NMGR", "syslog");
    assert_nrt_ok(init());
    nrt_close();
    start_disturbance(&disturbance, fail_often);
    /* Its own line comes from another component. */
    int end = fork_often(init_with_syslog_in_child, REOPEN_FORK_COUNT);
    end_disturbance(&disturbance);
    assert_int_equal(end, ENDED);
}

static void
a_child_ends_that_was_forked_while_threads_init_and_close(void **state)
{
    struct disturbance disturbance = {.has_ended = false};

    (void)state;
    set_variable("NEURON_RT_LOG_LEVEL", "QUIET");
    set_variable("NEURON_RT_NUM_CORES", "1");
    start_disturbance(&disturbance, init_and_close_often);
    int end = fork_often(init_in_child, REOPEN_FORK_COUNT);
    end_disturbance(&disturbance);
    assert_int_equal(end, ENDED);
}

/* The first process of a namespace, which forks the first one of another. */
static int
fork_child_of_the_same_number(void)
{
    if (getpid() != 1 || init() != NRT_SUCCESS || unshare(CLONE_NEWPID) != 0) {
        return CHECK_SKIPPED;
    }
    return fork_often(call_in_child, 1);
}

static int
fork_in_new_namespace(void)
{
    if (unshare(CLONE_NEWPID) != 0) {
        return CHECK_SKIPPED;
    }
    return fork_often(fork_child_of_the_same_number, 1);
}

static void
a_child_of_the_same_number_is_told_from_its_parent(void **state)
{
    (void)state;
    int end = fork_often(fork_in_new_namespace, 1);
    if (end == CHECK_SKIPPED) {
        skip(); /* who is not root may make no namespace */
    }
    assert_int_equal(end, ENDED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_child_ends_that_was_forked_while_threads_log,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_writes_nothing_to_syslog, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_that_initializes_writes_nothing_to_syslog,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_ends_that_was_forked_while_threads_init_and_close,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_of_the_same_number_is_told_from_its_parent,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
