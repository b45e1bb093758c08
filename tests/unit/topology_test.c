/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/topology.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"
#include "test_folder.h"

static const char two_devices[] = "numa:2 core:4 pu:2";

/* Checks a set that is given as text. */
static enum neuron_status
check_cores_of(const struct neuron_topology *topology, const char *text, struct neuron_error *error)
{
    struct neuron_core_set *cores = cores_of(text);
    enum neuron_status status =
        neuron_topology_check(topology, cores, "NEURON_RT_VISIBLE_CORES", error);

    neuron_core_set_destroy(cores);
    return status;
}

static bool
is_contiguous(const struct neuron_topology *topology, const char *text)
{
    struct neuron_core_set *cores = cores_of(text);
    bool answer = neuron_topology_is_contiguous(topology, cores);

    neuron_core_set_destroy(cores);
    return answer;
}

static void
an_invented_machine_has_the_cores_it_was_given(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);

    (void)state;
    assert_true(neuron_topology_is_invented(topology));
    assert_int_equal(neuron_topology_core_count(topology), 8);
    assert_int_equal(neuron_topology_device_count(topology), 2);
    neuron_topology_destroy(topology);
}

static void
all_cores_of_an_invented_machine_are_allowed(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);

    (void)state;
    assert_cores(neuron_topology_allowed(topology), "0-7");
    assert_int_equal(neuron_topology_core_limit(topology), 8);
    neuron_topology_destroy(topology);
}

static void
a_device_is_the_cores_of_one_memory(void **state)
{
    struct neuron_topology *topology = create_topology("numa:4 core:3 pu:1");

    (void)state;
    for (uint32_t core = 0; core < 12; core += 1) {
        assert_int_equal(neuron_topology_device_of(topology, core), core / 3);
    }
    neuron_topology_destroy(topology);
}

static void
packages_that_share_one_memory_are_one_device(void **state)
{
    struct neuron_topology *topology = create_topology("pack:2 core:4 pu:1");

    (void)state;
    assert_int_equal(neuron_topology_core_count(topology), 8);
    assert_int_equal(neuron_topology_device_count(topology), 1);
    assert_int_equal(neuron_topology_device_of(topology, 7), 0);
    neuron_topology_destroy(topology);
}

static void
a_core_runs_on_its_first_hardware_thread(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);

    (void)state;
    for (uint32_t core = 0; core < 8; core += 1) {
        assert_int_equal(neuron_topology_cpu_of(topology, core), 2 * core);
    }
    neuron_topology_destroy(topology);
}

static void
cpu_numbers_are_the_operating_systems(void **state)
{
    struct neuron_topology *topology = create_topology("core:4 pu:2(indexes=0,4,1,5,2,6,3,7)");

    (void)state;
    for (uint32_t core = 0; core < 4; core += 1) {
        assert_int_equal(neuron_topology_cpu_of(topology, core), core);
    }
    neuron_topology_destroy(topology);
}

static void
a_machine_of_a_thousand_cores_is_read(void **state)
{
    struct neuron_topology *topology = create_topology("numa:8 core:128 pu:2");

    (void)state;
    assert_int_equal(neuron_topology_core_count(topology), 1024);
    assert_int_equal(neuron_topology_device_count(topology), 8);
    assert_cores(neuron_topology_allowed(topology), "0-1023");
    assert_int_equal(neuron_topology_device_of(topology, 1023), 7);
    neuron_topology_destroy(topology);
}

static void
a_machine_of_one_core_is_read(void **state)
{
    struct neuron_topology *topology = create_topology("core:1 pu:1");

    (void)state;
    assert_int_equal(neuron_topology_core_count(topology), 1);
    assert_int_equal(neuron_topology_device_count(topology), 1);
    assert_int_equal(neuron_topology_core_limit(topology), 1);
    neuron_topology_destroy(topology);
}

/* Expects the machine that the environment names to be refused. */
static void
check_unreadable(void)
{
    struct neuron_topology *topology = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_SYSTEM, neuron_topology_create(&topology, &error), &error);
    assert_null(topology);
    assert_true(strlen(error.text) > 0);
    assert_status(NEURON_SYSTEM, neuron_topology_create(&topology, NULL), NULL);
}

static void
a_description_that_does_not_parse_is_refused(void **state)
{
    (void)state;
    invent_machine("core:many pu:2");
    check_unreadable();
    invent_machine(NULL);
}

static void
a_machine_file_that_is_absent_is_refused(void **state)
{
    (void)state;
    invent_machine(NULL);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread runs */
    assert_int_equal(setenv("HWLOC_XMLFILE", "/nonexistent/machine.xml", 1), 0);
    check_unreadable();
    invent_machine(NULL);
}

static void
a_machine_file_that_is_garbage_is_refused(void **state)
{
    struct test_folder folder = {0};
    char path[TEST_PATH_BYTES];
    FILE *file = NULL;
    struct neuron_topology *topology = NULL;
    struct neuron_error error = {0};
    enum neuron_status status = NEURON_OK;

    (void)state;
    invent_machine(NULL);
    test_folder_create(&folder);
    file = fopen(test_folder_path(&folder, "machine.xml", path), "w");
    assert_non_null(file);
    assert_true(fputs("<?xml version=\"1.0\"?>\n<topology version=\"2.0\"><obj", file) >= 0);
    assert_int_equal(fclose(file), 0);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread runs */
    assert_int_equal(setenv("HWLOC_XMLFILE", path, 1), 0);
    status = neuron_topology_create(&topology, &error);
    invent_machine(NULL);
    test_folder_destroy(&folder);
    neuron_topology_destroy(topology);
    assert_status(NEURON_SYSTEM, status, &error);
}

static void
contiguous_cores_follow_each_other(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);
    struct neuron_core_set *empty = NULL;

    (void)state;
    assert_ok(neuron_core_set_create(0, 0, &empty, NULL), NULL);
    assert_true(neuron_topology_is_contiguous(topology, empty));
    assert_true(is_contiguous(topology, "5"));
    assert_true(is_contiguous(topology, "0-7"));
    assert_true(is_contiguous(topology, "3-4")); /* over two devices */
    neuron_core_set_destroy(empty);
    neuron_topology_destroy(topology);
}

static void
cores_with_a_gap_are_not_contiguous(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);

    (void)state;
    assert_false(is_contiguous(topology, "0,2"));
    assert_false(is_contiguous(topology, "3,5-6"));
    assert_false(is_contiguous(topology, "0,7"));
    neuron_topology_destroy(topology);
}

static void
check_accepts_cores_that_are_there(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);
    struct neuron_error error = {0};

    (void)state;
    assert_ok(check_cores_of(topology, "0", &error), &error);
    assert_ok(check_cores_of(topology, "0-7", &error), &error);
    assert_ok(check_cores_of(topology, "1,3,5", &error), &error);
    neuron_topology_destroy(topology);
}

static void
check_names_who_asked_the_cores_and_what_is_allowed(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_NO_SUCH_CORE, check_cores_of(topology, "6-8", &error), &error);
    assert_contains(error.text, "NEURON_RT_VISIBLE_CORES");
    assert_contains(error.text, "8");
    assert_contains(error.text, "0-7");
    assert_status(NEURON_NO_SUCH_CORE, check_cores_of(topology, "0,9", &error), &error);
    assert_contains(error.text, "9");
    assert_status(NEURON_NO_SUCH_CORE, check_cores_of(topology, "65535", NULL), NULL);
    neuron_topology_destroy(topology);
}

static void
binding_to_an_invented_machine_does_nothing(void **state)
{
    struct neuron_topology *topology = create_topology(two_devices);
    struct neuron_core_set *cores = cores_of("7");
    struct neuron_error error = {0};
    cpu_set_t before;
    cpu_set_t after;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    assert_ok(neuron_topology_bind_thread(topology, cores, &error), &error);
    assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
    neuron_core_set_destroy(cores);
    neuron_topology_destroy(topology);
}

/* The first CPU of a mask alone. */
static cpu_set_t
first_cpu_of(const cpu_set_t *mask)
{
    cpu_set_t first;
    size_t cpu = 0;

    while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, mask)) {
        cpu += 1;
    }
    CPU_ZERO(&first);
    CPU_SET(cpu, &first);
    return first;
}

static void
an_invented_machine_ignores_the_affinity_mask(void **state)
{
    struct neuron_topology *topology = NULL;
    cpu_set_t before;
    cpu_set_t one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    one = first_cpu_of(&before);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    topology = create_topology(two_devices);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
    assert_cores(neuron_topology_allowed(topology), "0-7");
    neuron_topology_destroy(topology);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_topology_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invented_machine_has_the_cores_it_was_given),
        cmocka_unit_test(all_cores_of_an_invented_machine_are_allowed),
        cmocka_unit_test(a_device_is_the_cores_of_one_memory),
        cmocka_unit_test(packages_that_share_one_memory_are_one_device),
        cmocka_unit_test(a_core_runs_on_its_first_hardware_thread),
        cmocka_unit_test(cpu_numbers_are_the_operating_systems),
        cmocka_unit_test(a_machine_of_a_thousand_cores_is_read),
        cmocka_unit_test(a_machine_of_one_core_is_read),
        cmocka_unit_test(a_description_that_does_not_parse_is_refused),
        cmocka_unit_test(a_machine_file_that_is_absent_is_refused),
        cmocka_unit_test(a_machine_file_that_is_garbage_is_refused),
        cmocka_unit_test(contiguous_cores_follow_each_other),
        cmocka_unit_test(cores_with_a_gap_are_not_contiguous),
        cmocka_unit_test(check_accepts_cores_that_are_there),
        cmocka_unit_test(check_names_who_asked_the_cores_and_what_is_allowed),
        cmocka_unit_test(binding_to_an_invented_machine_does_nothing),
        cmocka_unit_test(an_invented_machine_ignores_the_affinity_mask),
        cmocka_unit_test(destroy_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
