/* SPDX-License-Identifier: Apache-2.0 */
/* Leases between processes, and what becomes of them when a process ends. */
#include "neuron/core_lease.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "invented_machine.h"
#include "lease_bench.h"

static void
a_core_held_by_another_process_is_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "2-3"};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "3", &lease, &error), &error);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "0-2", &lease, &error), &error);
    assert_null(lease);
    neuron_core_lease_release(claim_free(bench, "0-1,4-7"));
    assert_int_equal(child_process_finish(&holder), 0);
}

static void
the_refusal_names_cores_pid_command_and_start_time(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "5-6"};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};
    char number[16];
    time_t now = time(NULL);
    struct tm local;

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "4-6", &lease, &error), &error);
    assert_contains(error.text, "5-6");
    (void)snprintf(number, sizeof(number), "%d", (int)holder.pid);
    assert_contains(error.text, number);
    assert_contains(error.text, "core_lease");
    assert_non_null(localtime_r(&now, &local));
    assert_true(strftime(number, sizeof(number), "%Y-%m-%d", &local) > 0);
    assert_contains(error.text, number);
    assert_int_equal(child_process_finish(&holder), 0);
}

static void
a_killed_process_loses_its_cores(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0-7"};
    struct child_process holder = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    child_process_kill(&holder);
    neuron_core_lease_release(claim_free(bench, "0-7"));
    (void)child_process_finish(&holder);
}

static void
a_process_that_ends_without_a_release_loses_its_cores(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "1-4"};
    struct child_process holder = {0};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_int_equal(child_process_finish(&holder), 0);
    neuron_core_lease_release(claim_free(bench, "1-4"));
}

static void
a_stopped_process_keeps_its_cores(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0"};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    int wait_status = 0;

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_int_equal(kill(holder.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(holder.pid, &wait_status, WUNTRACED), holder.pid);
    assert_true(WIFSTOPPED(wait_status));
    assert_status(NEURON_CORES_TAKEN, claim(bench, "0", &lease, NULL), NULL);
    assert_int_equal(kill(holder.pid, SIGCONT), 0);
    assert_int_equal(child_process_finish(&holder), 0);
}

static void
cores_released_by_a_living_process_are_free(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0-3"};
    struct child_process holder = {0};
    struct claim_report report = {.status = NEURON_SYSTEM};

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    child_process_order(&holder);
    child_process_read(&holder, &report, sizeof(report));
    neuron_core_lease_release(claim_free(bench, "0-3"));
    assert_int_equal(child_process_finish(&holder), 0);
}

static void
a_refused_claim_of_one_core_takes_no_other(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "7"};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "0-7", &lease, NULL), NULL);
    check_another_finds_free(bench, "0-6");
    assert_int_equal(child_process_finish(&holder), 0);
}

/* A child's copy of a lease of its parent. */
struct inherited {
    const struct lease_bench *bench;
    struct neuron_core_lease *lease;
};

static void
release_inherited(const struct child_side *side, const void *argument)
{
    const struct inherited *inherited = argument;

    neuron_core_lease_release(inherited->lease);
    child_side_report(side, "r", 1);
    (void)child_side_wait(side);
}

static void
a_forked_child_cannot_release_the_parents_lease(void **state)
{
    const struct lease_bench *bench = *state;
    struct inherited inherited = {.bench = bench, .lease = claim_free(bench, "2-3")};
    struct child_process child = {0};
    char released = 0;

    child_process_start(&child, release_inherited, &inherited);
    child_process_read(&child, &released, 1);
    check_another_finds_taken(bench, "2");
    assert_int_equal(child_process_finish(&child), 0);
    check_another_finds_taken(bench, "3");
    neuron_core_lease_release(inherited.lease);
    check_another_finds_free(bench, "2-3");
}

static void
a_forked_child_owns_nothing_of_its_parent(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "2-3");
    struct claim_order order = {.bench = bench, .cores = "2-3"};
    struct child_process child = {0};
    struct claim_report report = start_claimer_expecting(&child, &order, NEURON_CORES_TAKEN);
    char pid[16];

    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    assert_contains(report.error.text, pid);
    assert_int_equal(child_process_finish(&child), 0);
    neuron_core_lease_release(lease);
}

static void
a_forked_child_may_claim_once_its_parent_has_released(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "2-3");
    struct claim_order order = {.bench = bench, .cores = "2-3"};
    struct child_process before = {0};
    struct child_process after = {0};

    (void)start_claimer_expecting(&before, &order, NEURON_CORES_TAKEN);
    neuron_core_lease_release(lease);
    (void)start_claimer_expecting(&after, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "3", &lease, NULL), NULL);
    assert_int_equal(child_process_finish(&before), 0);
    assert_int_equal(child_process_finish(&after), 0);
}

/* Claims, forks a child that lives until the test ends it, and reports that child's pid. */
static void
claim_and_fork(const struct child_side *side, const void *argument)
{
    const struct claim_order *order = argument;
    struct neuron_core_lease *lease = NULL;
    pid_t orphan = -1;

    if (claim_inside(order, &lease, NULL) == NEURON_OK) {
        orphan = fork();
    }
    if (orphan == 0) {
        (void)child_side_wait(side);
        _exit(0);
    }
    child_side_report(side, &orphan, sizeof(orphan));
    (void)pause(); /* until killed; the order to end is the orphan's */
}

static void
a_killed_process_loses_its_cores_though_its_forked_child_lives(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "1-2"};
    struct child_process holder = {0};
    pid_t orphan = -1;

    child_process_start(&holder, claim_and_fork, &order);
    child_process_read(&holder, &orphan, sizeof(orphan));
    assert_true(orphan > 0);
    check_another_finds_taken(bench, "1");
    child_process_kill(&holder);
    assert_int_equal(kill(orphan, 0), 0);
    neuron_core_lease_release(claim_free(bench, "1-2"));
    (void)child_process_finish(&holder);
}

static void
garbage_left_by_a_dead_process_does_no_harm(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0-7"};
    struct child_process holder = {0};
    char garbage[4096];

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    child_process_kill(&holder);
    (void)child_process_finish(&holder);
    memset(garbage, 0xFE, sizeof(garbage));
    test_folder_overwrite_files(&bench->folder, garbage, sizeof(garbage));
    neuron_core_lease_release(claim_free(bench, "0-7"));
    test_folder_overwrite_files(&bench->folder, "", 0);
    neuron_core_lease_release(claim_free(bench, "0-7"));
}

static void
garbage_in_the_file_of_a_living_process_changes_no_answer(void **state)
{
    static const char garbage[] = "-1\n%s%n\x1B[31m 99999999999999999999 \xFF\xFE\n\n";
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0-1"};
    struct child_process holder = {0};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};
    char pid[16];

    (void)start_claimer_expecting(&holder, &order, NEURON_OK);
    test_folder_overwrite_files(&bench->folder, garbage, sizeof(garbage));
    assert_status(NEURON_CORES_TAKEN, claim(bench, "1-2", &lease, &error), &error);
    (void)snprintf(pid, sizeof(pid), "%d", (int)holder.pid);
    assert_contains(error.text, pid); /* the kernel knows, whatever the file says */
    assert_null(strchr(error.text, '\n'));
    assert_null(strchr(error.text, '\x1B'));
    neuron_core_lease_release(claim_free(bench, "2"));
    assert_int_equal(child_process_finish(&holder), 0);
}

static void
a_core_goes_from_process_to_process(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "4"};

    for (int i = 0; i < 20; i += 1) {
        struct child_process holder = {0};

        (void)start_claimer_expecting(&holder, &order, NEURON_OK);
        check_another_finds_taken(bench, "4");
        child_process_kill(&holder);
        (void)child_process_finish(&holder);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_core_held_by_another_process_is_refused,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_refusal_names_cores_pid_command_and_start_time,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_killed_process_loses_its_cores, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_that_ends_without_a_release_loses_its_cores,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_stopped_process_keeps_its_cores, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_released_by_a_living_process_are_free,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_refused_claim_of_one_core_takes_no_other,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_forked_child_cannot_release_the_parents_lease,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_forked_child_owns_nothing_of_its_parent,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_forked_child_may_claim_once_its_parent_has_released,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_killed_process_loses_its_cores_though_its_forked_child_lives, lease_bench_setup,
            lease_bench_teardown),
        cmocka_unit_test_setup_teardown(garbage_left_by_a_dead_process_does_no_harm,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(garbage_in_the_file_of_a_living_process_changes_no_answer,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_goes_from_process_to_process, lease_bench_setup,
                                        lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
