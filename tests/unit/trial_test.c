/* SPDX-License-Identifier: Apache-2.0 */
/* A graph that is run while it is being compiled. */
#include "check.h"

#include <string.h>

#include "compiler/trial.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"
#include "sample_graph.h"

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_tanh(trace, x[0]), neuron_scalar(trace, 1.0F));
    return neuron_trace_status(trace);
}

static void
a_graph_is_run_again_and_again_on_what_the_caller_writes(void **state)
{
    struct neuron_graph *graph = trace_sample(record, 1, 2, 3, 4);
    struct neuron_trial trial = {0};
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_trial_open(graph, &trial, &error), &error);
    for (int run = 0; run < 3; run += 1) {
        memset(trial.inputs[0], 0, sizeof(float) * 2 * 3 * 4);
        memset(trial.outputs[0], 0xFF, sizeof(float) * 2 * 3 * 4);
        assert_ok(neuron_trial_run(&trial, &error), &error);
        for (int i = 0; i < 2 * 3 * 4; i += 1) {
            assert_true(((const float *)trial.outputs[0])[i] == 1.0F);
        }
    }
    neuron_trial_close(&trial);
    neuron_graph_destroy(graph);
}

static void
inputs_are_made_up_the_same_each_time(void **state)
{
    struct neuron_graph *graph = sample_graph();
    struct neuron_trial trials[2] = {{0}};
    struct neuron_error error;
    float zeros[2 * 4 * 9 * 8] = {0.0F};

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        assert_ok(neuron_trial_open(graph, &trials[i], &error), &error);
    }
    assert_memory_equal(trials[0].inputs[0], trials[1].inputs[0], sizeof(zeros));
    assert_memory_equal(trials[0].inputs[1], trials[1].inputs[1], 2 * sizeof(int32_t));
    assert_memory_not_equal(trials[0].inputs[0], zeros, sizeof(zeros));
    neuron_trial_close(&trials[1]);
    neuron_trial_close(&trials[0]);
    neuron_graph_destroy(graph);
}

static void
every_step_has_its_time(void **state)
{
    struct neuron_graph *graph = sample_graph();
    struct neuron_trial trial = {0};
    struct neuron_error error;
    uint64_t now_ns = 0;

    (void)state;
    assert_ok(neuron_trial_open(graph, &trial, &error), &error);
    assert_true(trial.step_count > 0);
    assert_ok(neuron_trial_run(&trial, &error), &error);
    for (uint32_t i = 0; i < trial.step_count; i += 1) {
        assert_true(trial.times[i].begin_ns >= now_ns);
        assert_true(trial.times[i].end_ns >= trial.times[i].begin_ns);
        now_ns = trial.times[i].end_ns;
    }
    neuron_trial_close(&trial);
    neuron_graph_destroy(graph);
}

static void
one_that_cannot_be_opened_is_closed_all_the_same(void **state)
{
    struct neuron_graph *graph = trace_sample(record, 1, 2, 3, 4);
    struct neuron_trial trial = {0};
    struct neuron_error error;

    (void)state;
    /* Its bytes do not fit a size_t. */
    graph->inputs[0].spec.shape.dims[0] = INT64_MAX;
    assert_status(NEURON_OUT_OF_MEMORY, neuron_trial_open(graph, &trial, &error), &error);
    neuron_trial_close(&trial);
    neuron_graph_destroy(graph);
}

static void
a_zeroed_or_closed_one_is_closed(void **state)
{
    struct neuron_graph *graph = trace_sample(record, 1, 2, 3, 4);
    struct neuron_trial trial = {0};
    struct neuron_error error;

    (void)state;
    neuron_trial_close(&trial);
    assert_ok(neuron_trial_open(graph, &trial, &error), &error);
    neuron_trial_close(&trial);
    neuron_trial_close(&trial);
    neuron_graph_destroy(graph);
}

static enum neuron_status
record_quotient(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    y[0] = neuron_divide(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

static void
a_run_that_fails_can_be_run_again(void **state)
{
    const struct neuron_tensor_view views[] = {{.type = NEURON_INT32, .rank = 1, .shape = {2}},
                                               {.type = NEURON_INT32, .rank = 1, .shape = {2}}};
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 2, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_trial trial = {0};
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_trace(record_quotient, &signature, NULL, &graph, &error), &error);
    assert_ok(neuron_trial_open(graph, &trial, &error), &error);
    memset(trial.inputs[1], 0, 2 * sizeof(int32_t));
    assert_true(neuron_trial_run(&trial, &error) != NEURON_OK);
    memset(trial.inputs[1], 1, 2 * sizeof(int32_t));
    assert_ok(neuron_trial_run(&trial, &error), &error);
    neuron_trial_close(&trial);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_is_run_again_and_again_on_what_the_caller_writes),
        cmocka_unit_test(inputs_are_made_up_the_same_each_time),
        cmocka_unit_test(every_step_has_its_time),
        cmocka_unit_test(one_that_cannot_be_opened_is_closed_all_the_same),
        cmocka_unit_test(a_zeroed_or_closed_one_is_closed),
        cmocka_unit_test(a_run_that_fails_can_be_run_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
