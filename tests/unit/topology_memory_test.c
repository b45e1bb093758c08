/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory a device has. */
#include "neuron/topology.h"

#include "cores/memory_limit.h"

#include "check.h"
#include "invented_machine.h"

static void
each_device_has_the_memory_of_its_node(void **state)
{
    struct neuron_topology *topology =
        create_topology("pack:2 [numa(memory=3221225472)] core:2 pu:1");

    (void)state;
    assert_int_equal(neuron_topology_device_count(topology), 2);
    assert_int_equal(neuron_topology_device_memory(topology, 0), UINT64_C(3) << 30);
    assert_int_equal(neuron_topology_device_memory(topology, 1), UINT64_C(3) << 30);
    neuron_topology_destroy(topology);
}

static void
a_machine_that_says_nothing_of_memory_has_some(void **state)
{
    struct neuron_topology *topology = create_topology("numa:2 core:2 pu:1");

    (void)state;
    assert_true(neuron_topology_device_memory(topology, 0) > 0);
    assert_true(neuron_topology_device_memory(topology, 0) < UINT64_MAX);
    neuron_topology_destroy(topology);
}

static void
a_node_without_memory_counts_as_all_of_the_machine(void **state)
{
    struct neuron_topology *topology =
        create_topology("[numa(memory=1073741824)] pack:2 [numa(memory=0)] core:1 pu:1");
    uint32_t count = neuron_topology_device_count(topology);

    (void)state;
    assert_int_equal(count, 3);
    for (uint32_t i = 0; i < count; i += 1) {
        assert_int_equal(neuron_topology_device_memory(topology, i), UINT64_C(1) << 30);
    }
    neuron_topology_destroy(topology);
}

static void
a_machine_without_any_memory_has_no_limit(void **state)
{
    struct neuron_topology *topology = create_topology("[numa(memory=0)] core:2 pu:1");

    (void)state;
    assert_true(neuron_topology_device_memory(topology, 0) == UINT64_MAX);
    neuron_topology_destroy(topology);
}

static void
the_real_machine_has_no_more_than_its_control_groups_allow(void **state)
{
    struct neuron_topology *topology = create_topology(NULL);

    (void)state;
    for (uint32_t i = 0; i < neuron_topology_device_count(topology); i += 1) {
        assert_true(neuron_topology_device_memory(topology, i) > 0);
        assert_true(neuron_topology_device_memory(topology, i) <= neuron_memory_limit_read(""));
    }
    neuron_topology_destroy(topology);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_device_has_the_memory_of_its_node),
        cmocka_unit_test(a_machine_that_says_nothing_of_memory_has_some),
        cmocka_unit_test(a_node_without_memory_counts_as_all_of_the_machine),
        cmocka_unit_test(a_machine_without_any_memory_has_no_limit),
        cmocka_unit_test(the_real_machine_has_no_more_than_its_control_groups_allow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
