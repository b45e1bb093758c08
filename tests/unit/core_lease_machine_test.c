/* SPDX-License-Identifier: Apache-2.0 */
/* Leases between processes that see the machine differently: other user, other affinity mask. */
#include "neuron/core_lease.h"

#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "invented_machine.h"
#include "lease_bench.h"

enum { NOBODY = 65534 };

/* As start_claimer(), but by a user without any right on the files of others. */
static void
claim_as_nobody(const struct child_side *side, const void *argument)
{
    const struct claim_order *order = argument;
    struct claim_report report = {.status = NEURON_OK};
    struct neuron_core_lease *lease = NULL;

    if (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0) {
        _exit(1);
    }
    report.status = claim_inside(order, &lease, &report.error);
    child_side_report(side, &report, sizeof(report));
    (void)child_side_wait(side);
}

static void
start_nobody_expecting(struct child_process *child, const struct claim_order *order,
                       enum neuron_status expected)
{
    struct claim_report report = {.status = NEURON_OK};

    child_process_start(child, claim_as_nobody, order);
    child_process_read(child, &report, sizeof(report));
    assert_status(expected, report.status, &report.error);
}

/* Makes the folder one in which every user may make files, as /tmp or /run/lock. */
static void
open_to_all_users(const struct lease_bench *bench)
{
    if (geteuid() != 0) {
        print_message("needs the right to become another user\n");
        skip();
    }
    assert_int_equal(chmod(bench->folder.path, 01777), 0);
}

static void
a_core_of_another_user_is_refused(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "3"};
    struct neuron_core_lease *lease = NULL;
    struct child_process other = {0};

    open_to_all_users(bench);
    lease = claim_free(bench, "0-3");
    start_nobody_expecting(&other, &order, NEURON_CORES_TAKEN);
    assert_int_equal(child_process_finish(&other), 0);
    neuron_core_lease_release(lease);
}

static void
a_core_beside_those_of_another_user_is_free(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "4"};
    struct neuron_core_lease *lease = NULL;
    struct neuron_core_lease *refused = NULL;
    struct child_process other = {0};

    open_to_all_users(bench);
    lease = claim_free(bench, "0-3");
    start_nobody_expecting(&other, &order, NEURON_OK);
    assert_status(NEURON_CORES_TAKEN, claim(bench, "4-5", &refused, NULL), NULL);
    assert_int_equal(child_process_finish(&other), 0);
    neuron_core_lease_release(lease);
}

static void
files_that_another_user_made_can_be_used(void **state)
{
    const struct lease_bench *bench = *state;
    struct claim_order order = {.bench = bench, .cores = "0-7"};
    struct child_process other = {0};

    open_to_all_users(bench);
    start_nobody_expecting(&other, &order, NEURON_OK);
    assert_int_equal(child_process_finish(&other), 0);
    neuron_core_lease_release(claim_free(bench, "0-7"));
    start_nobody_expecting(&other, &order, NEURON_OK);
    assert_int_equal(child_process_finish(&other), 0);
}

/* Binds itself to the last allowed core, and claims what is allowed then: that one. */
static void
claim_bound(const struct child_side *side, const void *argument)
{
    const struct lease_bench *bench = argument;
    const struct neuron_core_set *allowed = neuron_topology_allowed(bench->topology);
    struct neuron_core_set *last = NULL;
    struct neuron_topology *narrow = NULL;
    struct neuron_core_lease *lease = NULL;
    struct claim_report report = {.status = NEURON_OK};

    report.status = neuron_core_set_create(
        neuron_core_set_at(allowed, neuron_core_set_count(allowed) - 1), 1, &last, &report.error);
    if (report.status == NEURON_OK) {
        report.status = neuron_topology_bind_thread(bench->topology, last, &report.error);
    }
    if (report.status == NEURON_OK) {
        report.status = neuron_topology_create(&narrow, &report.error);
    }
    if (report.status == NEURON_OK) {
        report.status =
            neuron_core_lease_claim_run(narrow, NULL, 0, &bench->options, &lease, &report.error);
    }
    child_side_report(side, &report, sizeof(report));
    (void)child_side_wait(side);
}

static void
a_process_with_a_narrow_mask_means_the_same_core(void **state)
{
    struct lease_bench real = *(const struct lease_bench *)*state;
    const struct neuron_core_set *allowed = NULL;
    struct child_process bound = {0};
    struct claim_report report = {.status = NEURON_OK};
    struct neuron_core_lease *lease = NULL;
    struct neuron_core_set *cores = NULL;

    real.topology = create_topology(NULL);
    allowed = neuron_topology_allowed(real.topology);
    child_process_start(&bound, claim_bound, &real);
    child_process_read(&bound, &report, sizeof(report));
    assert_ok(report.status, &report.error);
    assert_ok(neuron_core_set_create(
                  neuron_core_set_at(allowed, neuron_core_set_count(allowed) - 1), 1, &cores, NULL),
              NULL);
    assert_status(NEURON_CORES_TAKEN,
                  neuron_core_lease_claim(real.topology, cores, &real.options, &lease, NULL), NULL);
    assert_int_equal(child_process_finish(&bound), 0);
    assert_ok(neuron_core_lease_claim(real.topology, cores, &real.options, &lease, NULL), NULL);
    neuron_core_lease_release(lease);
    neuron_core_set_destroy(cores);
    neuron_topology_destroy(real.topology);
}

static void
leases_of_an_invented_machine_never_meet_those_of_the_real_one(void **state)
{
    const struct lease_bench *bench = *state;
    struct lease_bench real = *bench;
    struct neuron_core_lease *lease = claim_free(bench, "0-7");
    struct neuron_core_lease *real_lease = NULL;
    struct neuron_error error = {0};

    real.topology = create_topology(NULL);
    assert_ok(neuron_core_lease_claim(real.topology, neuron_topology_allowed(real.topology),
                                      &real.options, &real_lease, &error),
              &error);
    check_another_finds_taken(bench, "0");
    neuron_core_lease_release(real_lease);
    check_another_finds_taken(bench, "0");
    neuron_core_lease_release(lease);
    neuron_topology_destroy(real.topology);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_core_of_another_user_is_refused, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_beside_those_of_another_user_is_free,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(files_that_another_user_made_can_be_used, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_with_a_narrow_mask_means_the_same_core,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(
            leases_of_an_invented_machine_never_meet_those_of_the_real_one, lease_bench_setup,
            lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
