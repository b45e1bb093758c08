/* SPDX-License-Identifier: Apache-2.0 */
/* Random machines and wishes: what holds for every plan, whatever was wished. */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "placement.h"
#include "random_numbers.h"

enum { CORE_LIMIT = 24, TRIALS = 20000, BRUTE_TRIALS = 4000, BRUTE_CORES = 12 };

struct trial {
    uint32_t devices[CORE_LIMIT];
    uint32_t parts[CORE_LIMIT];
    uint32_t turns[CORE_LIMIT];
    struct neuron_placement_request request;
};

/* Numbers that ascend now and then: devices, or parts. */
static void
draw_numbers(uint64_t *numbers, uint32_t *drawn, uint32_t count)
{
    uint32_t width = 1 + random_below(numbers, 6);
    uint32_t number = random_below(numbers, 3);

    for (uint32_t i = 0; i < count; i += 1) {
        number += i > 0 && random_below(numbers, width) == 0 ? 1 : 0;
        drawn[i] = number;
    }
}

static void
draw_trial(uint64_t *numbers, struct trial *trial, uint32_t core_limit)
{
    uint32_t count = 1 + random_below(numbers, core_limit);

    draw_numbers(numbers, trial->devices, count);
    draw_numbers(numbers, trial->parts, count);
    draw_numbers(numbers, trial->turns, count);
    trial->request = (struct neuron_placement_request){
        .devices = trial->devices,
        .part_name = "part",
        .core_count = count,
        .core_limit = 1 + random_below(numbers, count),
        .rank_count = random_below(numbers, count + 3),
        .cores_per_rank = random_below(numbers, 3) == 0 ? 0 : random_below(numbers, 5),
        .is_uneven = random_below(numbers, 2) == 0,
        .oversubscribes = random_below(numbers, 4) == 0,
        .ranks_per_device = random_below(numbers, 5) == 0 ? 1 + random_below(numbers, 3) : 0,
    };
    if (random_below(numbers, 3) != 0) {
        trial->request.parts = trial->parts;
    }
    if (random_below(numbers, 3) != 0) {
        trial->request.turns = trial->turns;
    }
}

/* Two ranges are the same or have nothing in common, and sharing is asked for and said. */
static void
check_apart(const struct trial *trial, const struct neuron_placement *placement)
{
    bool is_shared = false;

    for (uint32_t i = 0; i < placement->rank_count; i += 1) {
        const struct neuron_placement_range *a = &placement->ranges[i];

        for (uint32_t j = 0; j < i; j += 1) {
            const struct neuron_placement_range *b = &placement->ranges[j];
            bool is_same = a->first == b->first && a->count == b->count;

            assert_true(is_same || a->first >= b->first + b->count ||
                        b->first >= a->first + a->count);
            is_shared = is_shared || is_same;
        }
    }
    assert_int_equal(is_shared, placement->is_shared);
    assert_true(!is_shared || trial->request.oversubscribes);
}

/* Every range lies in the row, in one part, and in one device where devices are cut by themselves.
 */
static void
check_inside(const struct trial *trial, const struct neuron_placement *placement)
{
    const struct neuron_placement_request *request = &trial->request;
    bool used[CORE_LIMIT] = {false};
    uint32_t used_count = 0;

    for (uint32_t i = 0; i < placement->rank_count; i += 1) {
        const struct neuron_placement_range *range = &placement->ranges[i];

        assert_true(range->count > 0 && range->first + range->count <= request->core_count);
        for (uint32_t j = range->first; j < range->first + range->count; j += 1) {
            assert_true(request->parts == NULL || trial->parts[j] == trial->parts[range->first]);
            assert_true(request->ranks_per_device == 0 ||
                        trial->devices[j] == trial->devices[range->first]);
            used_count += used[j] ? 0 : 1;
            used[j] = true;
        }
    }
    assert_int_equal(used_count, placement->core_count);
    assert_true(used_count <= request->core_limit);
}

static void
check_sizes(const struct trial *trial, const struct neuron_placement *placement)
{
    const struct neuron_placement_request *request = &trial->request;

    assert_true(request->rank_count == 0 || placement->rank_count == request->rank_count);
    for (uint32_t i = 0; i < placement->rank_count; i += 1) {
        if (request->cores_per_rank != 0) {
            assert_int_equal(placement->ranges[i].count, request->cores_per_rank);
        } else if (!request->is_uneven && request->ranks_per_device == 0) {
            assert_int_equal(placement->ranges[i].count, placement->ranges[0].count);
        }
    }
}

/* Ranks that are numbered along objects: no object gives its next one before all others gave. */
static void
check_turns(const struct trial *trial, const struct neuron_placement *placement)
{
    uint32_t given[2 * CORE_LIMIT] = {0};
    uint32_t round = 0;

    for (uint32_t i = 0; trial->request.turns != NULL && i < placement->rank_count; i += 1) {
        uint32_t object = trial->turns[placement->ranges[i].first];

        given[object] += 1;
        assert_true(given[object] >= round);
        round = given[object];
    }
}

static void
plans_hold_what_they_promise(void **state)
{
    uint64_t numbers = 7;
    uint32_t placed_count = 0;

    (void)state;
    for (int i = 0; i < TRIALS; i += 1) {
        struct trial trial;
        struct neuron_placement *placement = NULL;
        struct neuron_error error = {0};

        draw_trial(&numbers, &trial, CORE_LIMIT);
        if (neuron_placement_create(&trial.request, &placement, &error) != NEURON_OK) {
            assert_int_equal(error.status, NEURON_INVALID_ARGUMENT);
            assert_null(placement);
            continue;
        }
        check_apart(&trial, placement);
        check_inside(&trial, placement);
        check_sizes(&trial, placement);
        check_turns(&trial, placement);
        neuron_placement_destroy(placement);
        placed_count += 1;
    }
    assert_true(placed_count > TRIALS / 4);
}

/* The fewest borders that so many ranges of a size cross from a position to the end: all cuts. */
static uint32_t
fewest_by_trying(const struct trial *trial, uint32_t position, uint32_t end, uint32_t ranks)
{
    uint32_t size = trial->request.cores_per_rank;
    uint32_t best = UINT32_MAX / 2;

    for (uint32_t first = position; ranks > 0 && first + ranks * size <= end; first += 1) {
        uint32_t crossed = 0;

        for (uint32_t i = first + 1; i < first + size; i += 1) {
            crossed += trial->devices[i] == trial->devices[i - 1] ? 0 : 1;
        }
        crossed += fewest_by_trying(trial, first + size, end, ranks - 1);
        best = crossed < best ? crossed : best;
    }
    return ranks == 0 ? 0 : best;
}

/* Sums up over the parts of the row what is possible at best with as many ranks in each. */
static uint32_t
fewest_in_parts(const struct trial *trial, const struct neuron_placement *placement)
{
    uint32_t sum = 0;
    uint32_t count = trial->request.core_count;

    for (uint32_t first = 0, end = 0; first < count; first = end) {
        uint32_t ranks = 0;

        while (end < count && trial->parts[end] == trial->parts[first]) {
            end += 1;
        }
        for (uint32_t i = 0; i < placement->rank_count; i += 1) {
            uint32_t at = placement->ranges[i].first;

            ranks += at >= first && at < end ? 1 : 0;
        }
        sum += fewest_by_trying(trial, first, end, ranks);
    }
    return sum;
}

static void
no_cut_inside_the_parts_crosses_fewer_borders(void **state)
{
    uint64_t numbers = 11;

    (void)state;
    for (int i = 0; i < BRUTE_TRIALS; i += 1) {
        struct trial trial;
        struct neuron_placement *placement = NULL;
        struct neuron_error error = {0};

        draw_trial(&numbers, &trial, BRUTE_CORES);
        trial.request.parts = trial.parts;
        trial.request.cores_per_rank = 1 + random_below(&numbers, 3);
        trial.request.oversubscribes = false;
        trial.request.ranks_per_device = 0;
        if (neuron_placement_create(&trial.request, &placement, &error) == NEURON_OK) {
            assert_int_equal(placement->straddled_count, fewest_in_parts(&trial, placement));
        }
        neuron_placement_destroy(placement);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_hold_what_they_promise),
        cmocka_unit_test(no_cut_inside_the_parts_crosses_fewer_borders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
