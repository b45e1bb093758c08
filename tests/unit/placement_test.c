/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "placement.h"

enum { CORE_LIMIT = 1024 };

/* A machine of devices that are equally large. */
struct machine {
    uint32_t devices[CORE_LIMIT];
    struct neuron_placement_request request;
};

static void
make_machine(struct machine *machine, uint32_t device_count, uint32_t cores_per_device)
{
    uint32_t count = device_count * cores_per_device;

    for (uint32_t i = 0; i < count; i += 1) {
        machine->devices[i] = i / cores_per_device;
    }
    machine->request = (struct neuron_placement_request){
        .devices = machine->devices, .core_count = count, .core_limit = count};
}

static struct neuron_placement *
place(const struct machine *machine)
{
    struct neuron_placement *placement = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_placement_create(&machine->request, &placement, &error), &error);
    return placement;
}

static void
check_refused(const struct machine *machine, const char *part)
{
    struct neuron_placement *placement = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_placement_create(&machine->request, &placement, &error), &error);
    assert_contains(error.text, part);
    assert_null(placement);
}

/* Fails unless ranges ascend, are disjoint and lie in the row. */
static void
check_disjoint(const struct machine *machine, const struct neuron_placement *placement)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < placement->rank_count; i += 1) {
        assert_true(placement->ranges[i].first >= next);
        assert_true(placement->ranges[i].count > 0);
        next = placement->ranges[i].first + placement->ranges[i].count;
    }
    assert_true(next <= machine->request.core_count);
}

static void
by_default_each_core_has_a_rank(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 4, 4);
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->rank_count, 16);
    assert_int_equal(placement->core_count, 16);
    assert_int_equal(placement->straddled_count, 0);
    check_disjoint(&machine, placement);
    neuron_placement_destroy(placement);
}

static void
an_even_cut_uses_every_core(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 8, 128);
    machine.request.rank_count = 16;
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->ranges[15].first, 960);
    assert_int_equal(placement->ranges[15].count, 64);
    assert_int_equal(placement->straddled_count, 0);
    check_disjoint(&machine, placement);
    neuron_placement_destroy(placement);
}

static void
cores_are_left_over_rather_than_a_border_crossed(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 4, 4);
    machine.request.cores_per_rank = 3;
    machine.request.rank_count = 4;
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->straddled_count, 0);
    for (uint32_t i = 0; i < 4; i += 1) {
        assert_int_equal(placement->ranges[i].first, 4 * i);
    }
    neuron_placement_destroy(placement);
}

static void
ranks_larger_than_devices_start_at_one(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 4, 4);
    machine.request.cores_per_rank = 6;
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->rank_count, 2);
    assert_int_equal(placement->ranges[0].first, 0);
    assert_int_equal(placement->straddled_count, 2);
    check_disjoint(&machine, placement);
    neuron_placement_destroy(placement);
}

/* The fewest borders that any layout of equal ranges crosses, by trying them all. */
static uint32_t
try_all(const struct neuron_placement_request *request, uint32_t rank, uint32_t first)
{
    uint32_t size = request->cores_per_rank;
    uint32_t best = UINT32_MAX / 2;

    if (rank == request->rank_count) {
        return 0;
    }
    for (uint32_t i = first; i + size <= request->core_count; i += 1) {
        uint32_t crossed = 0;

        for (uint32_t j = i + 1; j < i + size; j += 1) {
            crossed += request->devices[j] == request->devices[j - 1] ? 0 : 1;
        }
        uint32_t all = crossed + try_all(request, rank + 1, i + size);
        best = all < best ? all : best;
    }
    return best;
}

/* Compares all ranges of one size with what trying finds, on a machine of uneven devices. */
static void
check_fewest(const uint32_t *sizes, uint32_t size_count)
{
    struct machine machine = {0};

    machine.request.devices = machine.devices;
    for (uint32_t i = 0; i < size_count; i += 1) {
        for (uint32_t j = 0; j < sizes[i]; j += 1) {
            machine.devices[machine.request.core_count] = i;
            machine.request.core_count += 1;
        }
    }
    machine.request.core_limit = machine.request.core_count;
    for (uint32_t size = 1; size <= machine.request.core_count; size += 1) {
        machine.request.cores_per_rank = size;
        for (uint32_t n = 1; n * size <= machine.request.core_count; n += 1) {
            machine.request.rank_count = n;
            struct neuron_placement *placement = place(&machine);
            assert_int_equal(placement->straddled_count, try_all(&machine.request, 0, 0));
            check_disjoint(&machine, placement);
            neuron_placement_destroy(placement);
        }
    }
}

static void
no_cut_crosses_fewer_borders(void **state)
{
    (void)state;
    check_fewest((const uint32_t[]){3, 3}, 2);
    check_fewest((const uint32_t[]){4, 4, 4}, 3);
    check_fewest((const uint32_t[]){1, 5, 2, 4}, 4);
    check_fewest((const uint32_t[]){2, 3, 2, 3, 1}, 5);
}

static void
a_quota_limits_how_many_cores_not_which(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 2, 3);
    machine.request.core_limit = 4;
    machine.request.rank_count = 2;
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->core_count, 4);
    assert_int_equal(placement->ranges[1].first, 3);
    assert_int_equal(placement->straddled_count, 0);
    neuron_placement_destroy(placement);
}

static void
an_uneven_cut_gives_the_first_ranks_more(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 1, 8);
    machine.request.rank_count = 3;
    machine.request.is_uneven = true;
    struct neuron_placement *placement = place(&machine);
    assert_int_equal(placement->ranges[0].count, 3);
    assert_int_equal(placement->ranges[1].count, 3);
    assert_int_equal(placement->ranges[2].count, 2);
    assert_int_equal(placement->core_count, 8);
    neuron_placement_destroy(placement);
}

static void
ranks_that_share_go_round_robin(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 2, 2);
    machine.request.rank_count = 5;
    machine.request.cores_per_rank = 2;
    machine.request.oversubscribes = true;
    struct neuron_placement *placement = place(&machine);
    assert_true(placement->is_shared);
    assert_int_equal(placement->core_count, 4);
    assert_int_equal(placement->ranges[2].first, placement->ranges[0].first);
    assert_int_equal(placement->ranges[3].first, placement->ranges[1].first);
    assert_int_equal(placement->ranges[4].first, placement->ranges[0].first);
    neuron_placement_destroy(placement);
}

static void
leave_to_share_does_not_make_ranks_share(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 2, 2);
    machine.request.rank_count = 4;
    machine.request.oversubscribes = true;
    struct neuron_placement *placement = place(&machine);
    assert_false(placement->is_shared);
    neuron_placement_destroy(placement);
}

static void
more_ranks_than_cores_are_refused(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 2, 2);
    machine.request.rank_count = 5;
    check_refused(&machine, "5 ranks of 1 core need 5 cores, but 4");
    check_refused(&machine, "--oversubscribe");
    machine.request.cores_per_rank = 65536;
    machine.request.rank_count = 65536;
    check_refused(&machine, "does not fit");
}

static void
a_rank_larger_than_the_machine_is_refused_even_shared(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 2, 2);
    machine.request.cores_per_rank = 5;
    machine.request.oversubscribes = true;
    check_refused(&machine, "a rank of 5 cores does not fit: 4");
    machine.request.rank_count = 2;
    check_refused(&machine, "a rank of 5 cores");
}

static void
a_cut_that_does_not_come_out_even_names_those_that_do(void **state)
{
    struct machine machine;

    (void)state;
    make_machine(&machine, 3, 4);
    machine.request.rank_count = 5;
    check_refused(&machine, "give 1, 2, 3, 4, 6 or 12 ranks");
    check_refused(&machine, "--uneven");
    make_machine(&machine, 1, 720);
    machine.request.rank_count = 7;
    check_refused(&machine, "or 720 ranks");
    check_refused(&machine, "--uneven");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default_each_core_has_a_rank),
        cmocka_unit_test(an_even_cut_uses_every_core),
        cmocka_unit_test(cores_are_left_over_rather_than_a_border_crossed),
        cmocka_unit_test(ranks_larger_than_devices_start_at_one),
        cmocka_unit_test(no_cut_crosses_fewer_borders),
        cmocka_unit_test(a_quota_limits_how_many_cores_not_which),
        cmocka_unit_test(an_uneven_cut_gives_the_first_ranks_more),
        cmocka_unit_test(ranks_that_share_go_round_robin),
        cmocka_unit_test(leave_to_share_does_not_make_ranks_share),
        cmocka_unit_test(more_ranks_than_cores_are_refused),
        cmocka_unit_test(a_rank_larger_than_the_machine_is_refused_even_shared),
        cmocka_unit_test(a_cut_that_does_not_come_out_even_names_those_that_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
