/* SPDX-License-Identifier: Apache-2.0 */
/* Which cores the replicas of a module get, for models of one, two and four cores. */
#include "module/core_choice.h"

#include <stdbool.h>
#include <stdio.h>

#include "check.h"

enum { CORE_LIMIT = 12 };

static struct neuron_module_placement
run_of(int32_t start_nc, int32_t nc_count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_RUN, .start_nc = start_nc, .nc_count = nc_count};
}

static struct neuron_module_placement
selection_of(const uint32_t *cores, uint32_t count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = count};
}

static struct neuron_core_state
state_of(const uint32_t *replica_counts, uint32_t core_count)
{
    return (struct neuron_core_state){.replica_counts = replica_counts, .core_count = core_count};
}

/* Writes a choice as "0 2 4". */
static void
format_choice(const uint32_t *first_cores, uint32_t count, char *text, size_t size_bytes)
{
    size_t length = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < count && length < size_bytes; i += 1) {
        length += (size_t)snprintf(text + length, size_bytes - length, i == 0 ? "%u" : " %u",
                                   first_cores[i]);
    }
}

/* Fails the test unless the replicas get these first cores, as text. */
static void
check_choice(struct neuron_module_placement placement, struct neuron_core_state state,
             uint32_t model_cores, const char *expected)
{
    uint32_t first_cores[CORE_LIMIT] = {0};
    uint32_t replica_count = 0;
    struct neuron_error error = {0};
    char text[64];

    assert_ok(neuron_core_choice_check(&placement, state.core_count, model_cores, &error), &error);
    assert_ok(neuron_core_choice_make(&placement, &state, model_cores, first_cores, &replica_count,
                                      &error),
              &error);
    assert_in_range(replica_count, 1, CORE_LIMIT);
    format_choice(first_cores, replica_count, text, sizeof(text));
    assert_string_equal(text, expected);
}

/* Fails the test unless a placement is refused with this text, and nothing is chosen. */
static void
check_refused(struct neuron_module_placement placement, uint32_t core_count, uint32_t model_cores,
              enum neuron_status expected, const char *part)
{
    static const uint32_t counts[CORE_LIMIT];
    struct neuron_core_state state = state_of(counts, core_count);
    uint32_t first_cores[CORE_LIMIT] = {77};
    uint32_t replica_count = 99;
    struct neuron_error error = {0};
    char owned[32];

    assert_status(expected,
                  neuron_core_choice_make(&placement, &state, model_cores, first_cores,
                                          &replica_count, &error),
                  &error);
    assert_int_equal(first_cores[0], 77);
    assert_int_equal(replica_count, 99);
    assert_contains(error.text, "nc:");
    assert_contains(error.text, part);
    (void)snprintf(owned, sizeof(owned), core_count == 1 ? "nc:0" : "nc:%u", core_count - 1);
    assert_contains(error.text, owned);
    assert_status(
        expected,
        neuron_core_choice_make(&placement, &state, model_cores, first_cores, &replica_count, NULL),
        NULL);
}

static void
one_core_goes_to_the_least_used_and_the_lowest_of_equals(void **state)
{
    static const struct {
        uint32_t counts[4];
        const char *expected;
    } cases[] = {
        {{0, 0, 0, 0}, "0"}, {{1, 0, 0, 0}, "1"}, {{1, 1, 1, 0}, "3"}, {{1, 1, 1, 1}, "0"},
        {{2, 1, 2, 1}, "1"}, {{5, 4, 3, 2}, "3"}, {{3, 9, 2, 2}, "2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), state_of(cases[i].counts, 4), 1,
                     cases[i].expected);
    }
}

static void
several_cores_go_to_the_least_used_run(void **state)
{
    static const uint32_t counts[8] = {1, 0, 0, 1, 0, 0, 0, 0};
    static const uint32_t one_is_full[4] = {0, 3, 2, 2};
    static const uint32_t sum_decides[4] = {2, 2, 2, 1};
    static const uint32_t equal[8] = {2, 2, 2, 2, 2, 2, 2, 2};

    (void)state;
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), state_of(counts, 8), 2, "1");
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), state_of(counts, 8), 4, "4");
    check_choice(run_of(NEURON_AUTOMATIC, 3), state_of(counts, 8), 1, "4 5 6");
    check_choice(run_of(NEURON_AUTOMATIC, 4), state_of(counts, 8), 2, "4 6");
    check_choice(run_of(NEURON_AUTOMATIC, 8), state_of(counts, 8), 4, "0 4");
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), state_of(equal, 8), 4, "0");
    check_choice(run_of(NEURON_AUTOMATIC, 6), state_of(equal, 8), 2, "0 2 4");
    check_choice(run_of(NEURON_AUTOMATIC, 2), state_of(one_is_full, 4), 1, "2 3");
    check_choice(run_of(NEURON_AUTOMATIC, 2), state_of(sum_decides, 4), 2, "2");
}

static void
a_named_start_is_taken_whatever_the_use(void **state)
{
    static const uint32_t counts[8] = {0, 0, 9, 9, 9, 9, 9, 9};

    (void)state;
    check_choice(run_of(2, 2), state_of(counts, 8), 1, "2 3");
    check_choice(run_of(2, 4), state_of(counts, 8), 2, "2 4");
    check_choice(run_of(4, NEURON_AUTOMATIC), state_of(counts, 8), 4, "4");
    check_choice(run_of(7, NEURON_AUTOMATIC), state_of(counts, 8), 1, "7");
    check_choice(run_of(3, 4), state_of(counts, 8), 2, "3 5");
    check_choice(run_of(0, 8), state_of(counts, 8), 1, "0 1 2 3 4 5 6 7");
}

static void
all_takes_as_many_replicas_as_fit(void **state)
{
    static const uint32_t counts[8] = {4, 4, 0, 0, 0, 0, 0, 0};
    const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};

    (void)state;
    check_choice(all, state_of(counts, 8), 1, "0 1 2 3 4 5 6 7");
    check_choice(all, state_of(counts, 8), 2, "0 2 4 6");
    check_choice(all, state_of(counts, 8), 4, "0 4");
    check_choice(all, state_of(counts, 7), 4, "0");
    check_choice(all, state_of(counts, 7), 2, "0 2 4");
    check_choice(all, state_of(counts, 1), 1, "0");
}

static void
a_selection_keeps_its_order(void **state)
{
    static const uint32_t counts[8] = {0};
    static const uint32_t cores[] = {5, 0, 2};
    static const uint32_t odd[] = {3, 6, 1};
    static const uint32_t fours[] = {4, 0};

    (void)state;
    check_choice(selection_of(cores, 3), state_of(counts, 8), 1, "5 0 2");
    check_choice(selection_of(cores, 3), state_of(counts, 8), 2, "5 0 2");
    check_choice(selection_of(odd, 3), state_of(counts, 8), 2, "3 6 1");
    check_choice(selection_of(fours, 2), state_of(counts, 8), 4, "4 0");
}

static void
cores_beyond_the_end_are_refused(void **state)
{
    static const uint32_t behind[] = {1, 8};
    static const uint32_t straddling[] = {0, 7};
    static const uint32_t far_behind[] = {UINT32_MAX};

    (void)state;
    check_refused(run_of(8, 1), 8, 1, NEURON_NO_SUCH_CORE, "nc:8");
    check_refused(run_of(6, 4), 8, 2, NEURON_NO_SUCH_CORE, "nc:6");
    check_refused(run_of(6, NEURON_AUTOMATIC), 8, 4, NEURON_NO_SUCH_CORE, "nc:6");
    check_refused(run_of(INT32_MAX, INT32_MAX), 8, 1, NEURON_NO_SUCH_CORE, "nc:2147483647");
    check_refused(run_of(1, INT32_MAX), 8, 1, NEURON_NO_SUCH_CORE, "nc:1");
    check_refused(run_of(NEURON_AUTOMATIC, 9), 8, 1, NEURON_NO_SUCH_CORE, "9");
    check_refused(run_of(1, 1), 1, 1, NEURON_NO_SUCH_CORE, "nc:1");
    check_refused(selection_of(behind, 2), 8, 1, NEURON_NO_SUCH_CORE, "nc:8");
    check_refused(selection_of(straddling, 2), 8, 2, NEURON_NO_SUCH_CORE, "nc:7");
    check_refused(selection_of(far_behind, 1), 8, 4, NEURON_NO_SUCH_CORE, "nc:4294967295");
}

static void
a_model_larger_than_the_process_is_refused(void **state)
{
    (void)state;
    check_refused((struct neuron_module_placement){.kind = NEURON_PLACEMENT_ALL}, 3, 4,
                  NEURON_NO_SUCH_CORE, "4");
    check_refused(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), 3, 4, NEURON_NO_SUCH_CORE, "4");
}

static void
numbers_that_can_name_no_core_are_refused(void **state)
{
    static const int32_t none[] = {0, -2, INT32_MIN};

    (void)state;
    for (size_t i = 0; i < 3; i += 1) {
        char number[16];

        (void)snprintf(number, sizeof(number), "%d", none[i]);
        check_refused(run_of(0, none[i]), 8, 1, NEURON_INVALID_ARGUMENT, number);
        check_refused(run_of(NEURON_AUTOMATIC, none[i]), 8, 1, NEURON_INVALID_ARGUMENT, number);
    }
    check_refused(run_of(-2, 1), 8, 1, NEURON_INVALID_ARGUMENT, "-2");
    check_refused(run_of(INT32_MIN, NEURON_AUTOMATIC), 8, 1, NEURON_INVALID_ARGUMENT,
                  "-2147483648");
    check_refused(selection_of(NULL, 0), 8, 1, NEURON_INVALID_ARGUMENT, "nc:");
}

static void
a_count_that_is_no_multiple_of_the_model_is_refused(void **state)
{
    (void)state;
    check_refused(run_of(0, 3), 8, 2, NEURON_INVALID_ARGUMENT, "3");
    check_refused(run_of(NEURON_AUTOMATIC, 1), 8, 2, NEURON_INVALID_ARGUMENT, "2");
    check_refused(run_of(2, 6), 8, 4, NEURON_INVALID_ARGUMENT, "6");
    check_refused(run_of(2, 2), 8, 4, NEURON_INVALID_ARGUMENT, "4");
}

static void
replicas_that_overlap_are_refused(void **state)
{
    static const uint32_t twice[] = {3, 1, 3};
    static const uint32_t neighbours[] = {2, 3};
    static const uint32_t backwards[] = {5, 0, 4};
    static const uint32_t fours[] = {0, 3};

    (void)state;
    check_refused(selection_of(twice, 3), 8, 1, NEURON_INVALID_ARGUMENT, "nc:3");
    check_refused(selection_of(neighbours, 2), 8, 2, NEURON_INVALID_ARGUMENT, "nc:3");
    check_refused(selection_of(backwards, 3), 8, 2, NEURON_INVALID_ARGUMENT, "nc:5");
    check_refused(selection_of(fours, 2), 8, 4, NEURON_INVALID_ARGUMENT, "nc:3");
}

static void
groups_are_taken_in_turn_whatever_the_use(void **state)
{
    static const uint32_t counts[4] = {9, 9, 0, 0};
    static const struct neuron_core_group groups[] = {{0, 2}, {2, 2}};
    struct neuron_core_state turned = state_of(counts, 4);

    (void)state;
    turned.groups = groups;
    turned.group_count = 2;
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 2, "0");
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 1, "0");
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 3, "0");
    turned.group_turn = 1;
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 2, "2");
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 1, "2");
    /* Three cores from nc:2 on are not there: the other group's turn comes early. */
    check_choice(run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC), turned, 3, "0");
    /* What is named is taken as it is. */
    check_choice(run_of(3, 1), turned, 1, "3");
    check_choice((struct neuron_module_placement){.kind = NEURON_PLACEMENT_ALL}, turned, 2, "0 2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_core_goes_to_the_least_used_and_the_lowest_of_equals),
        cmocka_unit_test(several_cores_go_to_the_least_used_run),
        cmocka_unit_test(a_named_start_is_taken_whatever_the_use),
        cmocka_unit_test(all_takes_as_many_replicas_as_fit),
        cmocka_unit_test(a_selection_keeps_its_order),
        cmocka_unit_test(cores_beyond_the_end_are_refused),
        cmocka_unit_test(a_model_larger_than_the_process_is_refused),
        cmocka_unit_test(numbers_that_can_name_no_core_are_refused),
        cmocka_unit_test(a_count_that_is_no_multiple_of_the_model_is_refused),
        cmocka_unit_test(replicas_that_overlap_are_refused),
        cmocka_unit_test(groups_are_taken_in_turn_whatever_the_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
