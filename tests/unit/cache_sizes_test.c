/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/cache_sizes.h"

#include "check.h"
#include "invented_machine.h"

enum { CORE_LIMIT = 1024 };

static void
each_core_has_the_caches_that_it_lies_in(void **state)
{
    struct neuron_topology *topology =
        create_topology("l3:2(size=33554432) l2:2(size=1048576) l1d:1(size=49152) core:2 pu:2");
    struct neuron_cache_sizes sizes[8] = {{0}};
    struct neuron_error error = {0};

    (void)state;
    assert_int_equal(neuron_topology_core_count(topology), 8);
    assert_ok(neuron_cache_sizes_read(topology, sizes, &error), &error);
    for (uint32_t core = 0; core < 8; core += 1) {
        assert_int_equal(sizes[core].l1_bytes, 48 * 1024);
        assert_int_equal(sizes[core].l2_bytes, 1024 * 1024);
        assert_int_equal(sizes[core].l3_bytes, 32 * 1024 * 1024);
    }
    neuron_topology_destroy(topology);
}

static void
caches_that_are_not_reported_have_no_size(void **state)
{
    struct neuron_topology *topology = create_topology("numa:2 core:2 pu:1");
    struct neuron_cache_sizes sizes[4] = {{7, 7, 7}};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_cache_sizes_read(topology, sizes, &error), &error);
    assert_int_equal(sizes[0].l1_bytes, 0);
    assert_int_equal(sizes[0].l2_bytes, 0);
    assert_int_equal(sizes[0].l3_bytes, 0);
    neuron_topology_destroy(topology);
}

static void
the_real_machine_can_be_read(void **state)
{
    static struct neuron_cache_sizes sizes[CORE_LIMIT];
    struct neuron_topology *topology = create_topology(NULL);
    struct neuron_error error = {0};

    (void)state;
    assert_true(neuron_topology_core_count(topology) <= CORE_LIMIT);
    assert_ok(neuron_cache_sizes_read(topology, sizes, &error), &error);
    assert_int_not_equal(neuron_topology_core_cpu(topology, 0, 0), NEURON_NO_CPU);
    neuron_topology_destroy(topology);
}

static void
all_cpus_of_a_core_are_listed(void **state)
{
    struct neuron_topology *topology = create_topology("core:2 pu:2(indexes=0,2,1,3)");

    (void)state;
    assert_int_equal(neuron_topology_core_cpu(topology, 1, 0), 1);
    assert_int_equal(neuron_topology_core_cpu(topology, 1, 1), 3);
    assert_int_equal(neuron_topology_core_cpu(topology, 1, 2), NEURON_NO_CPU);
    neuron_topology_destroy(topology);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_core_has_the_caches_that_it_lies_in),
        cmocka_unit_test(caches_that_are_not_reported_have_no_size),
        cmocka_unit_test(the_real_machine_can_be_read),
        cmocka_unit_test(all_cpus_of_a_core_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
