/* SPDX-License-Identifier: Apache-2.0 */
/* As many ranks on each device. */
#include "check.h"

#include <stdbool.h>

#include "neuron/core_set.h"

#include "placement.h"

enum { CORE_LIMIT = 2048 };

/* A row of devices, as large as one says. */
struct machine {
    uint32_t devices[CORE_LIMIT];
    struct neuron_placement_request request;
};

static void
add_device(struct machine *machine, uint32_t device, uint32_t core_count)
{
    for (uint32_t i = 0; i < core_count; i += 1) {
        machine->devices[machine->request.core_count] = device;
        machine->request.core_count += 1;
    }
    machine->request.devices = machine->devices;
    machine->request.core_limit = machine->request.core_count;
}

static struct machine
machine_of(uint32_t device_count, uint32_t cores_per_device, uint32_t ranks_per_device)
{
    struct machine machine = {.request.ranks_per_device = ranks_per_device};

    for (uint32_t i = 0; i < device_count; i += 1) {
        add_device(&machine, i, cores_per_device);
    }
    return machine;
}

static struct neuron_placement *
place(struct machine *machine)
{
    struct neuron_placement *placement = NULL;
    struct neuron_error error = {0};

    machine->request.devices = machine->devices;
    assert_ok(neuron_placement_create(&machine->request, &placement, &error), &error);
    return placement;
}

/* Fails unless the ranks have exactly these ranges: firsts and counts in turn. */
static void
check_ranges(struct machine *machine, const uint32_t *expected, uint32_t rank_count)
{
    struct neuron_placement *placement = place(machine);

    assert_int_equal(placement->rank_count, rank_count);
    assert_int_equal(placement->straddled_count, 0);
    for (uint32_t i = 0; i < rank_count; i += 1) {
        assert_int_equal(placement->ranges[i].first, expected[(size_t)2 * i]);
        assert_int_equal(placement->ranges[i].count, expected[(size_t)2 * i + 1]);
    }
    neuron_placement_destroy(placement);
}

static void
check_refused(struct machine *machine, const char *part)
{
    struct neuron_placement *placement = NULL;
    struct neuron_error error = {0};

    machine->request.devices = machine->devices;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_placement_create(&machine->request, &placement, &error), &error);
    assert_contains(error.text, part);
    assert_null(placement);
}

static void
each_device_is_cut_evenly(void **state)
{
    struct machine machine = machine_of(2, 4, 2);

    (void)state;
    check_ranges(&machine, (const uint32_t[]){0, 2, 2, 2, 4, 2, 6, 2}, 4);
    machine.request.ranks_per_device = 1;
    check_ranges(&machine, (const uint32_t[]){0, 4, 4, 4}, 2);
    machine = machine_of(1, 3, 3);
    check_ranges(&machine, (const uint32_t[]){0, 1, 1, 1, 2, 1}, 3);
}

static void
a_large_machine_is_cut_on_every_device(void **state)
{
    struct machine machine = machine_of(8, 128, 4);
    struct neuron_placement *placement = place(&machine);

    (void)state;
    assert_int_equal(placement->rank_count, 32);
    assert_int_equal(placement->core_count, 1024);
    assert_int_equal(placement->ranges[31].first, 992);
    assert_int_equal(placement->ranges[31].count, 32);
    assert_false(placement->is_shared);
    neuron_placement_destroy(placement);
}

static void
devices_of_unequal_size_have_ranks_of_unequal_size(void **state)
{
    struct machine machine = {.request.ranks_per_device = 2};

    (void)state;
    add_device(&machine, 1, 2);
    add_device(&machine, 2, 4);
    add_device(&machine, 5, 6);
    check_ranges(&machine, (const uint32_t[]){0, 1, 1, 1, 2, 2, 4, 2, 6, 3, 9, 3}, 6);
}

static void
a_count_that_does_not_divide_names_those_that_do(void **state)
{
    struct machine machine = machine_of(2, 6, 4);

    (void)state;
    check_refused(&machine, "--procs-per-device 4: device 0 has 6 usable cores: give 1, 2, 3 or 6, "
                            "or --uneven");
    machine = (struct machine){.request.ranks_per_device = 3};
    add_device(&machine, 0, 6);
    add_device(&machine, 3, 4);
    check_refused(&machine, "device 3 has 4 usable cores: give 1 or 2, or --uneven");
}

static void
an_uneven_cut_gives_the_first_ranks_of_each_device_more(void **state)
{
    struct machine machine = machine_of(2, 5, 3);

    (void)state;
    machine.request.is_uneven = true;
    check_ranges(&machine, (const uint32_t[]){0, 2, 2, 2, 4, 1, 5, 2, 7, 2, 9, 1}, 6);
}

static void
ranks_of_a_given_size_leave_cores_over_on_each_device(void **state)
{
    struct machine machine = machine_of(2, 5, 2);

    (void)state;
    machine.request.cores_per_rank = 2;
    check_ranges(&machine, (const uint32_t[]){0, 2, 2, 2, 5, 2, 7, 2}, 4);
    machine.request.cores_per_rank = 3;
    check_refused(&machine, "device 0 has 5 usable cores, too few for 2 ranks of 3 cores");
    machine.request.is_uneven = true;
    check_refused(&machine, "too few for 2 ranks of 3 cores");
    machine.request.cores_per_rank = 65536;
    check_refused(&machine, "too few");
}

static void
more_ranks_than_a_device_has_cores_are_refused(void **state)
{
    struct machine machine = {.request.ranks_per_device = 2};

    (void)state;
    add_device(&machine, 0, 4);
    add_device(&machine, 1, 1);
    check_refused(&machine, "device 1 has 1 usable core, too few for 2 ranks of 1 core");
    check_refused(&machine, "--oversubscribe");
    machine.request.is_uneven = true;
    check_refused(&machine, "device 1 has 1 usable core, too few");
}

static void
ranks_that_share_stay_on_their_device(void **state)
{
    struct machine machine = machine_of(2, 2, 3);
    struct neuron_placement *placement = NULL;

    (void)state;
    machine.request.oversubscribes = true;
    check_ranges(&machine, (const uint32_t[]){0, 1, 1, 1, 0, 1, 2, 1, 3, 1, 2, 1}, 6);
    placement = place(&machine);
    assert_true(placement->is_shared);
    assert_int_equal(placement->core_count, 4);
    neuron_placement_destroy(placement);
    machine.request.cores_per_rank = 3;
    check_refused(&machine, "too few for 3 ranks of 3 cores");
}

static void
a_number_of_ranks_that_agrees_is_accepted(void **state)
{
    struct machine machine = machine_of(3, 4, 2);

    (void)state;
    machine.request.rank_count = 6;
    check_ranges(&machine, (const uint32_t[]){0, 2, 2, 2, 4, 2, 6, 2, 8, 2, 10, 2}, 6);
}

static void
a_number_of_ranks_that_does_not_agree_is_refused(void **state)
{
    struct machine machine = machine_of(3, 4, 2);

    (void)state;
    machine.request.rank_count = 5;
    check_refused(&machine, "-np 5 and --procs-per-device 2 do not agree: 3 devices would have 6 "
                            "ranks");
    machine = machine_of(1, 4, 1);
    machine.request.rank_count = 2;
    check_refused(&machine, "1 device would have 1 rank;");
}

static void
a_quota_is_shared_out_among_the_devices(void **state)
{
    struct machine machine = machine_of(2, 4, 2);

    (void)state;
    machine.request.core_limit = 4;
    check_ranges(&machine, (const uint32_t[]){0, 1, 1, 1, 4, 1, 5, 1}, 4);
    machine.request.ranks_per_device = 1;
    machine.request.core_limit = 5;
    check_ranges(&machine, (const uint32_t[]){0, 3, 4, 2}, 2);
    machine.request.core_limit = 2;
    check_ranges(&machine, (const uint32_t[]){0, 1, 4, 1}, 2);
    machine = (struct machine){.request.ranks_per_device = 1};
    add_device(&machine, 0, 1);
    add_device(&machine, 1, 4);
    add_device(&machine, 2, 4);
    machine.request.core_limit = 6;
    check_ranges(&machine, (const uint32_t[]){0, 1, 1, 3, 5, 2}, 3);
}

static void
a_quota_that_leaves_a_device_nothing_is_refused(void **state)
{
    struct machine machine = machine_of(4, 4, 1);

    (void)state;
    machine.request.core_limit = 3;
    check_refused(&machine, "4 devices have usable cores, but only 3 cores may be used at once");
    machine.request.core_limit = 4;
    machine.request.ranks_per_device = 2;
    check_refused(&machine, "device 0 has 4 usable cores, and its share of the 4 that may be used "
                            "at once is 1, too few for 2 ranks");
    machine.request.core_limit = 12;
    check_refused(&machine, "device 0 has 4 usable cores, and its share of the 12 that may be used "
                            "at once is 3: give 1 or 3, or --uneven");
}

static void
more_ranks_than_a_job_may_have_are_refused(void **state)
{
    struct machine machine = machine_of(2, 1, NEURON_CORE_NUMBER_LIMIT);

    (void)state;
    machine.request.oversubscribes = true;
    check_refused(&machine, "makes 131072 ranks; no job has more than 65536");
}

/* Fails unless each rank has cores of one device only, and no core belongs to two ranks. */
static void
check_disjoint_on_devices(const struct machine *machine, const struct neuron_placement *placement)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < placement->rank_count; i += 1) {
        const struct neuron_placement_range *range = &placement->ranges[i];

        assert_true(range->first >= next && range->count > 0);
        next = range->first + range->count;
        assert_true(next <= machine->request.core_count);
        assert_int_equal(machine->devices[range->first], machine->devices[next - 1]);
    }
}

static void
no_range_straddles_devices_whatever_the_numbers(void **state)
{
    (void)state;
    for (uint32_t ranks = 1; ranks <= 5; ranks += 1) {
        for (uint32_t limit = 3 * ranks; limit <= 26; limit += 1) {
            struct machine machine = {.request = {.ranks_per_device = ranks, .is_uneven = true}};

            add_device(&machine, 0, 5);
            add_device(&machine, 1, 13);
            add_device(&machine, 2, 8);
            machine.request.core_limit = limit;
            struct neuron_placement *placement = place(&machine);
            assert_int_equal(placement->rank_count, 3 * ranks);
            assert_int_equal(placement->core_count, limit);
            check_disjoint_on_devices(&machine, placement);
            neuron_placement_destroy(placement);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_device_is_cut_evenly),
        cmocka_unit_test(a_large_machine_is_cut_on_every_device),
        cmocka_unit_test(devices_of_unequal_size_have_ranks_of_unequal_size),
        cmocka_unit_test(a_count_that_does_not_divide_names_those_that_do),
        cmocka_unit_test(an_uneven_cut_gives_the_first_ranks_of_each_device_more),
        cmocka_unit_test(ranks_of_a_given_size_leave_cores_over_on_each_device),
        cmocka_unit_test(more_ranks_than_a_device_has_cores_are_refused),
        cmocka_unit_test(ranks_that_share_stay_on_their_device),
        cmocka_unit_test(a_number_of_ranks_that_agrees_is_accepted),
        cmocka_unit_test(a_number_of_ranks_that_does_not_agree_is_refused),
        cmocka_unit_test(a_quota_is_shared_out_among_the_devices),
        cmocka_unit_test(a_quota_that_leaves_a_device_nothing_is_refused),
        cmocka_unit_test(more_ranks_than_a_job_may_have_are_refused),
        cmocka_unit_test(no_range_straddles_devices_whatever_the_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
