/* SPDX-License-Identifier: Apache-2.0 */
/* Replicas on the cores, counted: what models that come one after the other get. */
#include "module/core_usage.h"

#include <pthread.h>

#include "check.h"

static struct neuron_core_usage *
create_usage(uint32_t core_count, const struct neuron_core_group *groups, uint32_t group_count)
{
    struct neuron_core_usage *usage = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_core_usage_create(core_count, groups, group_count, &usage, &error), &error);
    return usage;
}

static struct neuron_module_placement
run_of(int32_t start_nc, int32_t nc_count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_RUN, .start_nc = start_nc, .nc_count = nc_count};
}

/* Claims a run that must be there. */
static struct neuron_core_claim
claim_run_of(struct neuron_core_usage *usage, uint32_t model_cores, int32_t start_nc,
             int32_t nc_count)
{
    const struct neuron_module_placement placement = run_of(start_nc, nc_count);
    struct neuron_core_claim claim = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_core_usage_claim(usage, &placement, model_cores, NULL, &claim, &error),
              &error);
    assert_int_equal(claim.model_cores, model_cores);
    return claim;
}

/* Claims one replica for a model of so many cores, and fails the test unless it starts there. */
static struct neuron_core_claim
claim_one(struct neuron_core_usage *usage, uint32_t model_cores, uint32_t expected)
{
    struct neuron_core_claim claim =
        claim_run_of(usage, model_cores, NEURON_AUTOMATIC, NEURON_AUTOMATIC);

    assert_int_equal(claim.replica_count, 1);
    assert_int_equal(claim.first_cores[0], expected);
    return claim;
}

static void
release_all(struct neuron_core_usage *usage, struct neuron_core_claim *claims, size_t count,
            uint32_t core_count)
{
    for (size_t i = 0; i < count; i += 1) {
        neuron_core_usage_release(usage, &claims[i]);
    }
    for (uint32_t nc = 0; nc < core_count; nc += 1) {
        assert_int_equal(neuron_core_usage_of(usage, nc), 0);
    }
    neuron_core_usage_destroy(usage);
}

static void
models_of_one_core_go_round_and_then_on_top(void **state)
{
    struct neuron_core_usage *usage = create_usage(3, NULL, 0);
    struct neuron_core_claim claims[7] = {{0}};

    (void)state;
    for (uint32_t i = 0; i < 7; i += 1) {
        claims[i] = claim_one(usage, 1, i % 3);
    }
    assert_int_equal(neuron_core_usage_of(usage, 0), 3);
    assert_int_equal(neuron_core_usage_of(usage, 2), 2);
    release_all(usage, claims, 7, 3);
}

/* The example of the documentation of libnrt, with VISIBLE_CORES 0-1. */
static void
a_model_of_two_cores_counts_on_both(void **state)
{
    struct neuron_core_usage *usage = create_usage(2, NULL, 0);
    struct neuron_core_claim claims[3] = {{0}};

    (void)state;
    claims[0] = claim_one(usage, 1, 0);
    claims[1] = claim_one(usage, 2, 0);
    claims[2] = claim_one(usage, 1, 1);
    assert_int_equal(neuron_core_usage_of(usage, 0), 2);
    assert_int_equal(neuron_core_usage_of(usage, 1), 2);
    release_all(usage, claims, 3, 2);
}

/* The example of libnrt for sizes "2,2". */
static void
models_take_the_next_group_in_turn(void **state)
{
    static const struct neuron_core_group groups[] = {{0, 2}, {2, 2}};
    struct neuron_core_usage *usage = create_usage(4, groups, 2);
    struct neuron_core_claim claims[5] = {{0}};

    (void)state;
    claims[0] = claim_one(usage, 2, 0);
    claims[1] = claim_one(usage, 2, 2);
    claims[2] = claim_one(usage, 1, 0);
    claims[3] = claim_one(usage, 1, 2);
    claims[4] = claim_one(usage, 1, 0);
    assert_int_equal(neuron_core_usage_of(usage, 0), 3);
    assert_int_equal(neuron_core_usage_of(usage, 1), 1);
    release_all(usage, claims, 5, 4);
}

static void
a_model_larger_than_a_group_spans_the_next(void **state)
{
    static const struct neuron_core_group groups[] = {{0, 2}, {2, 2}};
    struct neuron_core_usage *usage = create_usage(4, groups, 2);
    struct neuron_core_claim claims[3] = {{0}};

    (void)state;
    claims[0] = claim_one(usage, 3, 0);
    assert_int_equal(neuron_core_usage_of(usage, 2), 1);
    assert_int_equal(neuron_core_usage_of(usage, 3), 0);
    claims[1] = claim_one(usage, 3, 0); /* from nc:2 on there are but two */
    claims[2] = claim_one(usage, 1, 2);
    release_all(usage, claims, 3, 4);
}

static void
a_named_place_takes_no_turn_of_a_group(void **state)
{
    static const struct neuron_core_group groups[] = {{0, 2}, {2, 2}};
    struct neuron_core_usage *usage = create_usage(4, groups, 2);
    struct neuron_core_claim claims[3] = {{0}};

    (void)state;
    claims[0] = claim_run_of(usage, 1, 3, 1);
    claims[1] = claim_one(usage, 1, 0);
    claims[2] = claim_one(usage, 1, 2);
    release_all(usage, claims, 3, 4);
}

static void
what_is_leaving_does_not_count_for_the_choice(void **state)
{
    const struct neuron_module_placement anywhere = run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC);
    struct neuron_core_usage *usage = create_usage(2, NULL, 0);
    struct neuron_core_claim claims[3] = {{0}};
    struct neuron_error error = {0};

    (void)state;
    claims[0] = claim_one(usage, 1, 0);
    claims[1] = claim_one(usage, 1, 1);
    assert_ok(neuron_core_usage_claim(usage, &anywhere, 1, &claims[1], &claims[2], &error), &error);
    assert_int_equal(claims[2].first_cores[0], 1); /* nothing would be there any more */
    assert_int_equal(neuron_core_usage_of(usage, 1), 2);
    neuron_core_usage_release(usage, &claims[1]);
    assert_int_equal(neuron_core_usage_of(usage, 1), 1);
    claims[1] = (struct neuron_core_claim){0};
    release_all(usage, claims, 3, 2);
}

static void
a_refused_claim_counts_nothing(void **state)
{
    static const struct neuron_core_group groups[] = {{0, 1}, {1, 1}};
    const struct neuron_module_placement behind = run_of(1, 2);
    const struct neuron_module_placement too_many = run_of(NEURON_AUTOMATIC, 3);
    struct neuron_core_usage *usage = create_usage(2, groups, 2);
    struct neuron_core_claim claim = {.replica_count = 77};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_usage_claim(usage, &behind, 1, NULL, &claim, &error), &error);
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_usage_claim(usage, &too_many, 1, NULL, &claim, &error), &error);
    assert_int_equal(claim.replica_count, 77);
    assert_null(claim.first_cores);
    assert_int_equal(neuron_core_usage_of(usage, 0), 0);
    assert_int_equal(neuron_core_usage_of(usage, 1), 0);
    claim = claim_one(usage, 1, 0); /* nor was a group's turn taken */
    release_all(usage, &claim, 1, 2);
}

static void
nothing_is_released_and_destroyed_as_well(void **state)
{
    struct neuron_core_usage *usage = create_usage(1, NULL, 0);
    struct neuron_core_claim nothing = {0};

    (void)state;
    neuron_core_usage_release(usage, &nothing);
    release_all(usage, NULL, 0, 1);
    neuron_core_usage_destroy(NULL);
}

enum { CLAIMERS = 4, CLAIMS = 200 };

/* Claims so often, and keeps all. */
struct claimer {
    pthread_t thread;
    struct neuron_core_usage *usage;
    struct neuron_core_claim claims[CLAIMS];
    uint32_t failures;
};

static void *
claim_again_and_again(void *argument)
{
    struct claimer *claimer = argument;
    const struct neuron_module_placement anywhere = run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC);

    for (uint32_t i = 0; i < CLAIMS; i += 1) {
        if (neuron_core_usage_claim(claimer->usage, &anywhere, 1, NULL, &claimer->claims[i],
                                    NULL) != NEURON_OK) {
            claimer->failures += 1;
        }
    }
    return NULL;
}

static void
threads_that_claim_at_once_share_the_cores_evenly(void **state)
{
    static struct claimer claimers[CLAIMERS];
    struct neuron_core_usage *usage = create_usage(4, NULL, 0);

    (void)state;
    for (size_t i = 0; i < CLAIMERS; i += 1) {
        claimers[i].usage = usage;
        assert_int_equal(
            pthread_create(&claimers[i].thread, NULL, claim_again_and_again, &claimers[i]), 0);
    }
    for (size_t i = 0; i < CLAIMERS; i += 1) {
        assert_int_equal(pthread_join(claimers[i].thread, NULL), 0);
        assert_int_equal(claimers[i].failures, 0);
    }
    for (uint32_t nc = 0; nc < 4; nc += 1) {
        assert_int_equal(neuron_core_usage_of(usage, nc), CLAIMS);
    }
    for (size_t i = 0; i < (size_t)CLAIMERS * CLAIMS; i += 1) {
        neuron_core_usage_release(usage, &claimers[i / CLAIMS].claims[i % CLAIMS]);
    }
    release_all(usage, NULL, 0, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_one_core_go_round_and_then_on_top),
        cmocka_unit_test(a_model_of_two_cores_counts_on_both),
        cmocka_unit_test(models_take_the_next_group_in_turn),
        cmocka_unit_test(a_model_larger_than_a_group_spans_the_next),
        cmocka_unit_test(a_named_place_takes_no_turn_of_a_group),
        cmocka_unit_test(what_is_leaving_does_not_count_for_the_choice),
        cmocka_unit_test(a_refused_claim_counts_nothing),
        cmocka_unit_test(nothing_is_released_and_destroyed_as_well),
        cmocka_unit_test(threads_that_claim_at_once_share_the_cores_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
