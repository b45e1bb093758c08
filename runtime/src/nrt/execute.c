/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that the caller waits for. */
#include <stdlib.h>
#include <string.h>

#include "nrt/detour.h"
#include "nrt/libnrt.h"
#include "nrt/nrt_experimental.h"

/* Runs the model once over the addresses of a binding, and waits. */
static enum neuron_status
run_once(const struct nrt_model *model, const struct libnrt_binding *binding,
         struct neuron_tensor_view *views, struct neuron_error *error)
{
    uint32_t count = model->input_count + model->output_count;

    memcpy(views, model->views, count * sizeof(views[0]));
    for (uint32_t i = 0; i < count; i += 1) {
        views[i].data = binding->inputs[i]; /* the outputs follow in the same array */
    }
    return neuron_module_run(model->module, views, model->input_count, views + model->input_count,
                             model->output_count, error);
}

/* Provides views, on the stack where the model has few tensors, and runs it once. */
static enum neuron_status
run(const struct nrt_model *model, const struct libnrt_binding *binding, struct neuron_error *error)
{
    uint32_t count = model->input_count + model->output_count;
    struct neuron_tensor_view few[LIBNRT_FEW];

    if (count <= LIBNRT_FEW) {
        return run_once(model, binding, few, error);
    }
    struct neuron_tensor_view *many = calloc(count, sizeof(*many));
    if (many == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    enum neuron_status status = run_once(model, binding, many, error);
    free(many);
    return status;
}

NRT_STATUS
nrt_execute(nrt_model_t *model, const nrt_tensor_set_t *input_set, nrt_tensor_set_t *output_set)
{
    static const char call[] = "nrt_execute";
    struct libnrt_binding binding = {.model = NULL};
    struct neuron_error error = {.text = ""};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_bind(call, model, input_set, output_set, &binding);
    if (status == NRT_SUCCESS) {
        libnrt_detour_enter(&binding);
        status = libnrt_finish(call, &binding, run(model, &binding, &error), &error, NULL);
    }
    libnrt_binding_dispose(&binding);
    libnrt_leave();
    return status;
}

/* Checks that each output can be the input at the same place. */
static NRT_STATUS
check_pairs(const char *call, const struct nrt_model *model)
{
    if (model->input_count != model->output_count) {
        return libnrt_refuse(NRT_INVALID, call,
                             "the model has %u inputs and %u outputs; to be repeated it must have "
                             "as many of both model=%u",
                             model->input_count, model->output_count, model->id);
    }
    for (uint32_t i = 0; i < model->input_count; i += 1) {
        const struct neuron_tensor_spec *input = model->ports[i].spec;
        const struct neuron_tensor_spec *output = model->ports[model->input_count + i].spec;

        if (!neuron_tensor_shape_equals(&input->shape, &output->shape)) {
            return libnrt_refuse(NRT_INVALID, call,
                                 "output %s cannot be input %s of the next run: types or shapes "
                                 "differ model=%u",
                                 output->name, input->name, model->id);
        }
    }
    return NRT_SUCCESS;
}

/* Two places that the outputs of the runs go to in turn. */
struct relay {
    void **result;  /* where the last run writes: the binding's outputs */
    void **between; /* as many */
    unsigned char *memory;
};

static void
destroy_relay(struct relay *relay)
{
    free(relay->memory);
    free(relay->between);
    free(relay->result);
}

static enum neuron_status
create_relay(const struct libnrt_binding *binding, struct relay *relay, struct neuron_error *error)
{
    enum { ALIGNMENT = 64 };
    const struct nrt_model *model = binding->model;
    size_t size_bytes = ALIGNMENT;

    for (uint32_t i = 0; i < model->output_count; i += 1) {
        size_bytes += (model->ports[i].size_bytes / ALIGNMENT + 1) * ALIGNMENT;
    }
    relay->memory = aligned_alloc(ALIGNMENT, size_bytes);
    relay->between = calloc((size_t)model->output_count + 1, sizeof(void *));
    relay->result = calloc((size_t)model->output_count + 1, sizeof(void *));
    if (relay->memory == NULL || relay->between == NULL || relay->result == NULL) {
        destroy_relay(relay);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for what runs hand over");
    }
    unsigned char *place = relay->memory;
    for (uint32_t i = 0; i < model->output_count; i += 1) {
        relay->result[i] = binding->outputs[i];
        relay->between[i] = place;
        place += (model->ports[i].size_bytes / ALIGNMENT + 1) * ALIGNMENT;
    }
    return NEURON_OK;
}

/* Runs the model so often; the last run writes to where the binding wants its outputs. */
static enum neuron_status
run_repeatedly(const struct libnrt_binding *binding, int repeat_count, struct neuron_error *error)
{
    size_t bytes = binding->model->output_count * sizeof(void *);
    struct relay relay = {.memory = NULL};

    if (repeat_count == 1) {
        return run(binding->model, binding, error);
    }
    enum neuron_status status = create_relay(binding, &relay, error);
    if (status != NEURON_OK) {
        return status;
    }
    bool has_nan = false;
    for (int left = repeat_count - 1; status == NEURON_OK && left >= 0; left -= 1) {
        memcpy(binding->outputs, left % 2 == 0 ? relay.result : relay.between, bytes);
        status = run(binding->model, binding, error);
        if (status == NEURON_NUMERICAL_ERROR) {
            /* The outputs are there, for the next run too. */
            has_nan = true;
            status = NEURON_OK;
        }
        if (left > 0) {
            memcpy(binding->inputs, binding->outputs, bytes);
        }
    }
    memcpy(binding->outputs, relay.result, bytes);
    destroy_relay(&relay);
    return status == NEURON_OK && has_nan ? NEURON_NUMERICAL_ERROR : status;
}

/* Puts the addresses of the program's inputs back, which may be dumped. */
static void
restore_inputs(const struct libnrt_binding *binding)
{
    for (uint32_t i = 0; i < binding->model->input_count; i += 1) {
        binding->inputs[i] = binding->bound[i].address;
    }
}

static NRT_STATUS
execute_repeat(const char *call, struct libnrt_binding *binding, int repeat_count)
{
    struct neuron_error error = {.text = ""};
    NRT_STATUS status = check_pairs(call, binding->model);

    if (status != NRT_SUCCESS) {
        libnrt_unbind(binding);
        return status;
    }
    libnrt_detour_enter(binding);
    enum neuron_status run_status = run_repeatedly(binding, repeat_count, &error);
    restore_inputs(binding);
    return libnrt_finish(call, binding, run_status, &error, NULL);
}

NRT_STATUS
nrt_execute_repeat(nrt_model_t *model, const nrt_tensor_set_t *input_set,
                   nrt_tensor_set_t *output_set, int repeat_count)
{
    static const char call[] = "nrt_execute_repeat";
    struct libnrt_binding binding = {.model = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (repeat_count < 1) {
        status =
            libnrt_refuse(NRT_INVALID, call, "repeat_count is %d; give at least 1", repeat_count);
    } else {
        status = libnrt_bind(call, model, input_set, output_set, &binding);
    }
    if (status == NRT_SUCCESS) {
        status = execute_repeat(call, &binding, repeat_count);
    }
    libnrt_binding_dispose(&binding);
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_register_async_exec_callback(NRT_ASYNC_EXEC_STATUS_CALLBACK callback, void *params)
{
    NRT_STATUS status = libnrt_enter("nrt_register_async_exec_callback");

    (void)callback;
    (void)params;
    if (status == NRT_SUCCESS) {
        libnrt_leave();
    }
    return status;
}

NRT_STATUS
nrt_async_drain_queued_execs(int32_t start_vnc)
{
    static const char call[] = "nrt_async_drain_queued_execs";
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_check_vnc(call, start_vnc);
    libnrt_leave();
    return status;
}
