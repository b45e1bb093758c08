/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models that several cores run together: numbers, runs of several models in any order, failures,
 * and limits. By the linker's work every step that can be cut is cut, however small it is.
 */
#include "check.h"

#include "chooser.h"
#include "engine/plan_body.h"
#include "engine/wide_worth.h"
#include "gate.h"
#include "module/model_body.h"
#include "neuron/module.h"
#include "neuron/trace.h"
#include "random_network.h"
#include "staged_model.h"
#include "tensor_text.h"
#include "test_runtime.h"

enum { CORES = STAGED_CORES, NETWORKS = 150, PRODUCTS = 6 };

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming):
 * the linker's */
bool
__wrap_neuron_wide_is_worth_it(const struct neuron_graph *graph, const struct neuron_node *node);

bool
__wrap_neuron_wide_is_worth_it(const struct neuron_graph *graph, const struct neuron_node *node)
{
    (void)graph;
    (void)node;
    return true;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static void
load_wide_chooser(struct staged_model *staged, uint32_t core_count)
{
    staged_model_create_wide(staged, staged_trace_over(chooser, CHOOSER_EXAMPLES, 2, NULL),
                             core_count);
}

static void
check_network(const struct test_runtime *owner, uint32_t seed)
{
    struct recipe recipe = {.seed = seed};
    struct neuron_tensor_view input = random_network_view();
    struct neuron_tensor_view outputs[RANDOM_OUTPUTS];
    struct staged_model staged = {0};
    struct neuron_error error = {0};

    staged_model_create_wide(&staged, random_network_trace(&recipe), 2 + seed % (CORES - 1));
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, NEURON_AUTOMATIC);
    allocate_tensor(&input);
    fill_tensor(&input, seed);
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        outputs[i] = random_network_view();
        allocate_tensor(&outputs[i]);
    }
    assert_ok(neuron_module_run(module, &input, 1, outputs, RANDOM_OUTPUTS, &error), &error);
    random_network_check(seed, &input, outputs);
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        free_tensor(&outputs[i]);
    }
    free_tensor(&input);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
random_networks_give_what_their_nodes_give(void **state)
{
    for (uint32_t seed = 1; seed <= NETWORKS; seed += 1) {
        check_network(*state, seed);
    }
}

/* Products with weights [64,64] one after the other, as many as the user says, with a relu. */
static enum neuron_status
products(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const uint32_t *count = user;
    struct neuron_tensor_view weights = {.type = NEURON_FLOAT32, .rank = 2, .shape = {64, 64}};

    y[0] = x[0];
    for (uint32_t i = 0; i < *count; i += 1) {
        allocate_tensor(&weights);
        fill_tensor(&weights, i + 1);
        y[0] = neuron_relu(trace, neuron_matmul(trace, y[0], neuron_constant(trace, &weights)));
        y[0] = neuron_multiply(trace, y[0], neuron_scalar(trace, 0.25F));
        free_tensor(&weights);
    }
    return neuron_trace_status(trace);
}

/* Runs the products on so many cores, from the numbers of a seed. */
static void
run_products(const struct test_runtime *owner, const char *examples, uint32_t core_count,
             const struct neuron_tensor_view *output)
{
    uint32_t count = PRODUCTS;
    struct staged_model staged = {0};
    struct neuron_tensor_view input = *output;
    struct neuron_error error = {0};

    staged_model_create_wide(&staged, staged_trace_over(products, examples, 1, &count), core_count);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, NEURON_AUTOMATIC);
    allocate_tensor(&input);
    fill_tensor(&input, 77);
    for (int i = 0; i < 3; i += 1) {
        assert_ok(neuron_module_run(module, &input, 1, output, 1, &error), &error);
    }
    free_tensor(&input);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

/* Runs the products on one core, and on several, and compares. */
static void
check_products(const struct test_runtime *owner, const char *examples, uint32_t core_count)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};

    (void)parse_tensors(examples, views);
    views[1] = views[0];
    allocate_tensor(&views[0]);
    allocate_tensor(&views[1]);
    run_products(owner, examples, 1, &views[0]);
    run_products(owner, examples, core_count, &views[1]);
    check_close(&views[1], &views[0], 1e-5, examples);
    free_tensor(&views[0]);
    free_tensor(&views[1]);
}

static void
products_are_cut_in_rows_batches_and_columns(void **state)
{
    for (uint32_t cores = 2; cores <= CORES; cores += 1) {
        check_products(*state, "[32,64]", cores);
        check_products(*state, "[7,64]", cores);
        check_products(*state, "[1,64]", cores);
        check_products(*state, "[1,5,64]", cores);
        check_products(*state, "[6,3,64]", cores);
        check_products(*state, "[2,64]", cores); /* too few for some */
    }
}

static void
a_plan_has_parts_on_every_core_in_one_moment(void **state)
{
    uint32_t count = 1;
    struct staged_model staged = {0};
    struct neuron_plan *plan = NULL;
    struct neuron_error error = {0};
    uint32_t parts = 0;

    (void)state;
    staged_model_create_wide(&staged, staged_trace_over(products, "[32,64]", 1, &count), 4);
    assert_ok(neuron_plan_create(staged.model->file.graph, NULL, &plan, &error), &error);
    for (uint32_t i = 0; i < plan->step_count; i += 1) {
        if (plan->steps[i].core > 0) {
            parts += 1;
            assert_int_equal(plan->steps[i].moment, plan->steps[i - 1].moment);
        }
    }
    assert_int_equal(parts, 3);
    neuron_plan_destroy(plan);
    staged_model_destroy(&staged);
}

static void
many_threads_get_their_own_results(void **state)
{
    struct staged_model staged = {0};

    load_wide_chooser(&staged, 3);
    struct neuron_module *module = staged_module_create(*state, staged.model, 1, NEURON_AUTOMATIC);
    chooser_run_from_threads(module);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
modules_that_share_cores_do_not_wait_for_each_other_forever(void **state)
{
    static const struct {
        int32_t start;
        uint32_t count;
    } places[] = {{0, 2}, {1, 2}, {2, 2}, {0, 4}, {1, 3}, {0, 2}};
    enum { MODULES = sizeof(places) / sizeof(places[0]) };
    struct staged_model staged[MODULES] = {{0}};
    struct neuron_module *modules[MODULES];
    struct chooser_caller callers[MODULES][CHOOSER_THREADS];

    for (int i = 0; i < MODULES; i += 1) {
        load_wide_chooser(&staged[i], places[i].count);
        modules[i] =
            staged_module_create(*state, staged[i].model, places[i].start, NEURON_AUTOMATIC);
    }
    for (int i = 0; i < MODULES; i += 1) {
        chooser_callers_start(callers[i], modules[i]);
    }
    for (int i = 0; i < MODULES; i += 1) {
        chooser_callers_join(callers[i]);
    }
    for (int i = 0; i < MODULES; i += 1) {
        neuron_module_destroy(modules[i]);
        staged_model_destroy(&staged[i]);
    }
}

static void
a_failure_ends_all_parts_and_names_its_core(void **state)
{
    struct staged_model staged = {0};
    struct neuron_error error = {0};
    struct chooser_call call = chooser_call_of(5);

    load_wide_chooser(&staged, 3);
    struct neuron_module *module = staged_module_create(*state, staged.model, 1, NEURON_AUTOMATIC);
    for (int i = 0; i < 20; i += 1) {
        call.which = CHOOSER_ROW;
        assert_status(NEURON_INVALID_ARGUMENT, chooser_run(module, &call, &error), &error);
        assert_contains(error.text, "part 1 of 3 on nc:1: ");
        call.which = 1;
        assert_ok(chooser_run(module, &call, &error), &error);
        assert_true(chooser_is_right(&call));
    }
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
count_down(void *completion)
{
    neuron_completion_count_down(completion);
}

static void
a_full_inbox_ends_the_run_on_the_other_cores(void **state)
{
    const struct test_runtime *owner = *state;
    struct neuron_executor *second = neuron_runtime_executor(owner->runtime, 1);
    struct staged_model staged = {0};
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};
    struct chooser_call call = chooser_call_of(7);
    struct gate gate;

    load_wide_chooser(&staged, 3);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, NEURON_AUTOMATIC);
    assert_ok(neuron_completion_create(&completion, &error), &error);
    const struct neuron_request nothing = {.work = count_down, .argument = completion};
    neuron_completion_arm(completion, NEURON_INBOX_LIMIT);
    gate_close(&gate, second);
    gate_await_arrival(&gate);
    for (int i = 0; i < NEURON_INBOX_LIMIT; i += 1) {
        assert_ok(neuron_executor_submit(second, &nothing, &error), &error);
    }
    assert_status(NEURON_QUEUE_FULL, chooser_run(module, &call, &error), &error);
    assert_contains(error.text, "part 2 of 3 on nc:1: ");
    gate_open(&gate);
    neuron_completion_wait(completion);
    assert_ok(chooser_run(module, &call, &error), &error);
    assert_true(chooser_is_right(&call));
    neuron_completion_destroy(completion);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
a_busy_core_delays_a_run_and_does_not_fail_it(void **state)
{
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct chooser_caller callers[CHOOSER_THREADS];
    struct gate gate;

    load_wide_chooser(&staged, 2);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, NEURON_AUTOMATIC);
    gate_close(&gate, neuron_runtime_executor(owner->runtime, 1));
    gate_await_arrival(&gate);
    chooser_callers_start(callers, module);
    gate_open(&gate);
    chooser_callers_join(callers);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
replicas_take_turns_and_every_core_counts_its_runs(void **state)
{
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_core_counters counters = {0};

    load_wide_chooser(&staged, 2);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, 4);
    assert_int_equal(neuron_module_replica_count(module), 2);
    chooser_run_from_threads(module);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        neuron_runtime_read_counters(owner->runtime, nc, &counters);
        assert_int_equal(counters.run_count, CHOOSER_THREADS * CHOOSER_RUNS / 2);
        assert_int_equal(counters.failed_count, 0);
    }
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
a_module_moves_while_threads_run_it(void **state)
{
    struct staged_model staged = {0};
    struct chooser_caller callers[CHOOSER_THREADS];
    struct neuron_error error = {0};

    load_wide_chooser(&staged, 2);
    struct neuron_module *module = staged_module_create(*state, staged.model, 0, NEURON_AUTOMATIC);
    chooser_callers_start(callers, module);
    for (int32_t i = 0; i < 10; i += 1) {
        const struct neuron_module_placement there = {
            .kind = NEURON_PLACEMENT_RUN, .start_nc = i % 3, .nc_count = 2};

        assert_ok(neuron_module_place(module, &there, &error), &error);
    }
    chooser_callers_join(callers);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_networks_give_what_their_nodes_give,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(products_are_cut_in_rows_batches_and_columns,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test(a_plan_has_parts_on_every_core_in_one_moment),
        cmocka_unit_test_setup_teardown(many_threads_get_their_own_results, staged_runtime_setup,
                                        staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(modules_that_share_cores_do_not_wait_for_each_other_forever,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_failure_ends_all_parts_and_names_its_core,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_full_inbox_ends_the_run_on_the_other_cores,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_busy_core_delays_a_run_and_does_not_fail_it,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(replicas_take_turns_and_every_core_counts_its_runs,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_module_moves_while_threads_run_it, staged_runtime_setup,
                                        staged_runtime_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
