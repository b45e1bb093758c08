/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of the Neuron reference of placement, one test each, and what it says in words. */
#include "neuron/module_placement.h"

#include "check.h"
#include "placement_bench.h"

/* As set_neuron_cores(module, start_nc, nc_count). */
static void
place(struct neuron_module *module, int32_t start_nc, int32_t nc_count)
{
    const struct neuron_module_placement placement = run_of(start_nc, nc_count);
    struct neuron_error error = {0};

    assert_ok(neuron_module_place(module, &placement, &error), &error);
}

static void
a_loaded_model_moves_to_the_first_core(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *other = load(bench);
    struct neuron_module *model = load(bench);
    check_runs(bench, model, "1");
    place(model, 0, 1);
    check_replicas(bench->runtime, "2000");
    check_runs(bench, model, "000");
    neuron_module_destroy(model);
    neuron_module_destroy(other);
}

static void
a_loaded_model_is_replicated_to_two_cores(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model = load(bench);
    place(model, 2, 2);
    check_replicas(bench->runtime, "0011");
    check_runs(bench, model, "232");
    neuron_module_destroy(model);
}

static void
two_loaded_models_are_pinned_to_cores_of_their_own(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model1 = load(bench);
    place(model1, 2, NEURON_AUTOMATIC);
    struct neuron_module *model2 = load(bench);
    place(model2, 0, NEURON_AUTOMATIC);
    check_replicas(bench->runtime, "1010");
    check_runs(bench, model1, "22");
    check_runs(bench, model2, "00");
    neuron_module_destroy(model1);
    neuron_module_destroy(model2);
}

static void
a_loaded_model_spreads_over_all_cores(void **state)
{
    static const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};
    struct placement_bench *bench = *state;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model = load(bench);
    assert_ok(neuron_module_place(model, &all, &error), &error);
    check_replicas(bench->runtime, "1111");
    check_runs(bench, model, "01230");
    neuron_module_destroy(model);
}

static void
a_model_loads_directly_to_the_first_core(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model = load_inside(bench, 0, 1);
    check_replicas(bench->runtime, "1000");
    check_runs(bench, model, "000");
    neuron_module_destroy(model);
}

static void
a_model_loads_directly_to_two_cores(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model = load_inside(bench, 2, 2);
    check_replicas(bench->runtime, "0011");
    check_runs(bench, model, "232");
    neuron_module_destroy(model);
}

static void
two_models_load_directly_to_cores_of_their_own(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model1 = load_inside(bench, 2, NEURON_AUTOMATIC);
    struct neuron_module *model2 = load_inside(bench, 0, NEURON_AUTOMATIC);
    check_replicas(bench->runtime, "1010");
    check_runs(bench, model1, "22");
    check_runs(bench, model2, "00");
    neuron_module_destroy(model1);
    neuron_module_destroy(model2);
}

static void
a_model_loads_directly_to_all_cores(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    assert_ok(neuron_multicore_context_enter(bench->runtime, &context, &error), &error);
    struct neuron_module *model = load(bench);
    assert_ok(neuron_cores_context_leave(&context, &error), &error);
    check_replicas(bench->runtime, "1111");
    check_runs(bench, model, "012301");
    neuron_module_destroy(model);
}

static void
minus_one_is_the_least_used_core_and_one_of_them(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *first = load_inside(bench, 0, 2);
    struct neuron_module *second = load_inside(bench, NEURON_AUTOMATIC, NEURON_AUTOMATIC);
    struct neuron_module *third = load_inside(bench, NEURON_AUTOMATIC, 2);
    check_runs(bench, second, "22");
    /* nc:0 to nc:2 have one each; a run that has nc:3 is the least used. */
    check_runs(bench, third, "232");
    place(second, NEURON_AUTOMATIC, NEURON_AUTOMATIC);
    check_replicas(bench->runtime, "2111");
    check_runs(bench, second, "00");
    neuron_module_destroy(first);
    neuron_module_destroy(second);
    neuron_module_destroy(third);
}

static void
a_context_moves_no_model_that_is_loaded_already(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    struct neuron_module *model = load(bench);
    assert_ok(neuron_cores_context_enter(bench->runtime, 3, 1, &context, &error), &error);
    check_runs(bench, model, "00");
    place(model, 2, 1); /* what is named comes before the context */
    check_runs(bench, model, "22");
    assert_ok(neuron_cores_context_leave(&context, &error), &error);
    check_replicas(bench->runtime, "0010");
    neuron_module_destroy(model);
}

static void
numbers_outside_of_the_process_are_refused_at_the_context(void **state)
{
    static const struct {
        int32_t start_nc;
        int32_t nc_count;
        enum neuron_status expected;
    } cases[] = {
        {4, 1, NEURON_NO_SUCH_CORE},       {3, 2, NEURON_NO_SUCH_CORE},
        {-1, 5, NEURON_NO_SUCH_CORE},      {4, -1, NEURON_NO_SUCH_CORE},
        {0, 0, NEURON_INVALID_ARGUMENT},   {0, -2, NEURON_INVALID_ARGUMENT},
        {-2, 1, NEURON_INVALID_ARGUMENT},  {-1, 0, NEURON_INVALID_ARGUMENT},
        {-7, -7, NEURON_INVALID_ARGUMENT}, {INT32_MAX, INT32_MAX, NEURON_NO_SUCH_CORE},
    };
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        assert_status(cases[i].expected,
                      neuron_cores_context_enter(bench->runtime, cases[i].start_nc,
                                                 cases[i].nc_count, &context, &error),
                      &error);
        assert_contains(error.text, "nc:3");
    }
    struct neuron_module *model = load(bench); /* in no context */
    check_runs(bench, model, "00");
    neuron_module_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_loaded_model_moves_to_the_first_core,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_loaded_model_is_replicated_to_two_cores,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(two_loaded_models_are_pinned_to_cores_of_their_own,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_loaded_model_spreads_over_all_cores,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_loads_directly_to_the_first_core,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_loads_directly_to_two_cores, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(two_models_load_directly_to_cores_of_their_own,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_loads_directly_to_all_cores, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(minus_one_is_the_least_used_core_and_one_of_them,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_context_moves_no_model_that_is_loaded_already,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(numbers_outside_of_the_process_are_refused_at_the_context,
                                        placement_bench_setup, placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
