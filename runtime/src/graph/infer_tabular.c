/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of models of tables. */
#include "graph/infer.h"
#include "neuron/trace_tabular.h"

/* Says whether an input is a list, or with columns a matrix, of this type. */
static bool
is_list(const struct neuron_tensor_shape *shape, enum neuron_type type, int64_t columns)
{
    return shape->type == type && shape->rank == (columns == 1 ? 1U : 2U) &&
           (columns == 1 || shape->dims[1] == columns);
}

enum neuron_status
neuron_infer_tree_ensemble(const struct neuron_application *application,
                           struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *inputs = application->inputs;

    if (inputs[0].rank != 2 || !is_list(&inputs[1], NEURON_INT32, 3) ||
        !is_list(&inputs[2], NEURON_FLOAT64, 1) || !is_list(&inputs[3], NEURON_INT32, 1) ||
        !is_list(&inputs[4], NEURON_INT32, 1) || !is_list(&inputs[5], NEURON_FLOAT32, 1) ||
        !is_list(&inputs[6], NEURON_FLOAT32, 1) || inputs[1].dims[0] != inputs[2].dims[0] ||
        inputs[4].dims[0] != inputs[5].dims[0] || inputs[1].dims[0] > INT32_MAX ||
        inputs[4].dims[0] > INT32_MAX || application->attributes->mode > NEURON_TREE_MAX) {
        return neuron_infer_refuse(
            application,
            "takes [N,F], nodes [M,3], thresholds [M], roots, targets [W], weights [W], base "
            "values, and one of four ways to put them together",
            error);
    }
    *output = (struct neuron_tensor_shape){
        .type = NEURON_FLOAT32, .rank = 2, .dims = {inputs[0].dims[0], inputs[6].dims[0]}};
    return NEURON_OK;
}
