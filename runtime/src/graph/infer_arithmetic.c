/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of elementwise operators, normalizations and matrix products. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Broadcasts the first `left_rank` and `right_rank` dimensions against each other, aligned at the
 * last. Returns the rank of the result, or UINT32_MAX when two dimensions disagree.
 */
static uint32_t
broadcast(const int64_t *left, uint32_t left_rank, const int64_t *right, uint32_t right_rank,
          int64_t *result)
{
    uint32_t rank = left_rank > right_rank ? left_rank : right_rank;

    for (uint32_t i = 0; i < rank; i += 1) {
        int64_t l = i + left_rank < rank ? 1 : left[i + left_rank - rank];
        int64_t r = i + right_rank < rank ? 1 : right[i + right_rank - rank];

        if (l != r && l != 1 && r != 1) {
            return UINT32_MAX;
        }
        result[i] = l == 1 ? r : l;
    }
    return rank;
}

enum neuron_status
neuron_infer_binary(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *left = &application->inputs[0];
    const struct neuron_tensor_shape *right = &application->inputs[1];

    output->rank = broadcast(left->dims, left->rank, right->dims, right->rank, output->dims);
    if (output->rank == UINT32_MAX) {
        return neuron_infer_refuse(application,
                                   "do not broadcast; aligned at the last dimension, each pair "
                                   "must be equal, or one of them 1",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_unary(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    (void)error;
    *output = application->inputs[0];
    return NEURON_OK;
}

/* Refuses an axis that the first input does not have. */
static enum neuron_status
check_axis(const struct neuron_application *application, struct neuron_error *error)
{
    int32_t axis = application->attributes->axis;
    char why[96] = "";

    if (axis >= 0 && (uint32_t)axis < application->inputs[0].rank) {
        return NEURON_OK;
    }
    (void)snprintf(why, sizeof(why), "has no axis %" PRId32, axis);
    return neuron_infer_refuse(application, why, error);
}

enum neuron_status
neuron_infer_softmax(const struct neuron_application *application,
                     struct neuron_tensor_shape *output, struct neuron_error *error)
{
    *output = application->inputs[0];
    return check_axis(application, error);
}

enum neuron_status
neuron_infer_layer_norm(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    enum neuron_status status = check_axis(application, error);

    if (status != NEURON_OK) {
        return status;
    }
    /* Written so that an epsilon that is no number fails, too. */
    if (!(application->attributes->epsilon >= 0.0F)) {
        return neuron_infer_refuse(application, "epsilon must not be negative", error);
    }
    uint32_t axis = (uint32_t)application->attributes->axis;
    uint32_t rank = input->rank - axis;
    for (uint32_t i = 1; i <= 2; i += 1) {
        const struct neuron_tensor_shape *factor = &application->inputs[i];

        if (factor->rank != rank ||
            memcmp(factor->dims, input->dims + axis, rank * sizeof(factor->dims[0])) != 0) {
            return neuron_infer_refuse(
                application, "scale and shift must have the shape of the normalized dimensions",
                error);
        }
    }
    *output = *input;
    return NEURON_OK;
}

enum neuron_status
neuron_infer_matmul(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *left = &application->inputs[0];
    const struct neuron_tensor_shape *right = &application->inputs[1];
    bool swap_left = application->attributes->transpose_left;
    bool swap_right = application->attributes->transpose_right;

    if (left->rank < 2 || right->rank < 2) {
        return neuron_infer_refuse(application, "both must have two dimensions or more", error);
    }
    int64_t rows = left->dims[left->rank - (swap_left ? 1 : 2)];
    int64_t depth = left->dims[left->rank - (swap_left ? 2 : 1)];
    int64_t right_depth = right->dims[right->rank - (swap_right ? 1 : 2)];
    int64_t columns = right->dims[right->rank - (swap_right ? 2 : 1)];
    if (depth != right_depth) {
        char why[128] = "";

        (void)snprintf(why, sizeof(why),
                       "the left has %" PRId64 " columns, the right %" PRId64 " rows%s", depth,
                       right_depth, swap_left || swap_right ? " (as transposed)" : "");
        return neuron_infer_refuse(application, why, error);
    }
    uint32_t rank =
        broadcast(left->dims, left->rank - 2, right->dims, right->rank - 2, output->dims);
    if (rank == UINT32_MAX) {
        return neuron_infer_refuse(application,
                                   "the dimensions before the last two do not "
                                   "broadcast",
                                   error);
    }
    output->dims[rank] = rows;
    output->dims[rank + 1] = columns;
    output->rank = rank + 2;
    if (application->input_count == 3 &&
        (application->inputs[2].rank != 1 || application->inputs[2].dims[0] != columns)) {
        return neuron_infer_refuse(application, "the bias must have one number per column", error);
    }
    return NEURON_OK;
}
