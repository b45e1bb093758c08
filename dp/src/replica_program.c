/* SPDX-License-Identifier: Apache-2.0 */
#include "replica_program.h"

#include <stdlib.h>

struct replica {
    struct neuron_module *module;
    uint32_t index;
};

static enum neuron_status
run_replica(void *state, const struct neuron_chunk_run *run, struct neuron_error *error)
{
    const struct replica *replica = state;

    return neuron_module_run_replica_until(replica->module, replica->index, run->inputs,
                                           run->outputs, run->deadline_ns, error);
}

static enum neuron_status
submit_replica(void *state, const struct neuron_chunk_run *run, neuron_chunk_done_fn *done,
               void *argument, struct neuron_error *error)
{
    const struct replica *replica = state;
    const struct neuron_replica_run order = {.inputs = run->inputs,
                                             .outputs = run->outputs,
                                             .done = done,
                                             .argument = argument,
                                             .deadline_ns = run->deadline_ns};

    return neuron_module_submit_replica(replica->module, replica->index, &order, error);
}

static const struct neuron_chunk_program_ops on_one_core = {.run = run_replica, .destroy = free};
static const struct neuron_chunk_program_ops on_several_cores = {.submit = submit_replica,
                                                                 .destroy = free};

enum neuron_status
neuron_replica_program_create(struct neuron_module *module, uint32_t replica, int64_t run_rows,
                              struct neuron_chunk_program *program, struct neuron_error *error)
{
    struct replica *made = malloc(sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a replica's runs");
    }
    *made = (struct replica){.module = module, .index = replica};
    *program = (struct neuron_chunk_program){
        .ops = neuron_model_core_count(neuron_module_model(module)) == 1 ? &on_one_core
                                                                         : &on_several_cores,
        .state = made,
        .run_rows = run_rows,
        .is_padded = true,
    };
    return NEURON_OK;
}
