/* SPDX-License-Identifier: Apache-2.0 */
#include "product_peer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_model.h"
#include "compiler/compile_graph.h"
#include "engine/program.h"
#include "engine/step_description.h"
#include "neuron/trace.h"

static void
set_view(struct neuron_tensor_view *view, const struct product_subject *subject, int64_t channels)
{
    int64_t side = llround(sqrt((double)subject->rows));

    *view = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {subject->rows, channels}};
    if (subject->is_window) {
        view->rank = 4;
        view->shape[0] = 1;
        view->shape[1] = channels;
        view->shape[2] = side;
        view->shape[3] = side;
    }
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    const struct product_subject *subject = user;
    const struct product_shape *shape = &subject->shape;
    struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {shape->depth, shape->columns}};
    const struct neuron_tensor_view bias = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {shape->columns}};
    struct neuron_value offset = record_weights(trace, bias);
    struct neuron_value value = {0};

    if (subject->is_window) {
        weights = (struct neuron_tensor_view){
            .type = NEURON_FLOAT32, .rank = 4, .shape = {shape->columns, shape->depth, 1, 1}};
        value = neuron_conv2d(trace, inputs[0], record_weights(trace, weights), offset, NULL);
    } else {
        value = neuron_add(trace, neuron_matmul(trace, inputs[0], record_weights(trace, weights)),
                           offset);
    }
    if (shape->ending == PRODUCT_RESIDUAL) {
        value = neuron_add(trace, value, inputs[1]);
    } else if (shape->ending == PRODUCT_RELU) {
        value = neuron_relu(trace, value);
    } else if (shape->ending == PRODUCT_GELU) {
        value = neuron_gelu(trace, value);
    }
    outputs[0] = value;
    return neuron_trace_status(trace);
}

enum neuron_status
product_peer_create(const struct product_subject *subject, struct product_peer *peer,
                    struct neuron_error *error)
{
    struct neuron_tensor_view views[2];
    const struct neuron_trace_signature signature = {
        .example_inputs = views,
        .input_count = subject->shape.ending == PRODUCT_RESIDUAL ? 2 : 1,
        .output_count = 1};

    set_view(&views[0], subject, subject->shape.depth);
    set_view(&views[1], subject, subject->shape.columns);
    struct product_subject copy = *subject;

    enum neuron_status status = neuron_trace(record, &signature, &copy, &peer->graph, error);
    if (status == NEURON_OK) {
        status = neuron_compile_graph(peer->graph, NULL, &peer->compiled, error);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_create(peer->compiled, NULL, &peer->plan, error);
    }
    if (status == NEURON_OK) {
        status = neuron_program_create(peer->plan, NULL, &peer->program, error);
    }
    if (status == NEURON_OK) {
        peer->times = calloc(neuron_plan_step_count(peer->plan), sizeof(*peer->times));
        status =
            peer->times != NULL ? NEURON_OK : NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory");
    }
    return status;
}

void
product_peer_destroy(struct product_peer *peer)
{
    free(peer->times);
    neuron_program_destroy(peer->program);
    neuron_plan_destroy(peer->plan);
    neuron_graph_destroy(peer->compiled);
    neuron_graph_destroy(peer->graph);
}

double
product_peer_run(const struct product_peer *peer, void *const inputs[2], float *result)
{
    void *outputs[1] = {result};
    double time_us = 0;

    if (neuron_program_run_profiled(peer->program, inputs, outputs, peer->times, NULL) !=
        NEURON_OK) {
        return -1;
    }
    for (uint32_t i = 0; i < neuron_plan_step_count(peer->plan); i += 1) {
        const char *kernel = neuron_plan_describe_step(peer->plan, i).kernel;

        if (strcmp(kernel, "matmul") == 0 || strcmp(kernel, "convolution") == 0) {
            time_us += (double)(peer->times[i].end_ns - peer->times[i].begin_ns) / 1e3;
        }
    }
    return time_us;
}
