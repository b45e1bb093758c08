/* SPDX-License-Identifier: Apache-2.0 */
#include "chooser.h"

#include "check.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"

enum neuron_status
chooser(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    struct neuron_value shifted = neuron_tanh(
        trace, neuron_multiply(trace, neuron_add(trace, x[0], neuron_scalar(trace, 1.0F)),
                               neuron_scalar(trace, 1e-3F)));

    y[0] = neuron_multiply(trace, shifted, neuron_scalar(trace, 2.0F));
    y[1] = neuron_add(trace, neuron_gather(trace, y[0], x[1], 0), x[0]);
    return neuron_trace_status(trace);
}

enum neuron_status
chooser_run(struct neuron_module *module, struct chooser_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view inputs[2] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {CHOOSER_ROW}, .data = call->row},
        {.type = NEURON_INT32, .rank = 1, .shape = {1}, .data = &call->which}};
    const struct neuron_tensor_view outputs[2] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {CHOOSER_ROW}, .data = call->doubled},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {CHOOSER_ROW}, .data = call->chosen}};

    return neuron_module_run(module, inputs, 2, outputs, 2, error);
}

struct chooser_call
chooser_call_of(uint32_t number)
{
    float first = (float)(number % 1000);

    return (struct chooser_call){.row = {first, first + 1, first + 2, first + 3},
                                 .which = (int32_t)(number % CHOOSER_ROW)};
}

bool
chooser_is_right(const struct chooser_call *call)
{
    bool is_right = true;

    for (uint32_t i = 0; i < CHOOSER_ROW; i += 1) {
        /* tanh of something small, twice, over a thousand: nearly linear */
        float about = 2.0F * (call->row[i] + 1.0F) / 1000.0F;

        is_right = is_right && call->doubled[i] <= about && call->doubled[i] >= about * 0.7F &&
                   call->chosen[i] == call->doubled[call->which] + call->row[i];
    }
    return is_right;
}

static void *
call_again_and_again(void *argument)
{
    struct chooser_caller *caller = argument;

    for (uint32_t i = 0; i < CHOOSER_RUNS; i += 1) {
        struct chooser_call call = chooser_call_of(caller->number * CHOOSER_RUNS + i);

        if (chooser_run(caller->module, &call, NULL) != NEURON_OK || !chooser_is_right(&call)) {
            caller->wrong += 1;
        }
    }
    return NULL;
}

void
chooser_callers_start(struct chooser_caller callers[CHOOSER_THREADS], struct neuron_module *module)
{
    for (uint32_t i = 0; i < CHOOSER_THREADS; i += 1) {
        callers[i] = (struct chooser_caller){.module = module, .number = i};
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, call_again_and_again, &callers[i]), 0);
    }
}

void
chooser_callers_join(struct chooser_caller callers[CHOOSER_THREADS])
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < CHOOSER_THREADS; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        wrong += callers[i].wrong;
    }
    assert_int_equal(wrong, 0);
}

void
chooser_run_from_threads(struct neuron_module *module)
{
    struct chooser_caller callers[CHOOSER_THREADS];

    chooser_callers_start(callers, module);
    chooser_callers_join(callers);
}
