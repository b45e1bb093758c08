/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that schedule runs of models, and those for collectives, which are refused. */
#include "nrt/async.h"
#include "nrt/async_tracker.h"
#include "nrt/detour.h"
#include "nrt/libnrt.h"

static const char scheduling[] = "nrta_execute_schedule";

/* The body of a run. Its binding keeps its memory from one request to the next. */
struct run {
    struct libnrt_binding binding;
    uint32_t replica;
    struct nrta_error_tracker *tracker; /* a share; NULL for none */
    uint64_t sequence;
    struct libnrt_async_queue *queue;
};

/* Lets a model be unloaded: the request is reported, and its error is in the tracker. */
static void
give_up_model(void *model)
{
    libnrt_give_up_model(model);
}

/* Ends a run that has come to its end, on whatever thread. */
static void
finish_run(struct run *run, enum neuron_status status, const struct neuron_error *error,
           struct libnrt_async_after *after)
{
    struct nrt_model *model = NULL;
    NRT_STATUS result = libnrt_finish(scheduling, &run->binding, status, error, &model);

    if (result != NRT_SUCCESS && run->tracker != NULL) {
        libnrt_async_tracker_record(run->tracker, run->sequence, result);
    }
    libnrt_async_tracker_drop(run->tracker);
    run->tracker = NULL;
    *after = (struct libnrt_async_after){.act = give_up_model, .argument = model};
}

/* On the executor of the last stage, or of the one that failed. */
static void
end_submitted(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct run *run = argument;
    struct libnrt_async_after after = {.act = NULL};

    finish_run(run, status, error, &after);
    libnrt_async_queue_end(run->queue, run, &after);
}

/* Runs a replica of one core. */
static enum neuron_status
run_here(const struct run *run, struct neuron_error *error)
{
    const struct libnrt_binding *binding = &run->binding;

    return neuron_module_run_replica(binding->model->module, run->replica, binding->inputs,
                                     binding->outputs, error);
}

/* Lets a replica of several cores begin. */
static enum neuron_status
submit_to_cores(struct run *run, struct neuron_error *error)
{
    const struct libnrt_binding *binding = &run->binding;
    const struct neuron_replica_run order = {.inputs = binding->inputs,
                                             .outputs = binding->outputs,
                                             .done = end_submitted,
                                             .argument = run};

    return neuron_module_submit_replica(binding->model->module, run->replica, &order, error);
}

/* On the executor's thread. */
static enum libnrt_async_progress
run_model(void *body, uint64_t sequence, struct libnrt_async_after *after)
{
    struct run *run = body;
    bool has_one_core = run->binding.model->replica_core_count == 1;
    struct neuron_error error = {0};

    run->sequence = sequence;
    libnrt_detour_enter(&run->binding);
    enum neuron_status status = has_one_core ? run_here(run, &error) : submit_to_cores(run, &error);
    if (!has_one_core && status == NEURON_OK) {
        return LIBNRT_ASYNC_UNDER_WAY;
    }
    finish_run(run, status, &error, after);
    return LIBNRT_ASYNC_ENDED;
}

static void
dispose_run(void *body)
{
    libnrt_binding_dispose(&((struct run *)body)->binding);
}

const struct libnrt_async_bodies libnrt_async_run_bodies = {
    .size_bytes = sizeof(struct run), .run = run_model, .dispose = dispose_run};

/* Whose turn it is among the replicas of a model. */
struct turn {
    uint32_t model_id;
    uint32_t replica;
    uint32_t nc;
};

/* Finds the replica whose turn it is, for who has entered. */
static NRT_STATUS
choose_replica(const nrt_model_t *model, struct turn *turn)
{
    libnrt_lock();
    bool is_live = libnrt_knows(model, LIBNRT_MODEL);
    if (is_live) {
        turn->model_id = model->id;
        turn->replica = neuron_module_next_replica(model->module);
        turn->nc = neuron_module_replica_core(model->module, turn->replica);
    }
    libnrt_unlock();
    return is_live ? NRT_SUCCESS
                   : libnrt_refuse(NRT_INVALID_HANDLE, scheduling, "no live model has this handle");
}

/* What one call hands over. */
struct run_order {
    nrt_model_t *model;
    const nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
    struct nrta_error_tracker *tracker; /* a share, which is the request's on success */
};

/* Fills a place that was taken, and submits it; else leaves it as it was. */
static NRT_STATUS
submit_run(const struct run_order *order, const struct turn *turn,
           const struct libnrt_async_place *place, nrta_seq_t *sequence)
{
    struct run *run = place->body;
    NRT_STATUS status =
        libnrt_bind(scheduling, order->model, order->inputs, order->outputs, &run->binding);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (run->binding.model->id != turn->model_id) {
        /* Meanwhile it was unloaded, and another one loaded to the same address. */
        status = libnrt_refuse(NRT_INVALID_HANDLE, scheduling, "the model was unloaded");
    } else {
        run->replica = turn->replica;
        run->tracker = order->tracker;
        run->queue = place->queue;
        status = libnrt_async_submit(scheduling, place, sequence);
    }
    if (status != NRT_SUCCESS) {
        run->tracker = NULL;
        libnrt_unbind(&run->binding);
    }
    return status;
}

/* Schedules a run, for who has entered. */
static NRT_STATUS
schedule_run(const struct run_order *order, int queue, nrta_seq_t *sequence)
{
    struct libnrt_async_place place = {NULL, NULL};
    struct turn turn = {0};

    if (sequence == NULL) {
        return libnrt_refuse(NRT_INVALID, scheduling, "req_sequence is NULL");
    }
    NRT_STATUS status = choose_replica(order->model, &turn);
    if (status == NRT_SUCCESS) {
        status = libnrt_async_take(scheduling, turn.nc, NRTA_XU_COMPUTE, queue, &place);
    }
    if (status == NRT_SUCCESS) {
        status = submit_run(order, &turn, &place, sequence);
        if (status != NRT_SUCCESS) {
            libnrt_async_queue_give_back(place.queue, place.body);
        }
    }
    return status;
}

NRT_STATUS
nrta_execute_schedule(nrt_model_t *model, const nrt_tensor_set_t *input, nrt_tensor_set_t *output,
                      int queue, nrta_error_tracker_t *err, nrta_seq_t *req_sequence)
{
    struct run_order order = {.model = model, .inputs = input, .outputs = output};
    NRT_STATUS status = libnrt_enter(scheduling);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_async_share_tracker(scheduling, err, &order.tracker);
    if (status == NRT_SUCCESS) {
        status = schedule_run(&order, queue, req_sequence);
        if (status != NRT_SUCCESS) {
            libnrt_async_tracker_drop(order.tracker);
        }
    }
    libnrt_leave();
    return status;
}

/* Refuses what only accelerators do. */
static NRT_STATUS
refuse_collectives(const char *call)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status == NRT_SUCCESS) {
        status = libnrt_refuse(NRT_RESOURCE, call,
                               "collective operations run between accelerators; there is none");
        libnrt_leave();
    }
    return status;
}

/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): as in the original */
NRT_STATUS
nrta_cc_prepare(nrt_cc_comm_t *comm, nrt_tensor_list_t *input, nrt_tensor_list_t *output,
                nrt_dtype_t dtype, nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                nrt_cc_context_t **cc_ctx)
{
    (void)comm;
    (void)input;
    (void)output;
    (void)dtype;
    (void)op;
    (void)cc_op;
    (void)cc_ctx;
    return refuse_collectives(__func__);
}
NRT_STATUS
nrta_cc_schedule(nrt_cc_context_t **cc_ctx, int queue, nrta_error_tracker_t *err,
                 nrta_seq_t *req_sequence)
{
    (void)cc_ctx;
    (void)queue;
    (void)err;
    (void)req_sequence;
    return refuse_collectives(__func__);
}
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */
