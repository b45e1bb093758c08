/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "compiler/memory_plan.h"

enum { STEP_LIMIT = 64, INTERVAL_LIMIT = 200, ROUNDS = 300 };

/* Numbers that are the same on every machine. */
static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static size_t
padded(size_t size_bytes)
{
    return (size_bytes + NEURON_MEMORY_ALIGNMENT_BYTES - 1) / NEURON_MEMORY_ALIGNMENT_BYTES *
           NEURON_MEMORY_ALIGNMENT_BYTES;
}

static bool
share_a_step(const struct neuron_memory_interval *a, const struct neuron_memory_interval *b)
{
    return a->first_step <= b->last_step && b->first_step <= a->last_step;
}

static bool
share_a_byte(const struct neuron_memory_interval *a, const struct neuron_memory_interval *b)
{
    return a->size_bytes > 0 && b->size_bytes > 0 && a->offset < b->offset + b->size_bytes &&
           b->offset < a->offset + a->size_bytes;
}

static size_t
alive_bytes(const struct neuron_memory_interval *intervals, uint32_t count, uint32_t step)
{
    size_t alive = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        if (intervals[i].first_step <= step && step <= intervals[i].last_step) {
            alive += padded(intervals[i].size_bytes);
        }
    }
    return alive;
}

/* The most bytes that are alive at one step: no plan is smaller. */
static size_t
most_alive_bytes(const struct neuron_memory_interval *intervals, uint32_t count)
{
    size_t most = 0;

    for (uint32_t step = 0; step < STEP_LIMIT; step += 1) {
        size_t alive = alive_bytes(intervals, count, step);

        most = alive > most ? alive : most;
    }
    return most;
}

static uint32_t
fill_random(struct neuron_memory_interval *intervals, uint32_t *state)
{
    uint32_t count = next_random(state) % INTERVAL_LIMIT;

    for (uint32_t i = 0; i < count; i += 1) {
        uint32_t first = next_random(state) % STEP_LIMIT;
        uint32_t length = next_random(state) % 8;

        intervals[i] = (struct neuron_memory_interval){
            .size_bytes = next_random(state) % 10 == 0 ? 0 : next_random(state) % 5000,
            .first_step = first,
            .last_step = first + length < STEP_LIMIT ? first + length : STEP_LIMIT - 1,
        };
    }
    return count;
}

static void
check_plan(const struct neuron_memory_interval *intervals, uint32_t count, size_t total)
{
    for (uint32_t i = 0; i < count; i += 1) {
        assert_int_equal(intervals[i].offset % NEURON_MEMORY_ALIGNMENT_BYTES, 0);
        assert_true(intervals[i].offset + intervals[i].size_bytes <= total);
        for (uint32_t j = 0; j < i; j += 1) {
            assert_false(share_a_step(&intervals[i], &intervals[j]) &&
                         share_a_byte(&intervals[i], &intervals[j]));
        }
    }
}

static void
random_intervals_that_meet_in_time_never_share_a_byte(void **state)
{
    static struct neuron_memory_interval intervals[INTERVAL_LIMIT];
    struct neuron_error error;
    uint32_t seed = 20260101;

    (void)state;
    for (int round = 0; round < ROUNDS; round += 1) {
        size_t total = 0;
        uint32_t count = fill_random(intervals, &seed);

        assert_ok(neuron_memory_plan(intervals, count, &total, &error), &error);
        check_plan(intervals, count, total);
        assert_true(total >= most_alive_bytes(intervals, count));
    }
}

static void
a_chain_of_equal_results_takes_the_room_of_two(void **state)
{
    struct neuron_memory_interval chain[20];
    struct neuron_error error;
    size_t total = 0;

    (void)state;
    for (uint32_t i = 0; i < 20; i += 1) {
        chain[i] = (struct neuron_memory_interval){
            .size_bytes = 1000, .first_step = i, .last_step = i + 1};
    }
    assert_ok(neuron_memory_plan(chain, 20, &total, &error), &error);
    assert_int_equal(total, 2 * 1024);
}

static void
the_smallest_gap_that_fits_is_taken(void **state)
{
    /* The first three lie one behind another; at step 1 the gaps are 512 and 128 bytes wide. */
    struct neuron_memory_interval intervals[] = {
        {.size_bytes = 1024, .first_step = 0, .last_step = 1},
        {.size_bytes = 512, .first_step = 0, .last_step = 0},
        {.size_bytes = 500, .first_step = 0, .last_step = 1},
        {.size_bytes = 128, .first_step = 0, .last_step = 0},
        {.size_bytes = 100, .first_step = 0, .last_step = 1},
        {.size_bytes = 64, .first_step = 1, .last_step = 1},
    };
    struct neuron_error error;
    size_t total = 0;

    (void)state;
    assert_ok(neuron_memory_plan(intervals, 6, &total, &error), &error);
    assert_int_equal(intervals[3].offset, 1024 + 512 + 512);
    assert_int_equal(intervals[5].offset, intervals[3].offset);
    assert_int_equal(total, 1024 + 512 + 512 + 128 + 128);
}

static void
the_same_intervals_give_the_same_plan(void **state)
{
    static struct neuron_memory_interval first[INTERVAL_LIMIT];
    static struct neuron_memory_interval second[INTERVAL_LIMIT];
    struct neuron_error error;
    uint32_t seed = 7;
    size_t first_total = 0;
    size_t second_total = 0;
    uint32_t count = fill_random(first, &seed);

    (void)state;
    memcpy(second, first, sizeof(first));
    assert_ok(neuron_memory_plan(first, count, &first_total, &error), &error);
    assert_ok(neuron_memory_plan(second, count, &second_total, &error), &error);
    assert_int_equal(first_total, second_total);
    assert_memory_equal(first, second, count * sizeof(first[0]));
}

static void
nothing_takes_no_room(void **state)
{
    struct neuron_memory_interval empty = {.size_bytes = 0, .first_step = 3, .last_step = 9};
    struct neuron_error error;
    size_t total = 1;

    (void)state;
    assert_ok(neuron_memory_plan(&empty, 1, &total, &error), &error);
    assert_int_equal(total, 0);
    total = 1;
    assert_ok(neuron_memory_plan(NULL, 0, &total, &error), &error);
    assert_int_equal(total, 0);
}

static void
an_interval_that_ends_before_it_begins_is_refused(void **state)
{
    struct neuron_memory_interval intervals[] = {
        {.size_bytes = 64, .first_step = 0, .last_step = 0, .offset = 5},
        {.size_bytes = 64, .first_step = 4, .last_step = 3, .offset = 6},
    };
    struct neuron_error error;
    size_t total = 77;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_memory_plan(intervals, 2, &total, &error),
                  &error);
    assert_contains(error.text, "interval 1 ends at step 3");
    assert_int_equal(total, 77);
    assert_int_equal(intervals[0].offset, 5);
}

static void
a_size_that_cannot_be_rounded_up_is_refused(void **state)
{
    struct neuron_memory_interval interval = {.size_bytes = SIZE_MAX - 5};
    struct neuron_error error;
    size_t total = 77;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_memory_plan(&interval, 1, &total, &error),
                  &error);
    assert_contains(error.text, "address space");
    assert_int_equal(total, 77);
}

static void
sizes_whose_sum_overflows_are_refused(void **state)
{
    struct neuron_memory_interval intervals[] = {
        {.size_bytes = SIZE_MAX / 2},
        {.size_bytes = SIZE_MAX / 2},
        {.size_bytes = 4096},
    };
    struct neuron_error error;
    size_t total = 77;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_memory_plan(intervals, 3, &total, &error),
                  &error);
    assert_int_equal(total, 77);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_intervals_that_meet_in_time_never_share_a_byte),
        cmocka_unit_test(a_chain_of_equal_results_takes_the_room_of_two),
        cmocka_unit_test(the_smallest_gap_that_fits_is_taken),
        cmocka_unit_test(the_same_intervals_give_the_same_plan),
        cmocka_unit_test(nothing_takes_no_room),
        cmocka_unit_test(an_interval_that_ends_before_it_begins_is_refused),
        cmocka_unit_test(a_size_that_cannot_be_rounded_up_is_refused),
        cmocka_unit_test(sizes_whose_sum_overflows_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
