/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of cores against one that tries everything, over random states. */
#include <stdbool.h>
#include <string.h>

#include "check.h"

#include "module/core_choice.h"

enum { CORE_LIMIT = 10, ROUNDS = 200000 };

/* A placement over a state, as drawn. */
struct drawn_case {
    uint32_t counts[CORE_LIMIT];
    uint32_t core_count;
    uint32_t model_cores;
    uint32_t cores[CORE_LIMIT];
    struct neuron_module_placement placement;
};

/* What the search found: a status may be either where two things are wrong. */
struct found_choice {
    bool lacks_cores;
    bool is_malformed;
    uint32_t first_cores[CORE_LIMIT];
    uint32_t replica_count;
};

static uint32_t
draw(uint32_t *bits, uint32_t limit)
{
    *bits ^= *bits << 13;
    *bits ^= *bits >> 17;
    *bits ^= *bits << 5;
    return (*bits >> 8) % limit;
}

static void
draw_case(uint32_t *bits, struct drawn_case *drawn)
{
    static const uint32_t sizes[] = {1, 2, 4, 3};
    struct neuron_module_placement *placement = &drawn->placement;

    drawn->core_count = 1 + draw(bits, CORE_LIMIT);
    drawn->model_cores = sizes[draw(bits, 4)];
    for (uint32_t i = 0; i < CORE_LIMIT; i += 1) {
        drawn->counts[i] = draw(bits, 4);
        drawn->cores[i] = draw(bits, drawn->core_count + 1);
    }
    *placement = (struct neuron_module_placement){
        .kind = (enum neuron_placement_kind)(NEURON_PLACEMENT_RUN + draw(bits, 3)),
        .start_nc = (int32_t)draw(bits, CORE_LIMIT + 4) - 3,
        .nc_count = (int32_t)draw(bits, CORE_LIMIT + 4) - 2,
        .cores = drawn->cores,
        .core_count = draw(bits, 5),
    };
    if (draw(bits, 3) == 0) {
        placement->start_nc = NEURON_AUTOMATIC;
    }
}

/* The fullest core decides; among equals, all replicas together do. */
static uint64_t
use_of(const struct drawn_case *drawn, uint32_t first, uint32_t count)
{
    uint64_t most = 0;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        most = drawn->counts[first + i] > most ? drawn->counts[first + i] : most;
        sum += drawn->counts[first + i];
    }
    return most * 1000 + sum;
}

/* Puts replicas side by side into so many cores. */
static void
fill_cores(const struct drawn_case *drawn, uint32_t first, uint32_t count,
           struct found_choice *found)
{
    for (uint32_t used = 0; used + drawn->model_cores <= count; used += drawn->model_cores) {
        found->first_cores[found->replica_count] = first + used;
        found->replica_count += 1;
    }
}

/* The first core of the least used run of this length: later ones must be better to be taken. */
static int64_t
search_start(const struct drawn_case *drawn, int64_t count)
{
    int64_t best = 0;

    for (int64_t other = 1; other + count <= drawn->core_count; other += 1) {
        if (use_of(drawn, (uint32_t)other, (uint32_t)count) <
            use_of(drawn, (uint32_t)best, (uint32_t)count)) {
            best = other;
        }
    }
    return best;
}

static void
search_run(const struct drawn_case *drawn, struct found_choice *found)
{
    int64_t start = drawn->placement.start_nc;
    int64_t count = drawn->placement.nc_count;

    if (count == NEURON_AUTOMATIC) {
        count = drawn->model_cores;
    }
    found->is_malformed = count < 1 || start < NEURON_AUTOMATIC || count % drawn->model_cores != 0;
    found->lacks_cores = (start < 0 ? 0 : start) + count > drawn->core_count;
    if (found->is_malformed || found->lacks_cores) {
        return;
    }
    if (start == NEURON_AUTOMATIC) {
        start = search_start(drawn, count);
    }
    fill_cores(drawn, (uint32_t)start, (uint32_t)count, found);
}

static void
search_selection(const struct drawn_case *drawn, struct found_choice *found)
{
    uint32_t taken[2 * CORE_LIMIT] = {0};

    found->is_malformed = drawn->placement.core_count == 0;
    for (uint32_t i = 0; i < drawn->placement.core_count; i += 1) {
        for (uint32_t j = 0; j < drawn->model_cores; j += 1) {
            uint32_t core = drawn->cores[i] + j;

            found->lacks_cores = found->lacks_cores || core >= drawn->core_count;
            taken[core] += 1;
            found->is_malformed = found->is_malformed || taken[core] > 1;
        }
        found->first_cores[i] = drawn->cores[i];
    }
    found->replica_count = drawn->placement.core_count;
}

static struct found_choice
search(const struct drawn_case *drawn)
{
    struct found_choice found = {.replica_count = 0};

    if (drawn->placement.kind == NEURON_PLACEMENT_RUN) {
        search_run(drawn, &found);
    } else if (drawn->placement.kind == NEURON_PLACEMENT_SELECTION) {
        search_selection(drawn, &found);
    } else {
        fill_cores(drawn, 0, drawn->core_count, &found);
        found.lacks_cores = found.replica_count == 0;
    }
    return found;
}

static void
compare(const struct drawn_case *drawn, const struct found_choice *found)
{
    const struct neuron_core_state state = {.replica_counts = drawn->counts,
                                            .core_count = drawn->core_count};
    uint32_t first_cores[CORE_LIMIT] = {0};
    uint32_t replica_count = UINT32_MAX;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_core_choice_make(
        &drawn->placement, &state, drawn->model_cores, first_cores, &replica_count, &error);

    if (found->is_malformed || found->lacks_cores) {
        assert_true((found->is_malformed && status == NEURON_INVALID_ARGUMENT) ||
                    (found->lacks_cores && status == NEURON_NO_SUCH_CORE));
        assert_int_equal(replica_count, UINT32_MAX);
        assert_contains(error.text, "nc:");
        return;
    }
    assert_status(NEURON_OK, status, &error);
    assert_int_equal(replica_count, found->replica_count);
    assert_memory_equal(first_cores, found->first_cores, replica_count * sizeof(uint32_t));
}

static void
every_choice_is_that_of_a_search_through_all(void **state)
{
    uint32_t bits = 2463534242U;
    uint32_t chosen = 0;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round += 1) {
        struct drawn_case drawn = {.core_count = 0};

        draw_case(&bits, &drawn);
        struct found_choice found = search(&drawn);
        compare(&drawn, &found);
        chosen += found.is_malformed || found.lacks_cores ? 0 : 1;
    }
    /* Neither outcome is rare. */
    assert_in_range(chosen, ROUNDS / 5, ROUNDS - ROUNDS / 5);
}

/* What is checked when a context is entered is refused later, too; what passes may be chosen. */
static void
a_check_agrees_with_the_choice(void **state)
{
    uint32_t bits = 88172645U;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round += 1) {
        struct drawn_case drawn = {.core_count = 0};

        draw_case(&bits, &drawn);
        const struct neuron_core_state all = {.replica_counts = drawn.counts,
                                              .core_count = drawn.core_count};
        uint32_t first_cores[CORE_LIMIT] = {0};
        uint32_t replica_count = 0;
        enum neuron_status checked =
            neuron_core_choice_check(&drawn.placement, drawn.core_count, drawn.model_cores, NULL);
        enum neuron_status made = neuron_core_choice_make(&drawn.placement, &all, drawn.model_cores,
                                                          first_cores, &replica_count, NULL);

        if (checked != NEURON_OK || made == NEURON_OK) {
            assert_int_equal(made, checked);
        } else {
            assert_int_equal(made, NEURON_INVALID_ARGUMENT);
            assert_int_equal(drawn.placement.kind, NEURON_PLACEMENT_RUN);
            assert_int_not_equal((uint32_t)drawn.placement.nc_count % drawn.model_cores, 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_is_that_of_a_search_through_all),
        cmocka_unit_test(a_check_agrees_with_the_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
