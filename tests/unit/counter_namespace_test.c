/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of processes in namespaces of their own, and of those of other users. What the machine
   does not allow is skipped. */
#include "counters/counter_reader.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "counters/process_counters.h"
#include "neuron/clock.h"
#include "neuron/process_identity.h"

#include "child_process.h"
#include "invented_machine.h"
#include "own_children.h"

enum { OTHER_USER = 65533 };

/* Makes a page that lasts as long as this process. */
static enum neuron_status
make_page(const struct neuron_topology *topology)
{
    struct neuron_process_counters *counters = NULL;
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(1, 1, &cores, NULL);

    if (status == NEURON_OK) {
        status = neuron_process_counters_create(topology, cores, "inner", &counters, NULL);
    }
    neuron_core_set_destroy(cores);
    return status;
}

/* Forks into a new PID namespace, where the child has number 1, and waits for it. Returns in the
   child, or where that is not allowed. */
static bool
enter_namespace(void)
{
    pid_t inner = unshare(CLONE_NEWPID) == 0 ? fork() : -1;

    if (inner > 0) {
        (void)waitpid(inner, NULL, 0);
        _exit(0);
    }
    return inner == 0;
}

/* Waits until a process that is started would have another start than this one. */
static void
await_next_tick(void)
{
    struct timespec up = {0};
    uint64_t ticks = neuron_process_start_ticks(getpid());
    uint64_t ticks_per_s = (uint64_t)sysconf(_SC_CLK_TCK);

    do {
        (void)usleep(500);
        (void)clock_gettime(CLOCK_BOOTTIME, &up);
    } while ((uint64_t)up.tv_sec * ticks_per_s +
                 (uint64_t)up.tv_nsec * ticks_per_s / NEURON_NS_PER_S <=
             ticks);
}

/* Process 1 of a namespace makes a page, and process 1 of the next one inside has it open, too. */
static void
nest_namespaces(const struct child_side *side, const void *argument)
{
    enum neuron_status status = NEURON_SYSTEM;

    if (enter_namespace()) {
        status = make_page(argument);
        await_next_tick();
        status = status == NEURON_OK && enter_namespace() ? NEURON_OK : NEURON_SYSTEM;
    }
    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
}

/* Skips the test where the system does not allow namespaces. */
static void
start_nested(struct child_process *child, const struct neuron_topology *topology)
{
    enum neuron_status status = NEURON_OK;

    child_process_start(child, nest_namespaces, topology);
    child_process_read(child, &status, sizeof(status));
    if (status != NEURON_OK) {
        (void)child_process_finish(child);
        skip();
    }
}

static pid_t
child_of(pid_t parent)
{
    pid_t child = 0;

    assert_int_equal(list_children(parent, &child, 1), 1);
    return child;
}

static void
a_process_in_a_namespace_is_read_from_outside(void **state)
{
    struct child_process child = {0};
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};

    start_nested(&child, *state);
    pid_t inner = child_of(child.pid);
    assert_ok(neuron_counter_readers_open(inner, &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &sample, &error), &error);
    assert_string_equal(sample.tag, "inner");
    neuron_counter_readers_close(&readers);
    neuron_counter_sample_clear(&sample);
    assert_int_equal(child_process_finish(&child), 0);
}

static void
a_child_of_the_same_number_does_not_show_the_page_of_its_parent(void **state)
{
    struct child_process child = {0};
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    start_nested(&child, *state);
    pid_t innermost = child_of(child_of(child.pid));
    assert_ok(neuron_counter_readers_open(innermost, &readers, &error), &error);
    assert_int_equal(readers.count, 0);
    assert_int_equal(child_process_finish(&child), 0);
}

/* What somebody else came to. */
struct report {
    enum neuron_status status;
    struct neuron_error error;
};

static void
look_as_another_user(const struct child_side *side, const void *argument)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct report report = {.status = NEURON_OK};

    if (setuid(OTHER_USER) == 0) {
        report.status =
            neuron_counter_readers_open(*(const pid_t *)argument, &readers, &report.error);
    }
    child_side_report(side, &report, sizeof(report));
    neuron_counter_readers_close(&readers);
}

static void
who_may_not_look_is_told_whose_process_it_is(void **state)
{
    struct child_process child = {0};
    struct report report = {.status = NEURON_OK};
    const pid_t self = getpid();
    char text[64];

    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    child_process_start(&child, look_as_another_user, &self);
    child_process_read(&child, &report, sizeof(report));
    assert_status(NEURON_SYSTEM, report.status, &report.error);
    (void)snprintf(text, sizeof(text), "cannot look into pid %d of user root: ", (int)self);
    assert_contains(report.error.text, text);
    assert_contains(report.error.text, "; run this as root");
    assert_null(strchr(report.error.text, '\n'));
    assert_int_equal(child_process_finish(&child), 0);
}

static int
setup(void **state)
{
    *state = create_topology("core:4 pu:1");
    return 0;
}

static int
teardown(void **state)
{
    neuron_topology_destroy(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_in_a_namespace_is_read_from_outside),
        cmocka_unit_test(a_child_of_the_same_number_does_not_show_the_page_of_its_parent),
        cmocka_unit_test(who_may_not_look_is_told_whose_process_it_is),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
