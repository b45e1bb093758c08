/* SPDX-License-Identifier: Apache-2.0 */
/* What the real machine allows, and binding to it: needs cores, not only descriptions of them. */
#include "neuron/topology.h"

#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "invented_machine.h"

struct machine {
    cpu_set_t mask; /* as the test found it */
    struct neuron_topology *topology;
};

static int
read_machine(void **state)
{
    static struct machine machine;

    if (sched_getaffinity(0, sizeof(machine.mask), &machine.mask) != 0) {
        return -1;
    }
    machine.topology = create_topology(NULL);
    *state = &machine;
    return 0;
}

static int
restore_machine(void **state)
{
    struct machine *machine = *state;

    neuron_topology_destroy(machine->topology);
    return sched_setaffinity(0, sizeof(machine->mask), &machine->mask);
}

/* A set of the allowed core at a position. The caller destroys it. */
static struct neuron_core_set *
allowed_core(const struct machine *machine, uint32_t position)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_error error = {0};
    uint32_t core = neuron_core_set_at(neuron_topology_allowed(machine->topology), position);

    assert_int_not_equal(core, NEURON_NO_CORE);
    assert_ok(neuron_core_set_create(core, 1, &cores, &error), &error);
    return cores;
}

static uint32_t
allowed_count(const struct machine *machine)
{
    return neuron_core_set_count(neuron_topology_allowed(machine->topology));
}

/* Skips a test that needs several cores. */
static void
need_cores(const struct machine *machine, uint32_t count)
{
    if (allowed_count(machine) < count) {
        print_message("needs %u allowed cores, has %u\n", count, allowed_count(machine));
        skip();
    }
}

static void
the_real_machine_is_not_an_invented_one(void **state)
{
    const struct machine *machine = *state;
    uint32_t cores = neuron_topology_core_count(machine->topology);

    assert_false(neuron_topology_is_invented(machine->topology));
    assert_in_range(cores, 1, NEURON_CORE_NUMBER_LIMIT);
    assert_in_range(neuron_topology_device_count(machine->topology), 1, cores);
    assert_in_range(allowed_count(machine), 1, cores);
    assert_in_range(neuron_topology_core_limit(machine->topology), 1, allowed_count(machine));
}

static void
every_allowed_core_runs_on_a_cpu_of_its_own_in_the_mask(void **state)
{
    const struct machine *machine = *state;
    cpu_set_t seen;

    CPU_ZERO(&seen);
    for (uint32_t i = 0; i < allowed_count(machine); i += 1) {
        uint32_t core = neuron_core_set_at(neuron_topology_allowed(machine->topology), i);
        uint32_t cpu = neuron_topology_cpu_of(machine->topology, core);

        assert_true(CPU_ISSET(cpu, &machine->mask));
        assert_false(CPU_ISSET(cpu, &seen));
        CPU_SET(cpu, &seen);
    }
}

static void
binding_leaves_the_thread_one_cpu_for_each_core(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *cores = allowed_core(machine, 0);
    struct neuron_error error = {0};
    uint32_t cpu = neuron_topology_cpu_of(machine->topology, neuron_core_set_at(cores, 0));
    cpu_set_t mask;

    assert_ok(neuron_topology_bind_thread(machine->topology, cores, &error), &error);
    assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
    assert_int_equal(CPU_COUNT(&mask), 1);
    assert_true(CPU_ISSET(cpu, &mask));
    assert_int_equal(sched_getcpu(), cpu);
    neuron_core_set_destroy(cores);
}

static void
binding_to_all_cores_leaves_one_cpu_for_each(void **state)
{
    const struct machine *machine = *state;
    struct neuron_error error = {0};
    cpu_set_t mask;

    need_cores(machine, 2);
    assert_ok(neuron_topology_bind_thread(machine->topology,
                                          neuron_topology_allowed(machine->topology), &error),
              &error);
    assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
    assert_int_equal(CPU_COUNT(&mask), allowed_count(machine));
}

static void *
read_own_mask(void *argument)
{
    return sched_getaffinity(0, sizeof(cpu_set_t), argument) == 0 ? argument : NULL;
}

static void
a_thread_started_after_binding_is_bound_too(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *cores = NULL;
    struct neuron_error error = {0};
    void *result = NULL;
    pthread_t thread;
    cpu_set_t mask;
    cpu_set_t own;

    need_cores(machine, 2);
    cores = allowed_core(machine, 0);
    assert_ok(neuron_topology_bind_thread(machine->topology, cores, &error), &error);
    assert_int_equal(pthread_create(&thread, NULL, read_own_mask, &mask), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_non_null(result);
    assert_int_equal(sched_getaffinity(0, sizeof(own), &own), 0);
    assert_true(CPU_EQUAL(&mask, &own));
    neuron_core_set_destroy(cores);
}

static void
the_affinity_mask_takes_cores_away_but_keeps_their_numbers(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *last = NULL;
    struct neuron_topology *narrow = NULL;
    struct neuron_error error = {0};

    need_cores(machine, 2);
    last = allowed_core(machine, allowed_count(machine) - 1);
    assert_ok(neuron_topology_bind_thread(machine->topology, last, &error), &error);
    assert_ok(neuron_topology_create(&narrow, &error), &error);
    assert_int_equal(neuron_topology_core_count(narrow),
                     neuron_topology_core_count(machine->topology));
    assert_true(neuron_core_set_equals(neuron_topology_allowed(narrow), last));
    assert_int_equal(neuron_topology_core_limit(narrow), 1);
    assert_int_equal(neuron_topology_cpu_of(narrow, neuron_core_set_at(last, 0)), sched_getcpu());
    neuron_topology_destroy(narrow);
    neuron_core_set_destroy(last);
}

static void
check_refuses_a_core_that_the_mask_took_away(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *first = NULL;
    struct neuron_core_set *last = NULL;
    struct neuron_topology *narrow = NULL;
    struct neuron_error error = {0};

    need_cores(machine, 2);
    first = allowed_core(machine, 0);
    last = allowed_core(machine, allowed_count(machine) - 1);
    assert_ok(neuron_topology_bind_thread(machine->topology, last, &error), &error);
    assert_ok(neuron_topology_create(&narrow, &error), &error);
    assert_ok(neuron_topology_check(narrow, last, "the test", &error), &error);
    assert_status(NEURON_NO_SUCH_CORE, neuron_topology_check(narrow, first, "the test", &error),
                  &error);
    assert_contains(error.text, "the test");
    neuron_topology_destroy(narrow);
    neuron_core_set_destroy(last);
    neuron_core_set_destroy(first);
}

static void
a_core_that_is_not_allowed_is_no_gap(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *outer = NULL;
    struct neuron_topology *narrow = NULL;
    struct neuron_error error = {0};

    need_cores(machine, 3);
    outer = allowed_core(machine, 0);
    assert_ok(neuron_core_set_add(
                  outer, neuron_core_set_at(neuron_topology_allowed(machine->topology), 2), &error),
              &error);
    assert_false(neuron_topology_is_contiguous(machine->topology, outer));
    assert_ok(neuron_topology_bind_thread(machine->topology, outer, &error), &error);
    assert_ok(neuron_topology_create(&narrow, &error), &error);
    assert_true(neuron_topology_is_contiguous(narrow, outer));
    neuron_topology_destroy(narrow);
    neuron_core_set_destroy(outer);
}

static void
a_topology_does_not_change_when_the_mask_does(void **state)
{
    const struct machine *machine = *state;
    struct neuron_core_set *first = allowed_core(machine, 0);
    struct neuron_error error = {0};
    uint32_t before = allowed_count(machine);

    assert_ok(neuron_topology_bind_thread(machine->topology, first, &error), &error);
    assert_int_equal(allowed_count(machine), before);
    neuron_core_set_destroy(first);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_real_machine_is_not_an_invented_one, read_machine,
                                        restore_machine),
        cmocka_unit_test_setup_teardown(every_allowed_core_runs_on_a_cpu_of_its_own_in_the_mask,
                                        read_machine, restore_machine),
        cmocka_unit_test_setup_teardown(binding_leaves_the_thread_one_cpu_for_each_core,
                                        read_machine, restore_machine),
        cmocka_unit_test_setup_teardown(binding_to_all_cores_leaves_one_cpu_for_each, read_machine,
                                        restore_machine),
        cmocka_unit_test_setup_teardown(a_thread_started_after_binding_is_bound_too, read_machine,
                                        restore_machine),
        cmocka_unit_test_setup_teardown(the_affinity_mask_takes_cores_away_but_keeps_their_numbers,
                                        read_machine, restore_machine),
        cmocka_unit_test_setup_teardown(check_refuses_a_core_that_the_mask_took_away, read_machine,
                                        restore_machine),
        cmocka_unit_test_setup_teardown(a_core_that_is_not_allowed_is_no_gap, read_machine,
                                        restore_machine),
        cmocka_unit_test_setup_teardown(a_topology_does_not_change_when_the_mask_does, read_machine,
                                        restore_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
