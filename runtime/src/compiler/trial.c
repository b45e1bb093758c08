/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/trial.h"

#include <stdlib.h>

#include "compiler/made_up.h"
#include "engine/single_thread.h"
#include "engine/step_description.h"

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a trial run");
}

/* Memory for the tensor of a port, aligned as constants are. */
static void *
allocate_port(const struct neuron_graph_port *port)
{
    return neuron_graph_allocate_constant(&port->spec.shape);
}

static enum neuron_status
create_ports(struct neuron_trial *trial, struct neuron_error *error)
{
    const struct neuron_graph *graph = trial->graph;

    trial->inputs = calloc((size_t)graph->input_count + 1, sizeof(void *));
    trial->outputs = calloc((size_t)graph->output_count + 1, sizeof(void *));
    if (trial->inputs == NULL || trial->outputs == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        const struct neuron_tensor_shape *shape = &graph->inputs[i].spec.shape;
        size_t count = 0;

        trial->inputs[i] = allocate_port(&graph->inputs[i]);
        if (trial->inputs[i] == NULL || !neuron_tensor_shape_element_count(shape, &count)) {
            return refuse_memory(error);
        }
        neuron_make_up(shape->type, trial->inputs[i], count, i);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        trial->outputs[i] = allocate_port(&graph->outputs[i]);
        if (trial->outputs[i] == NULL) {
            return refuse_memory(error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_trial_open(const struct neuron_graph *graph, struct neuron_trial *trial,
                  struct neuron_error *error)
{
    *trial = (struct neuron_trial){.graph = graph};
    trial->threads = neuron_engine_use_single_thread();
    enum neuron_status status = create_ports(trial, error);
    if (status == NEURON_OK) {
        status = neuron_plan_create(graph, NULL, &trial->plan, error);
    }
    if (status == NEURON_OK) {
        status = neuron_program_create(trial->plan, NULL, &trial->program, error);
    }
    if (status == NEURON_OK) {
        trial->step_count = neuron_plan_step_count(trial->plan);
        trial->times = calloc((size_t)trial->step_count + 1, sizeof(*trial->times));
        status = trial->times == NULL ? refuse_memory(error) : NEURON_OK;
    }
    return status;
}

enum neuron_status
neuron_trial_run(struct neuron_trial *trial, struct neuron_error *error)
{
    return neuron_program_run_profiled(trial->program, trial->inputs, trial->outputs, trial->times,
                                       error);
}

void
neuron_trial_close(struct neuron_trial *trial)
{
    if (trial->graph == NULL) {
        return;
    }
    neuron_program_destroy(trial->program);
    neuron_plan_destroy(trial->plan);
    for (uint32_t i = 0; trial->inputs != NULL && i < trial->graph->input_count; i += 1) {
        free(trial->inputs[i]);
    }
    for (uint32_t i = 0; trial->outputs != NULL && i < trial->graph->output_count; i += 1) {
        free(trial->outputs[i]);
    }
    free(trial->inputs);
    free(trial->outputs);
    free(trial->times);
    neuron_engine_restore_threads(trial->threads);
    *trial = (struct neuron_trial){0};
}
