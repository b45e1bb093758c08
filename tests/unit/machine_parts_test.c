/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/machine_parts.h"

#include "check.h"
#include "invented_machine.h"

/* A machine and its parts. */
struct bench {
    struct neuron_topology *topology;
    struct neuron_machine_parts *parts;
};

static void
open_bench(struct bench *bench, const char *synthetic)
{
    struct neuron_error error = {0};

    *bench = (struct bench){.topology = create_topology(synthetic)};
    assert_ok(neuron_machine_parts_create(bench->topology, &bench->parts, &error), &error);
}

static void
close_bench(struct bench *bench)
{
    neuron_machine_parts_destroy(bench->parts);
    neuron_topology_destroy(bench->topology);
}

static void
cores_lie_in_packages_and_caches(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, "pack:2 numa:1 l3:3 core:2 pu:2");
    assert_int_equal(neuron_machine_parts_package_count(bench.parts), 2);
    assert_int_equal(neuron_machine_parts_l3_count(bench.parts), 6);
    assert_true(neuron_machine_parts_has_l3(bench.parts));
    for (uint32_t core = 0; core < 12; core += 1) {
        assert_int_equal(neuron_machine_parts_package_of(bench.parts, core), core / 6);
        assert_int_equal(neuron_machine_parts_l3_of(bench.parts, core), core / 2);
    }
    close_bench(&bench);
}

static void
devices_stand_for_caches_where_there_are_none(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, "numa:2 core:3 pu:1");
    assert_int_equal(neuron_machine_parts_package_count(bench.parts), 1);
    assert_int_equal(neuron_machine_parts_l3_count(bench.parts), 2);
    assert_false(neuron_machine_parts_has_l3(bench.parts));
    assert_int_equal(neuron_machine_parts_package_of(bench.parts, 5), 0);
    assert_int_equal(neuron_machine_parts_l3_of(bench.parts, 2), 0);
    assert_int_equal(neuron_machine_parts_l3_of(bench.parts, 3), 1);
    close_bench(&bench);
}

/* Caches whose CPUs are numbered in turn do not change the numbers of cores. */
static void
caches_do_not_renumber_cores(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, "l3:2 core:2 pu:1(indexes=0,2,1,3)");
    for (uint32_t core = 0; core < 4; core += 1) {
        uint32_t cpu = neuron_topology_cpu_of(bench.topology, core);

        assert_int_equal(neuron_machine_parts_l3_of(bench.parts, core), cpu % 2);
    }
    close_bench(&bench);
}

static void
threads_of_a_core_are_listed(void **state)
{
    struct neuron_topology *topology = create_topology("numa:2 core:2 pu:4");

    (void)state;
    assert_int_equal(neuron_topology_thread_limit(topology), 16);
    for (uint32_t core = 0; core < 4; core += 1) {
        assert_int_equal(neuron_topology_thread_count(topology, core), 4);
        assert_int_equal(neuron_topology_thread_cpu(topology, core, 0),
                         neuron_topology_cpu_of(topology, core));
        assert_int_equal(neuron_topology_thread_cpu(topology, core, 3), core * 4 + 3);
    }
    neuron_topology_destroy(topology);
}

static void
a_device_has_the_number_of_its_memory_node(void **state)
{
    struct neuron_topology *topology = create_topology("numa:3(indexes=0,2,4) core:2 pu:1");

    (void)state;
    assert_int_equal(neuron_topology_node_of(topology, 0), 0);
    assert_int_equal(neuron_topology_node_of(topology, 1), 2);
    assert_int_equal(neuron_topology_node_of(topology, 2), 4);
    neuron_topology_destroy(topology);
}

static void
the_real_machine_has_parts(void **state)
{
    struct bench bench;
    uint32_t core = 0;

    (void)state;
    open_bench(&bench, NULL);
    core = neuron_core_set_at(neuron_topology_allowed(bench.topology), 0);
    assert_true(neuron_machine_parts_package_of(bench.parts, core) <
                neuron_machine_parts_package_count(bench.parts));
    assert_true(neuron_topology_thread_count(bench.topology, core) > 0);
    assert_true(neuron_topology_thread_limit(bench.topology) >=
                neuron_topology_core_limit(bench.topology));
    close_bench(&bench);
    neuron_machine_parts_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores_lie_in_packages_and_caches),
        cmocka_unit_test(devices_stand_for_caches_where_there_are_none),
        cmocka_unit_test(caches_do_not_renumber_cores),
        cmocka_unit_test(threads_of_a_core_are_listed),
        cmocka_unit_test(a_device_has_the_number_of_its_memory_node),
        cmocka_unit_test(the_real_machine_has_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
