/* SPDX-License-Identifier: Apache-2.0 */
/* Models of several stages, each on a core of its own: numbers, order, room, and failures. */
#include "check.h"

#include <stdatomic.h>
#include <string.h>

#include "chooser.h"
#include "gate.h"
#include "neuron/module.h"
#include "random_network.h"
#include "staged_model.h"
#include "tensor_text.h"
#include "test_runtime.h"
#include "traced_model.h"

enum { CORES = STAGED_CORES, NETWORKS = 150, BACKLOG = 20 };

static void
check_network(const struct test_runtime *owner, uint32_t seed)
{
    struct recipe recipe = {.seed = seed};
    struct neuron_graph *traced = random_network_trace(&recipe);
    uint32_t stage_count = 2 + recipe_draw(&recipe, CORES - 1);
    struct neuron_tensor_view input = random_network_view();
    struct neuron_tensor_view outputs[RANDOM_OUTPUTS];
    struct staged_model staged = {0};
    struct neuron_error error = {0};

    staged_model_create(&staged, traced, stage_count, seed);
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
random_networks_cut_anywhere_give_what_their_nodes_give(void **state)
{
    for (uint32_t seed = 1; seed <= NETWORKS; seed += 1) {
        check_network(*state, seed);
    }
}

static void
many_threads_get_their_own_results(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 4);
    struct neuron_module *module = staged_module_create(*state, staged.model, 0, NEURON_AUTOMATIC);
    chooser_run_from_threads(module);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
replicas_of_several_cores_take_turns(void **state)
{
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_core_counters counters = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
    assert_int_equal(neuron_model_core_count(staged.model), 2);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, 4);
    assert_int_equal(neuron_module_replica_count(module), 2);
    assert_int_equal(neuron_module_replica_core(module, 1), 2);
    chooser_run_from_threads(module);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        neuron_runtime_read_counters(owner->runtime, nc, &counters);
        assert_int_equal(counters.run_count, CHOOSER_THREADS * CHOOSER_RUNS / 2);
        assert_int_equal(counters.replica_count, 1);
        assert_int_equal(counters.failed_count, 0);
    }
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
a_failure_names_its_stage_and_core_and_later_runs_go_on(void **state)
{
    struct staged_model staged = {0};
    struct neuron_error error = {0};
    struct chooser_call call = chooser_call_of(5);

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 3);
    struct neuron_module *module = staged_module_create(*state, staged.model, 1, NEURON_AUTOMATIC);
    for (int i = 0; i < BACKLOG; i += 1) {
        call.which = CHOOSER_ROW;
        assert_status(NEURON_INVALID_ARGUMENT, chooser_run(module, &call, &error), &error);
        assert_contains(error.text, "stage 3 of 3 on nc:3: ");
        call.which = 1;
        assert_ok(chooser_run(module, &call, &error), &error);
        assert_true(chooser_is_right(&call));
    }
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

/* Runs that nobody waits for. */
struct backlog {
    struct chooser_call calls[BACKLOG];
    void *inputs[BACKLOG][2];
    void *outputs[BACKLOG][2];
    enum neuron_status statuses[BACKLOG];
    uint32_t order[BACKLOG]; /* in which they ended */
    _Atomic uint32_t done_count;
    struct neuron_completion *completion;
};

struct backlog_item {
    struct backlog *backlog;
    uint32_t number;
};

static void
note_end(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct backlog_item *item = argument;
    struct backlog *backlog = item->backlog;

    (void)error;
    backlog->statuses[item->number] = status;
    backlog->order[atomic_fetch_add(&backlog->done_count, 1)] = item->number;
    neuron_completion_count_down(backlog->completion);
}

/* Submits all runs of a backlog; each item of `failing` chooses what is not there. */
static void
submit_backlog(struct backlog *backlog, struct backlog_item *items, struct neuron_module *module,
               uint32_t failing)
{
    struct neuron_error error = {0};

    assert_ok(neuron_completion_create(&backlog->completion, &error), &error);
    neuron_completion_arm(backlog->completion, BACKLOG);
    for (uint32_t i = 0; i < BACKLOG; i += 1) {
        struct chooser_call *call = &backlog->calls[i];

        *call = chooser_call_of(i);
        call->which = i == failing ? CHOOSER_ROW + 3 : call->which;
        backlog->inputs[i][0] = call->row;
        backlog->inputs[i][1] = &call->which;
        backlog->outputs[i][0] = call->doubled;
        backlog->outputs[i][1] = call->chosen;
        items[i] = (struct backlog_item){.backlog = backlog, .number = i};
        const struct neuron_replica_run run = {.inputs = backlog->inputs[i],
                                               .outputs = backlog->outputs[i],
                                               .done = note_end,
                                               .argument = &items[i]};
        assert_ok(neuron_module_submit_replica(module, 0, &run, &error), &error);
    }
}

static void
end_backlog(struct backlog *backlog)
{
    neuron_completion_wait(backlog->completion);
    neuron_completion_destroy(backlog->completion);
    assert_int_equal(atomic_load(&backlog->done_count), BACKLOG);
}

static void
runs_without_room_wait_and_keep_no_core(void **state)
{
    const struct test_runtime *owner = *state;
    struct backlog backlog = {.done_count = 0};
    struct backlog_item items[BACKLOG];
    struct staged_model staged = {0};
    struct gate gate;
    struct gate first;

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
    struct neuron_module *module = staged_module_create(owner, staged.model, 0, NEURON_AUTOMATIC);
    gate_close(&gate, neuron_runtime_executor(owner->runtime, 1));
    gate_await_arrival(&gate);
    submit_backlog(&backlog, items, module, UINT32_MAX);
    /* The first core goes on with other work as soon as there is no more room before the second. */
    gate_close(&first, neuron_runtime_executor(owner->runtime, 0));
    gate_await_arrival(&first);
    gate_open(&first);
    assert_int_equal(atomic_load(&backlog.done_count), 0);
    gate_open(&gate);
    end_backlog(&backlog);
    for (uint32_t i = 0; i < BACKLOG; i += 1) {
        assert_int_equal(backlog.order[i], i);
        assert_int_equal(backlog.statuses[i], NEURON_OK);
        assert_true(chooser_is_right(&backlog.calls[i]));
    }
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
a_run_that_fails_gives_its_room_to_the_next(void **state)
{
    struct backlog backlog = {.done_count = 0};
    struct backlog_item items[BACKLOG];
    struct staged_model staged = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 4);
    struct neuron_module *module = staged_module_create(*state, staged.model, 0, NEURON_AUTOMATIC);
    submit_backlog(&backlog, items, module, 4);
    end_backlog(&backlog);
    for (uint32_t i = 0; i < BACKLOG; i += 1) {
        assert_int_equal(backlog.statuses[i], i == 4 ? NEURON_INVALID_ARGUMENT : NEURON_OK);
        assert_true(i == 4 || chooser_is_right(&backlog.calls[i]));
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
a_full_inbox_refuses_a_run_and_the_next_one_works(void **state)
{
    const struct test_runtime *owner = *state;
    struct neuron_executor *second = neuron_runtime_executor(owner->runtime, 1);
    struct staged_model staged = {0};
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};
    struct chooser_call call = chooser_call_of(7);
    struct gate gate;

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
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
    assert_contains(error.text, "stage 2 of 2 on nc:1: ");
    gate_open(&gate);
    neuron_completion_wait(completion);
    assert_ok(chooser_run(module, &call, &error), &error);
    assert_true(chooser_is_right(&call));
    neuron_completion_destroy(completion);
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
a_module_moves_while_threads_run_it(void **state)
{
    struct staged_model staged = {0};
    struct chooser_caller callers[CHOOSER_THREADS];
    struct neuron_error error = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
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

static void
one_executor_alone_does_not_run_several_cores(void **state)
{
    struct staged_model staged = {0};
    struct neuron_error error = {0};
    void *none[2] = {NULL, NULL};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
    struct neuron_module *module = staged_module_create(*state, staged.model, 0, NEURON_AUTOMATIC);
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  neuron_module_run_replica(module, 0, none, none, &error), &error);
    assert_contains(error.text, "takes 2 cores");
    neuron_module_destroy(module);
    staged_model_destroy(&staged);
}

static void
more_cores_than_there_are_are_refused(void **state)
{
    const struct test_runtime *owner = *state;
    const struct neuron_module_placement odd = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 0, .nc_count = 3};
    const struct neuron_module_placement beyond = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 3, .nc_count = 2};
    struct staged_model staged = {0};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    staged_model_trace(&staged, chooser, CHOOSER_EXAMPLES, 2, 2);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_create(owner->runtime, staged.model, &odd, &module, &error),
                  &error);
    assert_contains(error.text, "no multiple of the 2 cores");
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_module_create(owner->runtime, staged.model, &beyond, &module, &error),
                  &error);
    assert_null(module);
    staged_model_destroy(&staged);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_networks_cut_anywhere_give_what_their_nodes_give,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(many_threads_get_their_own_results, staged_runtime_setup,
                                        staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(replicas_of_several_cores_take_turns, staged_runtime_setup,
                                        staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_failure_names_its_stage_and_core_and_later_runs_go_on,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(runs_without_room_wait_and_keep_no_core,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_run_that_fails_gives_its_room_to_the_next,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_full_inbox_refuses_a_run_and_the_next_one_works,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_module_moves_while_threads_run_it, staged_runtime_setup,
                                        staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(one_executor_alone_does_not_run_several_cores,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(more_cores_than_there_are_are_refused, staged_runtime_setup,
                                        staged_runtime_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
