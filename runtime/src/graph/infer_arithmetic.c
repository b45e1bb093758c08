/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of elementwise operators, softmax and matrix products. */
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

bool
neuron_infer_broadcast(const struct neuron_tensor_shape *left,
                       const struct neuron_tensor_shape *right, struct neuron_tensor_shape *result)
{
    const struct neuron_tensor_shape first = *left;
    const struct neuron_tensor_shape second = *right;
    int64_t dims[NEURON_RANK_LIMIT] = {0};
    uint32_t rank = broadcast(first.dims, first.rank, second.dims, second.rank, dims);

    if (rank == UINT32_MAX) {
        return false;
    }
    result->rank = rank;
    memcpy(result->dims, dims, sizeof(dims));
    return true;
}

enum neuron_status
neuron_infer_binary(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    if (!neuron_infer_broadcast(&application->inputs[0], &application->inputs[1], output)) {
        return neuron_infer_refuse(application,
                                   "do not broadcast; aligned at the last dimension, each pair "
                                   "must be equal, or one of them 1",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_comparison(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    output->type = NEURON_BOOL;
    return neuron_infer_binary(application, output, error);
}

enum neuron_status
neuron_infer_power(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    if (application->inputs[1].type == NEURON_BOOL) {
        return neuron_infer_refuse(application, "the exponent is no number", error);
    }
    return neuron_infer_binary(application, output, error);
}

enum neuron_status
neuron_infer_where(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    const struct neuron_tensor_shape *inputs = application->inputs;

    if (inputs[1].type != inputs[2].type) {
        struct neuron_application shown = *application;

        shown.inputs = inputs + 1;
        shown.input_count = 2;
        return neuron_infer_refuse(&shown, "the types of what is chosen from differ", error);
    }
    output->type = inputs[1].type;
    if (!neuron_infer_broadcast(&inputs[0], &inputs[1], output) ||
        !neuron_infer_broadcast(output, &inputs[2], output)) {
        return neuron_infer_refuse(application,
                                   "the condition and what is chosen from do not broadcast", error);
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

enum neuron_status
neuron_infer_test(const struct neuron_application *application, struct neuron_tensor_shape *output,
                  struct neuron_error *error)
{
    (void)error;
    *output = application->inputs[0];
    output->type = NEURON_BOOL;
    return NEURON_OK;
}

enum neuron_status
neuron_infer_cast(const struct neuron_application *application, struct neuron_tensor_shape *output,
                  struct neuron_error *error)
{
    enum neuron_type type = application->attributes->type;

    if (neuron_type_size_bytes(type) == 0) {
        return neuron_infer_refuse(application, "is cast to what is no type", error);
    }
    *output = application->inputs[0];
    output->type = type;
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
