/* SPDX-License-Identifier: Apache-2.0 */
/* Cores that a process lends to one that works in its place. The test lends, its children borrow.
 */
#include "neuron/core_lease.h"

#include <unistd.h>

#include "check.h"
#include "lease_bench.h"

static struct claim_order
order_of(const struct lease_bench *bench, const struct neuron_core_lease *lender, const char *cores)
{
    struct neuron_core_lease_options options = {.kind = NEURON_CORE_LEASE_USE};

    neuron_core_lease_lend(lender, &options);
    assert_string_equal(options.directory, bench->folder.path);
    return (struct claim_order){
        .bench = bench, .cores = cores, .kind = options.kind, .parent = options.parent};
}

static void
a_process_borrows_cores_that_are_lent(void **state)
{
    struct neuron_core_lease *lender = claim_free(*state, "2-4");
    struct claim_order order = order_of(*state, lender, "3");

    assert_int_equal(order.kind, NEURON_CORE_LEASE_BORROWED);
    assert_int_equal(order.parent.pid, getpid());
    check_claim_of_another(&order, NEURON_OK);
    order.cores = "2-4";
    check_claim_of_another(&order, NEURON_OK);
    neuron_core_lease_release(lender);
}

static void
borrowed_cores_stay_the_lenders(void **state)
{
    struct neuron_core_lease *lender = claim_free(*state, "2-4");
    struct claim_order order = order_of(*state, lender, "3");
    struct child_process borrower = {0};

    (void)start_claimer_expecting(&borrower, &order, NEURON_OK);
    check_another_finds_taken(*state, "3");
    child_process_kill(&borrower);
    (void)child_process_finish(&borrower);
    check_another_finds_taken(*state, "3");
    neuron_core_lease_release(lender);
    check_another_finds_free(*state, "2-4");
}

static void
a_borrower_keeps_nobody_out_when_the_lender_is_gone(void **state)
{
    struct neuron_core_lease *lender = claim_free(*state, "2-4");
    struct claim_order order = order_of(*state, lender, "3");
    struct child_process borrower = {0};

    (void)start_claimer_expecting(&borrower, &order, NEURON_OK);
    neuron_core_lease_release(lender);
    check_another_finds_free(*state, "2-4");
    assert_int_equal(child_process_finish(&borrower), 0);
}

static void
cores_that_the_lender_does_not_hold_are_not_borrowed(void **state)
{
    struct neuron_core_lease *lender = claim_free(*state, "2-4");
    struct claim_order order = order_of(*state, lender, "4-5");

    check_claim_of_another(&order, NEURON_PEER_LOST);
    order.cores = "4";
    order.parent.pid += 1;
    check_claim_of_another(&order, NEURON_PEER_LOST);
    neuron_core_lease_release(lender);
    order.parent.pid -= 1;
    check_claim_of_another(&order, NEURON_PEER_LOST);
}

static void
nobody_borrows_of_a_reservation(void **state)
{
    struct claim_order order = {
        .bench = *state, .cores = "1-2", .kind = NEURON_CORE_LEASE_RESERVATION};
    struct neuron_core_lease *reservation = NULL;
    struct neuron_error error = {0};

    assert_ok(claim_inside(&order, &reservation, &error), &error);
    order.kind = NEURON_CORE_LEASE_BORROWED;
    order.parent = neuron_core_lease_as_parent(reservation);
    check_claim_of_another(&order, NEURON_PEER_LOST);
    order = order_of(*state, reservation, "1-2");
    assert_int_equal(order.kind, NEURON_CORE_LEASE_USE);
    check_claim_of_another(&order, NEURON_OK);
    neuron_core_lease_release(reservation);
}

static void
nobody_borrows_without_a_lender_or_of_itself(void **state)
{
    struct claim_order order = {.bench = *state, .cores = "1", .kind = NEURON_CORE_LEASE_BORROWED};
    struct neuron_core_lease *lender = claim_free(*state, "2-4");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, claim_inside(&order, &lease, &error), &error);
    order = order_of(*state, lender, "3");
    assert_status(NEURON_CORES_TAKEN, claim_inside(&order, &lease, &error), &error);
    assert_null(lease);
    check_another_finds_taken(*state, "2-4");
    neuron_core_lease_release(lender);
}

/* A worker of a launch, which lends what it has. */
static void
lend_inside(const struct child_side *side, const void *argument)
{
    const struct claim_order *order = argument;
    struct neuron_core_lease *lease = NULL;
    struct neuron_core_lease_options options = {.kind = NEURON_CORE_LEASE_USE};

    if (claim_inside(order, &lease, NULL) == NEURON_OK) {
        neuron_core_lease_lend(lease, &options);
    }
    child_side_report(side, &options, sizeof(options));
    (void)child_side_wait(side);
}

/* Lets a worker of a reservation claim, and another process claim what the worker lends. */
static void
check_worker_lends(const struct lease_bench *bench, enum neuron_core_lease_kind kind,
                   enum neuron_core_lease_kind lent)
{
    struct claim_order order = {
        .bench = bench, .cores = "1-2", .kind = NEURON_CORE_LEASE_RESERVATION};
    struct neuron_core_lease *reservation = NULL;
    struct neuron_core_lease_options options = {.kind = NEURON_CORE_LEASE_USE};
    struct child_process worker = {0};
    struct neuron_error error = {0};

    assert_ok(claim_inside(&order, &reservation, &error), &error);
    order.kind = kind;
    order.parent = neuron_core_lease_as_parent(reservation);
    child_process_start(&worker, lend_inside, &order);
    child_process_read(&worker, &options, sizeof(options));
    assert_int_equal(options.kind, lent);
    order.kind = options.kind;
    order.parent = options.parent;
    check_claim_of_another(&order, NEURON_OK);
    assert_int_equal(child_process_finish(&worker), 0);
    neuron_core_lease_release(reservation);
}

static void
workers_of_a_launch_lend(void **state)
{
    check_worker_lends(*state, NEURON_CORE_LEASE_USE, NEURON_CORE_LEASE_BORROWED);
    check_worker_lends(*state, NEURON_CORE_LEASE_SHARED, NEURON_CORE_LEASE_SHARED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_process_borrows_cores_that_are_lent, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(borrowed_cores_stay_the_lenders, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(a_borrower_keeps_nobody_out_when_the_lender_is_gone,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_the_lender_does_not_hold_are_not_borrowed,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(nobody_borrows_of_a_reservation, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(nobody_borrows_without_a_lender_or_of_itself,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(workers_of_a_launch_lend, lease_bench_setup,
                                        lease_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
