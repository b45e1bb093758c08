/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node_tree.h"

#include <stdlib.h>

#include "check.h"

#include "invented_machine.h"

enum { LIMIT = 8 };

/* A sample of made-up processes, with what decides where they stand. */
struct made {
    struct neuron_node_process processes[LIMIT];
    struct neuron_node_place places[LIMIT];
    struct neuron_core_sample cores[LIMIT]; /* of the runtimes of those without a lease */
    struct neuron_counter_sample *runtimes;
    struct neuron_node_sample sample;
};

static int
setup(void **state)
{
    struct made *made = calloc(1, sizeof(*made));

    assert_non_null(made);
    made->runtimes = calloc(LIMIT, sizeof(*made->runtimes));
    assert_non_null(made->runtimes);
    made->sample.processes = made->processes;
    *state = made;
    return 0;
}

static int
teardown(void **state)
{
    struct made *made = *state;

    for (uint32_t i = 0; i < made->sample.process_count; i += 1) {
        neuron_core_set_destroy(made->processes[i].cores);
    }
    free(made->runtimes);
    free(made);
    return 0;
}

/* Adds a process with a lease of these cores at a depth. */
static void
add_lease(struct made *made, pid_t pid, uint32_t depth, const char *cores)
{
    uint32_t position = made->sample.process_count;

    made->processes[position] = (struct neuron_node_process){.pid = pid, .cores = cores_of(cores)};
    made->places[position] =
        (struct neuron_node_place){.depth = depth, .parent = neuron_no_process};
    made->sample.process_count += 1;
}

/* Adds one without a lease, whose runtime has a core, below another. */
static void
add_below(struct made *made, pid_t pid, uint32_t ancestor, uint32_t core)
{
    uint32_t position = made->sample.process_count;

    add_lease(made, pid, NEURON_NODE_NO_LEASE, "0");
    neuron_core_set_destroy(made->processes[position].cores);
    made->processes[position].cores = NULL;
    made->places[position].parent = ancestor;
    made->cores[position].core = core;
    made->runtimes[position].cores = &made->cores[position];
    made->runtimes[position].core_count = 1;
    made->processes[position].runtimes = &made->runtimes[position];
    made->processes[position].runtime_count = 1;
}

/* Sorts, and fails unless the processes are in this order, each below that pid; 0 for none. */
static void
check_order(struct made *made, const pid_t (*expected)[2])
{
    struct neuron_error error = {0};

    assert_ok(neuron_node_tree_sort(&made->sample, made->places, &error), &error);
    for (uint32_t i = 0; i < made->sample.process_count; i += 1) {
        uint32_t parent = made->processes[i].parent;

        assert_int_equal(made->processes[i].pid, expected[i][0]);
        if (parent == neuron_no_process) {
            assert_int_equal(0, expected[i][1]);
        } else {
            assert_true(parent < i); /* behind the one around it */
            assert_int_equal(made->processes[parent].pid, expected[i][1]);
        }
    }
}

static void
no_processes_are_in_order(void **state)
{
    static const pid_t none[1][2] = {{0, 0}};

    check_order(*state, none);
}

static void
processes_side_by_side_go_by_their_first_core_then_by_pid(void **state)
{
    const pid_t expected[][2] = {{12, 0}, {10, 0}, {14, 0}, {11, 0}};

    add_lease(*state, 10, 0, "2-3");
    add_lease(*state, 11, 0, "8");
    add_lease(*state, 12, 0, "0-1");
    add_lease(*state, 14, 0, "2-3");
    check_order(*state, expected);
}

static void
workers_stand_behind_the_reservation_around_them(void **state)
{
    const pid_t expected[][2] = {{30, 0}, {20, 0}, {23, 20}, {21, 20}, {22, 21}, {24, 20}};

    add_lease(*state, 24, 1, "7");
    add_lease(*state, 22, 2, "5");
    add_lease(*state, 23, 1, "4");
    add_lease(*state, 21, 1, "5-6");
    add_lease(*state, 20, 0, "4-7");
    add_lease(*state, 30, 0, "0-3");
    check_order(*state, expected);
}

static void
a_worker_whose_reservation_is_not_seen_stands_alone(void **state)
{
    const pid_t expected[][2] = {{20, 0}, {21, 0}, {22, 0}};

    add_lease(*state, 21, 1, "4");
    add_lease(*state, 22, 3, "5");
    add_lease(*state, 20, 0, "0-3");
    check_order(*state, expected);
}

static void
who_borrows_stands_behind_whom_it_was_found_below(void **state)
{
    const pid_t expected[][2] = {{9, 0}, {20, 0}, {5, 20}, {6, 20}};

    add_lease(*state, 20, 0, "4-7");
    add_below(*state, 6, 0, 5);
    add_below(*state, 5, 0, 4);
    add_lease(*state, 9, 0, "0");
    check_order(*state, expected);
}

static void
a_child_on_an_earlier_core_stands_behind_its_parent_still(void **state)
{
    const pid_t expected[][2] = {{20, 0}, {21, 20}, {5, 21}, {22, 20}};

    add_lease(*state, 20, 0, "4-7");
    add_lease(*state, 21, 1, "5");
    add_below(*state, 5, 1, 0);
    add_lease(*state, 22, 1, "6");
    check_order(*state, expected);
}

static void
circles_end_and_lose_nobody(void **state)
{
    struct made *made = *state;
    struct neuron_error error = {0};
    int sum = 0;

    add_below(made, 1, 1, 4);
    add_below(made, 2, 0, 4);
    add_below(made, 4, 2, 4); /* below itself */
    add_below(made, 8, 0, 4);
    assert_ok(neuron_node_tree_sort(&made->sample, made->places, &error), &error);
    for (uint32_t i = 0; i < 4; i += 1) {
        sum += made->processes[i].pid;
        assert_true(made->processes[i].parent < 4 ||
                    made->processes[i].parent == neuron_no_process);
    }
    assert_int_equal(sum, 15);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_processes_are_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(processes_side_by_side_go_by_their_first_core_then_by_pid,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(workers_stand_behind_the_reservation_around_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_worker_whose_reservation_is_not_seen_stands_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_borrows_stands_behind_whom_it_was_found_below, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_child_on_an_earlier_core_stands_behind_its_parent_still,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(circles_end_and_lose_nobody, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
