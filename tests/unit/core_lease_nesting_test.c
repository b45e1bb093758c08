/* SPDX-License-Identifier: Apache-2.0 */
/* Reservations, and claims inside them. The test is the launcher, its children are the workers. */
#include "neuron/core_lease.h"

#include <unistd.h>

#include "check.h"
#include "lease_bench.h"

/* Reserves cores for workers. The caller releases. */
static struct neuron_core_lease *
reserve(const struct lease_bench *bench, const char *cores)
{
    struct claim_order order = {
        .bench = bench, .cores = cores, .kind = NEURON_CORE_LEASE_RESERVATION};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(claim_inside(&order, &lease, &error), &error);
    return lease;
}

/* A claim of a worker inside a reservation. */
static struct claim_order
order_inside(const struct lease_bench *bench, const struct neuron_core_lease *reservation,
             const char *cores, enum neuron_core_lease_kind kind)
{
    return (struct claim_order){.bench = bench,
                                .cores = cores,
                                .kind = kind,
                                .parent = neuron_core_lease_as_parent(reservation)};
}

static void
a_reservation_names_itself_as_parent(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct neuron_core_lease_parent parent = neuron_core_lease_as_parent(reservation);

    assert_int_equal(parent.pid, getpid());
    assert_int_equal(parent.depth, 0);
    neuron_core_lease_release(reservation);
}

static void
a_worker_claims_cores_of_its_reservation(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "2-3", NEURON_CORE_LEASE_USE);

    check_claim_of_another(&order, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
workers_of_one_reservation_exclude_each_other(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order left = order_inside(*state, reservation, "0-1", NEURON_CORE_LEASE_USE);
    struct claim_order right = order_inside(*state, reservation, "2-3", NEURON_CORE_LEASE_USE);
    struct claim_order both = order_inside(*state, reservation, "1-2", NEURON_CORE_LEASE_USE);
    struct child_process worker = {0};

    (void)start_claimer_expecting(&worker, &left, NEURON_OK);
    check_claim_of_another(&right, NEURON_OK);
    check_claim_of_another(&both, NEURON_CORES_TAKEN);
    check_claim_of_another(&left, NEURON_CORES_TAKEN);
    assert_int_equal(child_process_finish(&worker), 0);
    check_claim_of_another(&both, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
a_reservation_keeps_strangers_out(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order strange = {
        .bench = *state, .cores = "3", .kind = NEURON_CORE_LEASE_RESERVATION};

    check_another_finds_taken(*state, "0");
    check_claim_of_another(&strange, NEURON_CORES_TAKEN);
    check_another_finds_free(*state, "4-7");
    neuron_core_lease_release(reservation);
}

static void
a_wrong_parent_is_lost(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "2", NEURON_CORE_LEASE_USE);

    order.parent.pid = 1;
    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.parent.pid = getppid();
    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.parent.pid = -5;
    check_claim_of_another(&order, NEURON_PEER_LOST);
    neuron_core_lease_release(reservation);
}

static void
a_wrong_depth_is_lost(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "2", NEURON_CORE_LEASE_USE);

    order.parent.depth = 1;
    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.parent.depth = UINT32_MAX;
    check_claim_of_another(&order, NEURON_PEER_LOST);
    neuron_core_lease_release(reservation);
}

static void
cores_outside_of_the_reservation_are_not_the_parents(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "5", NEURON_CORE_LEASE_USE);

    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.cores = "3-4";
    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.cores = "0-3"; /* nothing is left over from the refused claims */
    check_claim_of_another(&order, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
a_released_reservation_is_lost(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "0-3", NEURON_CORE_LEASE_USE);

    neuron_core_lease_release(reservation);
    check_claim_of_another(&order, NEURON_PEER_LOST);
    check_another_finds_free(*state, "0-3");
}

static void
the_reservation_of_a_killed_launcher_is_lost(void **state)
{
    struct claim_order order = {
        .bench = *state, .cores = "0-3", .kind = NEURON_CORE_LEASE_RESERVATION};
    struct child_process launcher = {0};

    order.parent = start_claimer_expecting(&launcher, &order, NEURON_OK).as_parent;
    assert_int_equal(order.parent.pid, launcher.pid);
    order.kind = NEURON_CORE_LEASE_USE;
    child_process_kill(&launcher);
    (void)child_process_finish(&launcher);
    check_claim_of_another(&order, NEURON_PEER_LOST);
}

static void
cores_in_use_are_no_reservation(void **state)
{
    struct neuron_core_lease *lease = claim_free(*state, "0-3");
    struct claim_order order = order_inside(*state, lease, "2", NEURON_CORE_LEASE_USE);
    struct child_process child = {0};
    struct claim_report report = {.status = NEURON_OK};

    start_claimer(&child, &order);
    child_process_read(&child, &report, sizeof(report));
    assert_int_not_equal(report.status, NEURON_OK);
    assert_int_equal(child_process_finish(&child), 0);
    neuron_core_lease_release(lease);
}

static void
cores_a_worker_still_uses_stay_taken_when_the_launcher_dies(void **state)
{
    struct claim_order order = {
        .bench = *state, .cores = "0-3", .kind = NEURON_CORE_LEASE_RESERVATION};
    struct child_process launcher = {0};
    struct child_process worker = {0};

    order.parent = start_claimer_expecting(&launcher, &order, NEURON_OK).as_parent;
    order.kind = NEURON_CORE_LEASE_USE;
    (void)start_claimer_expecting(&worker, &order, NEURON_OK);
    child_process_kill(&launcher);
    (void)child_process_finish(&launcher);
    check_another_finds_taken(*state, "0");
    assert_int_equal(child_process_finish(&worker), 0);
    check_another_finds_free(*state, "0-3");
}

static void
reservations_nest(void **state)
{
    struct neuron_core_lease *outer = reserve(*state, "0-5");
    struct claim_order order = order_inside(*state, outer, "2-5", NEURON_CORE_LEASE_RESERVATION);
    struct child_process inner = {0};
    struct claim_report report = start_claimer_expecting(&inner, &order, NEURON_OK);

    assert_int_equal(report.as_parent.pid, inner.pid);
    assert_int_equal(report.as_parent.depth, 1);
    order.kind = NEURON_CORE_LEASE_USE;
    check_claim_of_another(&order, NEURON_CORES_TAKEN); /* reserved on the outer one's level */
    order.parent = report.as_parent;
    order.cores = "3-4";
    check_claim_of_another(&order, NEURON_OK);
    order.cores = "1-2"; /* core 1 is the outer one's only */
    check_claim_of_another(&order, NEURON_PEER_LOST);
    assert_int_equal(child_process_finish(&inner), 0);
    neuron_core_lease_release(outer);
}

/* Claims two cores within 2-5, inside the reservation of the order, and reports the first. */
static void
claim_run_inside(const struct child_side *side, const void *argument)
{
    const struct claim_order *order = argument;
    struct neuron_core_lease_options options = order->bench->options;
    struct neuron_core_set *within = NULL;
    struct neuron_core_lease *lease = NULL;
    uint32_t first = NEURON_NO_CORE;

    options.parent = order->parent;
    if (neuron_core_set_create(2, 4, &within, NULL) == NEURON_OK &&
        neuron_core_lease_claim_run(order->bench->topology, within, 2, &options, &lease, NULL) ==
            NEURON_OK) {
        first = neuron_core_set_at(neuron_core_lease_cores(lease), 0);
    }
    child_side_report(side, &first, sizeof(first));
    (void)child_side_wait(side);
}

static void
a_run_is_searched_inside_the_reservation(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "2-5");
    struct claim_order order = order_inside(*state, reservation, "2", NEURON_CORE_LEASE_USE);
    struct child_process worker = {0};
    struct child_process searcher = {0};
    uint32_t first = NEURON_NO_CORE;

    (void)start_claimer_expecting(&worker, &order, NEURON_OK);
    child_process_start(&searcher, claim_run_inside, &order);
    child_process_read(&searcher, &first, sizeof(first));
    assert_int_equal(first, 3);
    assert_int_equal(child_process_finish(&worker), 0);
    assert_int_equal(child_process_finish(&searcher), 0);
    neuron_core_lease_release(reservation);
}

static void
the_launcher_itself_is_no_worker_of_its_reservation(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "2-5");
    struct claim_order order = order_inside(*state, reservation, "2", NEURON_CORE_LEASE_USE);
    struct neuron_core_lease *lease = NULL;

    assert_status(NEURON_CORES_TAKEN, claim_inside(&order, &lease, NULL), NULL);
    assert_null(lease);
    check_claim_of_another(&order, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
workers_of_one_reservation_may_share(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order order = order_inside(*state, reservation, "1-2", NEURON_CORE_LEASE_SHARED);
    struct child_process worker = {0};

    (void)start_claimer_expecting(&worker, &order, NEURON_OK);
    check_claim_of_another(&order, NEURON_OK);
    order.cores = "2-3";
    check_claim_of_another(&order, NEURON_OK);
    assert_int_equal(child_process_finish(&worker), 0);
    neuron_core_lease_release(reservation);
}

static void
shared_cores_are_refused_for_use_and_used_ones_for_sharing(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0-3");
    struct claim_order share = order_inside(*state, reservation, "1", NEURON_CORE_LEASE_SHARED);
    struct claim_order use = order_inside(*state, reservation, "1", NEURON_CORE_LEASE_USE);
    struct child_process worker = {0};

    (void)start_claimer_expecting(&worker, &share, NEURON_OK);
    check_claim_of_another(&use, NEURON_CORES_TAKEN);
    assert_int_equal(child_process_finish(&worker), 0);
    (void)start_claimer_expecting(&worker, &use, NEURON_OK);
    check_claim_of_another(&share, NEURON_CORES_TAKEN);
    assert_int_equal(child_process_finish(&worker), 0);
    neuron_core_lease_release(reservation);
}

static void
the_last_sharer_frees_the_core(void **state)
{
    struct neuron_core_lease *reservation = reserve(*state, "0");
    struct claim_order share = order_inside(*state, reservation, "0", NEURON_CORE_LEASE_SHARED);
    struct claim_order use = order_inside(*state, reservation, "0", NEURON_CORE_LEASE_USE);
    struct child_process first = {0};
    struct child_process second = {0};

    (void)start_claimer_expecting(&first, &share, NEURON_OK);
    (void)start_claimer_expecting(&second, &share, NEURON_OK);
    assert_int_equal(child_process_finish(&first), 0);
    check_claim_of_another(&use, NEURON_CORES_TAKEN);
    child_process_kill(&second);
    (void)child_process_finish(&second);
    check_claim_of_another(&use, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
nobody_shares_without_a_reservation(void **state)
{
    struct claim_order share = {.bench = *state, .cores = "1", .kind = NEURON_CORE_LEASE_SHARED};
    struct child_process first = {0};
    struct child_process second = {0};
    struct claim_report reports[2] = {{.status = NEURON_OK}, {.status = NEURON_OK}};

    start_claimer(&first, &share);
    child_process_read(&first, &reports[0], sizeof(reports[0]));
    start_claimer(&second, &share);
    child_process_read(&second, &reports[1], sizeof(reports[1]));
    assert_int_not_equal(reports[1].status, NEURON_OK);
    assert_int_equal(child_process_finish(&first), 0);
    assert_int_equal(child_process_finish(&second), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reservation_names_itself_as_parent, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_worker_claims_cores_of_its_reservation, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(workers_of_one_reservation_exclude_each_other,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_reservation_keeps_strangers_out, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_parent_is_lost, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_depth_is_lost, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_outside_of_the_reservation_are_not_the_parents,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_released_reservation_is_lost, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_reservation_of_a_killed_launcher_is_lost,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_in_use_are_no_reservation, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_a_worker_still_uses_stay_taken_when_the_launcher_dies,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(reservations_nest, lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_is_searched_inside_the_reservation, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_launcher_itself_is_no_worker_of_its_reservation,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(workers_of_one_reservation_may_share, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(shared_cores_are_refused_for_use_and_used_ones_for_sharing,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_last_sharer_frees_the_core, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(nobody_shares_without_a_reservation, lease_bench_setup,
                                        lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
