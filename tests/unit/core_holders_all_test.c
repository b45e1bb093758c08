/* SPDX-License-Identifier: Apache-2.0 */
/* All leases of a machine: those inside of reservations, too. */
#include "neuron/core_holders.h"

#include <unistd.h>

#include "check.h"

#include "invented_machine.h"
#include "lease_bench.h"

/* Fails unless an entry is what a process holds. */
static void
check_holder(const struct neuron_core_holder *holder, pid_t pid, enum neuron_core_lease_kind kind,
             uint32_t depth, const char *cores)
{
    assert_int_equal(holder->pid, pid);
    assert_int_equal(holder->kind, kind);
    assert_int_equal(holder->depth, depth);
    assert_cores(holder->cores, cores);
}

static void
read_all(const struct lease_bench *bench, struct neuron_core_holders *list)
{
    struct neuron_error error = {0};

    assert_ok(neuron_core_holders_read_all(bench->folder.path, list, &error), &error);
}

/* Starts who holds cores of a kind; inside of a reservation where there is one. */
static struct claim_report
start_holder(const struct lease_bench *bench, struct child_process *child, const char *cores,
             enum neuron_core_lease_kind kind, const struct claim_report *outer)
{
    struct claim_order order = {.bench = bench, .cores = cores, .kind = kind};

    if (outer != NULL) {
        order.parent = outer->as_parent;
    }
    return start_claimer_expecting(child, &order, NEURON_OK);
}

static void
finish(struct child_process *children, uint32_t count)
{
    for (uint32_t i = count; i > 0; i -= 1) {
        assert_int_equal(child_process_finish(&children[i - 1]), 0);
    }
}

static void
workers_are_listed_behind_the_reservations_around_them(void **state)
{
    const struct lease_bench *bench = *state;
    struct child_process children[4] = {{0}};
    struct neuron_core_holders list = {0};

    struct claim_report outer =
        start_holder(bench, &children[0], "0-5", NEURON_CORE_LEASE_RESERVATION, NULL);
    struct claim_report inner =
        start_holder(bench, &children[1], "2-4", NEURON_CORE_LEASE_RESERVATION, &outer);
    (void)start_holder(bench, &children[2], "3", NEURON_CORE_LEASE_USE, &inner);
    (void)start_holder(bench, &children[3], "0-1", NEURON_CORE_LEASE_USE, &outer);
    read_all(bench, &list);
    assert_int_equal(list.count, 4);
    check_holder(&list.holders[0], children[0].pid, NEURON_CORE_LEASE_RESERVATION, 0, "0-5");
    check_holder(&list.holders[1], children[3].pid, NEURON_CORE_LEASE_USE, 1, "0-1");
    check_holder(&list.holders[2], children[1].pid, NEURON_CORE_LEASE_RESERVATION, 1, "2-4");
    check_holder(&list.holders[3], children[2].pid, NEURON_CORE_LEASE_USE, 2, "3");
    neuron_core_holders_clear(&list);
    finish(children, 4);
}

static void
the_outermost_are_read_as_before(void **state)
{
    const struct lease_bench *bench = *state;
    struct child_process children[3] = {{0}};
    struct neuron_core_holders list = {0};
    struct neuron_error error = {0};

    struct claim_report outer =
        start_holder(bench, &children[0], "2-5", NEURON_CORE_LEASE_RESERVATION, NULL);
    (void)start_holder(bench, &children[1], "3", NEURON_CORE_LEASE_USE, &outer);
    (void)start_holder(bench, &children[2], "0", NEURON_CORE_LEASE_USE, NULL);
    assert_ok(neuron_core_holders_read(bench->folder.path, &list, &error), &error);
    assert_int_equal(list.count, 2);
    check_holder(&list.holders[0], children[2].pid, NEURON_CORE_LEASE_USE, 0, "0");
    check_holder(&list.holders[1], children[0].pid, NEURON_CORE_LEASE_RESERVATION, 0, "2-5");
    neuron_core_holders_clear(&list);
    finish(children, 3);
}

static void
all_who_share_a_core_are_listed(void **state)
{
    const struct lease_bench *bench = *state;
    struct child_process children[4] = {{0}};
    struct neuron_core_holders list = {0};
    uint32_t found = 0;

    struct claim_report outer =
        start_holder(bench, &children[0], "0-3", NEURON_CORE_LEASE_RESERVATION, NULL);
    for (int i = 1; i < 4; i += 1) {
        (void)start_holder(bench, &children[i], "1-2", NEURON_CORE_LEASE_SHARED, &outer);
    }
    read_all(bench, &list);
    assert_int_equal(list.count, 4);
    for (uint32_t i = 1; i < list.count; i += 1) {
        for (int j = 1; j < 4; j += 1) {
            found += list.holders[i].pid == children[j].pid ? 1 : 0;
        }
        assert_int_equal(list.holders[i].kind, NEURON_CORE_LEASE_SHARED);
        assert_int_equal(list.holders[i].depth, 1);
        assert_cores(list.holders[i].cores, "1-2");
    }
    assert_int_equal(found, 3);
    neuron_core_holders_clear(&list);
    finish(children, 4);
}

static void
who_was_killed_is_not_listed(void **state)
{
    const struct lease_bench *bench = *state;
    struct child_process children[2] = {{0}};
    struct neuron_core_holders list = {0};

    struct claim_report outer =
        start_holder(bench, &children[0], "0-3", NEURON_CORE_LEASE_RESERVATION, NULL);
    (void)start_holder(bench, &children[1], "1", NEURON_CORE_LEASE_USE, &outer);
    child_process_kill(&children[0]);
    read_all(bench, &list); /* who works inside of what is gone is still there */
    assert_int_equal(list.count, 1);
    check_holder(&list.holders[0], children[1].pid, NEURON_CORE_LEASE_USE, 1, "1");
    neuron_core_holders_clear(&list);
    child_process_kill(&children[1]);
    read_all(bench, &list);
    assert_int_equal(list.count, 0);
    finish(children, 2);
}

static void
invented_machines_are_kept_apart(void **state)
{
    const struct lease_bench *bench = *state;
    struct lease_bench other = *bench;
    struct child_process children[2] = {{0}};
    struct neuron_core_holders list = {0};

    other.topology = create_topology("pack:1 core:4 pu:1");
    (void)start_holder(bench, &children[0], "1", NEURON_CORE_LEASE_USE, NULL);
    (void)start_holder(&other, &children[1], "1", NEURON_CORE_LEASE_USE, NULL);
    read_all(bench, &list);
    assert_int_equal(list.count, 2);
    for (uint32_t i = 0; i < 2; i += 1) {
        bool is_other = list.holders[i].pid == children[1].pid;

        assert_true(list.holders[i].is_invented);
        assert_int_equal(list.holders[i].machine,
                         neuron_core_holders_machine(is_other ? other.topology : bench->topology));
    }
    assert_int_not_equal(list.holders[0].machine, list.holders[1].machine);
    neuron_core_holders_clear(&list);
    finish(children, 2);
    neuron_topology_destroy(other.topology);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workers_are_listed_behind_the_reservations_around_them,
                                        lease_bench_setup, lease_bench_teardown),
        cmocka_unit_test_setup_teardown(the_outermost_are_read_as_before, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(all_who_share_a_core_are_listed, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(who_was_killed_is_not_listed, lease_bench_setup,
                                        lease_bench_teardown),
        cmocka_unit_test_setup_teardown(invented_machines_are_kept_apart, lease_bench_setup,
                                        lease_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
