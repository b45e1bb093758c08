/* SPDX-License-Identifier: Apache-2.0 */
/* Cores for replicas without a module: chosen as for modules, counted, and given back. */
#include "neuron/core_claim.h"

#include "check.h"
#include "staged_model.h"

enum { CORES = STAGED_CORES };

static uint32_t
replicas_on(const struct test_runtime *owner, uint32_t nc)
{
    struct neuron_core_counters counters = {0};

    neuron_runtime_read_counters(owner->runtime, nc, &counters);
    return counters.replica_count;
}

static void
all_cores_have_as_many_replicas_as_fit(void **state)
{
    const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};
    const struct test_runtime *owner = *state;
    struct neuron_core_claim claim = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_core_claim_make(owner->runtime, &all, 3, &claim, &error), &error);
    assert_int_equal(claim.replica_count, 1);
    assert_int_equal(claim.model_cores, 3);
    neuron_core_claim_give_back(owner->runtime, &claim);
    assert_ok(neuron_core_claim_make(owner->runtime, &all, 2, &claim, &error), &error);
    assert_int_equal(claim.replica_count, 2);
    assert_int_equal(claim.first_cores[0], 0);
    assert_int_equal(claim.first_cores[1], 2);
    neuron_core_claim_give_back(owner->runtime, &claim);
    assert_null(claim.first_cores);
    neuron_core_claim_give_back(owner->runtime, &claim);
}

static void
replicas_count_for_the_least_used_core(void **state)
{
    const uint32_t cores[] = {0, 1};
    const struct neuron_module_placement two = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = 2};
    const struct neuron_module_placement least_used = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = NEURON_AUTOMATIC, .nc_count = NEURON_AUTOMATIC};
    const struct test_runtime *owner = *state;
    struct neuron_core_claim claim = {0};
    struct neuron_core_claim next = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_core_claim_make(owner->runtime, &two, 1, &claim, &error), &error);
    assert_int_equal(replicas_on(owner, 1), 1);
    assert_ok(neuron_core_claim_make(owner->runtime, &least_used, 1, &next, &error), &error);
    assert_int_equal(next.first_cores[0], 2);
    neuron_core_claim_give_back(owner->runtime, &next);
    neuron_core_claim_give_back(owner->runtime, &claim);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(replicas_on(owner, nc), 0);
    }
}

static void
what_cannot_be_is_refused_and_counts_nothing(void **state)
{
    const uint32_t beyond[] = {CORES};
    const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};
    const struct neuron_module_placement none = {.kind = NEURON_PLACEMENT_DEFAULT};
    const struct neuron_module_placement too_far = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = beyond, .core_count = 1};
    const struct test_runtime *owner = *state;
    struct neuron_core_claim claim = {0};
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_claim_make(owner->runtime, &all, CORES + 1, &claim, &error), &error);
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_claim_make(owner->runtime, &too_far, 1, &claim, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_core_claim_make(owner->runtime, &none, 1, &claim, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_core_claim_make(owner->runtime, &all, 0, &claim, NULL), NULL);
    assert_null(claim.first_cores);
    assert_int_equal(replicas_on(owner, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cores_have_as_many_replicas_as_fit),
        cmocka_unit_test(replicas_count_for_the_least_used_core),
        cmocka_unit_test(what_cannot_be_is_refused_and_counts_nothing),
    };
    return cmocka_run_group_tests(tests, staged_runtime_setup, staged_runtime_teardown);
}
