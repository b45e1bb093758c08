/* SPDX-License-Identifier: Apache-2.0 */
/* Leases as one process sees them; those of several stand in core_lease_process_test.c. */
#include "neuron/core_lease.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "invented_machine.h"
#include "lease_bench.h"

static void
a_claim_gives_exactly_the_cores_asked_for(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "1,4-6");

    assert_cores(neuron_core_lease_cores(lease), "1,4-6");
    neuron_core_lease_release(lease);
}

static void
a_released_core_can_be_claimed_again(void **state)
{
    const struct lease_bench *bench = *state;

    for (int i = 0; i < 100; i += 1) {
        neuron_core_lease_release(claim_free(bench, "0-7"));
    }
}

static void
disjoint_leases_of_one_process_live_side_by_side(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *left = claim_free(bench, "0-3");
    struct neuron_core_lease *right = claim_free(bench, "4-7");

    neuron_core_lease_release(left);
    neuron_core_lease_release(right);
}

static void
two_leases_of_one_process_exclude_each_other(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *first = claim_free(bench, "2-4");
    struct neuron_core_lease *second = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_CORES_TAKEN, claim(bench, "4-5", &second, &error), &error);
    assert_null(second);
    assert_contains(error.text, "core 4");
    neuron_core_lease_release(first);
}

static void
a_holder_inside_the_process_is_named_by_its_pid_too(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *first = claim_free(bench, "2-4");
    struct neuron_core_lease *second = NULL;
    struct neuron_error error = {0};
    char pid[16];

    assert_status(NEURON_CORES_TAKEN, claim(bench, "4-5", &second, &error), &error);
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    assert_contains(error.text, pid);
    neuron_core_lease_release(first);
}

static void
releasing_one_of_two_leases_keeps_the_other(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *kept = claim_free(bench, "0-1");
    struct neuron_core_lease *released = claim_free(bench, "2-3");
    struct neuron_core_lease *again = NULL;

    neuron_core_lease_release(released);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "1", &again, NULL), NULL);
    check_another_finds_taken(bench, "0");
    check_another_finds_taken(bench, "1");
    check_another_finds_free(bench, "2-3");
    neuron_core_lease_release(kept);
}

static void
a_failed_claim_keeps_the_leases_that_exist(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "0-1");
    struct neuron_core_lease *refused = NULL;

    assert_status(NEURON_CORES_TAKEN, claim(bench, "1-2", &refused, NULL), NULL);
    check_another_finds_taken(bench, "0");
    check_another_finds_taken(bench, "1");
    neuron_core_lease_release(lease);
}

static void
a_claim_takes_all_cores_or_none(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *middle = claim_free(bench, "4");
    struct neuron_core_lease *refused = NULL;

    assert_status(NEURON_CORES_TAKEN, claim(bench, "0-7", &refused, NULL), NULL);
    assert_null(refused);
    check_another_finds_free(bench, "0-3,5-7");
    neuron_core_lease_release(claim_free(bench, "0-3,5-7"));
    neuron_core_lease_release(middle);
}

static void
a_failed_claim_leaves_the_lease_argument_alone(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *held = claim_free(bench, "0");
    struct neuron_core_lease *same = held;

    assert_status(NEURON_CORES_TAKEN, claim(bench, "0", &same, NULL), NULL);
    assert_ptr_equal(same, held);
    neuron_core_lease_release(held);
}

static void
a_core_that_the_machine_lacks_is_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE, claim(bench, "6-8", &lease, &error), &error);
    assert_null(lease);
    assert_contains(error.text, "8");
    check_another_finds_free(bench, "6-7");
}

static void
a_directory_that_cannot_be_is_named(void **state)
{
    struct lease_bench bench = *(const struct lease_bench *)*state;
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};
    char file_path[TEST_PATH_BYTES];
    char path[TEST_PATH_BYTES];
    int file = open(test_folder_path(&bench.folder, "file", file_path),
                    O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    close(file);
    bench.options.directory = test_folder_path(&bench.folder, "file/below", path);
    assert_status(NEURON_SYSTEM, claim(&bench, "0", &lease, &error), &error);
    assert_contains(error.text, "file/below");
    assert_null(lease);
}

static void
the_options_are_borrowed_for_the_claim_only(void **state)
{
    const struct lease_bench *bench = *state;
    struct lease_bench other = *bench;
    struct neuron_core_lease *lease = NULL;
    char *directory = strdup(bench->folder.path);

    assert_non_null(directory);
    other.options.directory = directory;
    lease = claim_free(&other, "3");
    memset(directory, 'x', strlen(directory));
    free(directory);
    check_another_finds_taken(bench, "3");
    neuron_core_lease_release(lease);
    check_another_finds_free(bench, "3");
}

static void
a_lease_outlives_the_closing_of_other_files(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "0-3");
    char path[TEST_PATH_BYTES];

    for (int i = 0; i < 20; i += 1) {
        int other = open("/dev/null", O_RDWR | O_CLOEXEC);
        int beside = open(test_folder_path(&bench->folder, "beside", path),
                          O_CREAT | O_RDWR | O_CLOEXEC, 0600);

        assert_true(other >= 0 && beside >= 0);
        assert_int_equal(close(other), 0);
        assert_int_equal(close(beside), 0);
    }
    check_another_finds_taken(bench, "0");
    check_another_finds_taken(bench, "3");
    neuron_core_lease_release(lease);
}

static void
leases_of_two_directories_never_meet(void **state)
{
    const struct lease_bench *bench = *state;
    struct lease_bench other = *bench;
    struct neuron_core_lease *lease = claim_free(bench, "0-7");

    test_folder_create(&other.folder);
    other.options.directory = other.folder.path;
    neuron_core_lease_release(claim_free(&other, "0-7"));
    test_folder_destroy(&other.folder);
    check_another_finds_taken(bench, "7");
    neuron_core_lease_release(lease);
}

static void
a_lease_outlives_its_topology(void **state)
{
    struct lease_bench *bench = *state;
    struct neuron_core_lease *lease = claim_free(bench, "0-3");

    neuron_topology_destroy(bench->topology);
    bench->topology = create_topology("numa:2 core:4 pu:2");
    assert_cores(neuron_core_lease_cores(lease), "0-3");
    check_another_finds_taken(bench, "3");
    neuron_core_lease_release(lease);
}

static void
a_lease_outlives_the_set_it_was_claimed_with(void **state)
{
    const struct lease_bench *bench = *state;
    struct neuron_core_set *cores = cores_of("2-3");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_core_lease_claim(bench->topology, cores, &bench->options, &lease, &error),
              &error);
    neuron_core_set_destroy(cores);
    assert_cores(neuron_core_lease_cores(lease), "2-3");
    neuron_core_lease_release(lease);
}

enum { RACING_THREADS = 8, RACES = 50 };

struct racer {
    const struct lease_bench *bench;
    pthread_barrier_t *start;
    struct neuron_core_lease *lease;
    enum neuron_status status;
};

static void *
race_for_one_core(void *argument)
{
    struct racer *racer = argument;

    (void)pthread_barrier_wait(racer->start);
    racer->status = claim(racer->bench, "5", &racer->lease, NULL);
    return NULL;
}

static void
of_threads_that_claim_one_core_exactly_one_gets_it(void **state)
{
    struct racer racers[RACING_THREADS];
    pthread_t threads[RACING_THREADS];
    pthread_barrier_t start;

    assert_int_equal(pthread_barrier_init(&start, NULL, RACING_THREADS), 0);
    for (int race = 0; race < RACES; race += 1) {
        int winners = 0;

        for (size_t i = 0; i < RACING_THREADS; i += 1) {
            racers[i] = (struct racer){.bench = *state, .start = &start};
            assert_int_equal(pthread_create(&threads[i], NULL, race_for_one_core, &racers[i]), 0);
        }
        for (size_t i = 0; i < RACING_THREADS; i += 1) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            winners += racers[i].status == NEURON_OK ? 1 : 0;
            assert_true(racers[i].status == NEURON_OK || racers[i].status == NEURON_CORES_TAKEN);
        }
        for (size_t i = 0; i < RACING_THREADS; i += 1) {
            neuron_core_lease_release(racers[i].lease);
        }
        assert_int_equal(winners, 1);
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
}

static void
release_accepts_nothing(void **state)
{
    (void)state;
    neuron_core_lease_release(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_claim_gives_exactly_the_cores_asked_for,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_released_core_can_be_claimed_again, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(disjoint_leases_of_one_process_live_side_by_side,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(two_leases_of_one_process_exclude_each_other,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_holder_inside_the_process_is_named_by_its_pid_too,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(releasing_one_of_two_leases_keeps_the_other,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_failed_claim_keeps_the_leases_that_exist,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_claim_takes_all_cores_or_none, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_failed_claim_leaves_the_lease_argument_alone,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_that_the_machine_lacks_is_refused, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_is_named, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_options_are_borrowed_for_the_claim_only,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lease_outlives_the_closing_of_other_files,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(leases_of_two_directories_never_meet, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lease_outlives_its_topology, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lease_outlives_the_set_it_was_claimed_with,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(of_threads_that_claim_one_core_exactly_one_gets_it,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(release_accepts_nothing, lease_bench_setup,
                                        lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
