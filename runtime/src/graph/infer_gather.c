/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators that take indices which are data. */
#include "graph/infer.h"

#include <string.h>

#include "graph/operator_table.h"

/* The second input holds indices. */
static enum neuron_status
check_indices(const struct neuron_application *application, struct neuron_error *error)
{
    if ((NEURON_TYPES_INDEX & 1U << application->inputs[1].type) == 0) {
        return neuron_infer_refuse(application, "indices are of int32 or int64", error);
    }
    return NEURON_OK;
}

/* The second input holds indices into one axis of the first. */
static enum neuron_status
check_axis_indices(const struct neuron_application *application, struct neuron_error *error)
{
    int32_t axis = application->attributes->axis;

    if (axis < 0 || (uint32_t)axis >= application->inputs[0].rank) {
        return neuron_infer_refuse(application, "there is no such axis", error);
    }
    return check_indices(application, error);
}

enum neuron_status
neuron_infer_gather(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    uint32_t axis = (uint32_t)application->attributes->axis;
    enum neuron_status status = check_axis_indices(application, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (input->rank + indices->rank - 1 > NEURON_RANK_LIMIT) {
        return neuron_infer_refuse(application, "the result has more than 8 dimensions", error);
    }
    output->rank = input->rank + indices->rank - 1;
    memcpy(output->dims, input->dims, axis * sizeof(output->dims[0]));
    memcpy(output->dims + axis, indices->dims, indices->rank * sizeof(output->dims[0]));
    memcpy(output->dims + axis + indices->rank, input->dims + axis + 1,
           (input->rank - axis - 1) * sizeof(output->dims[0]));
    return NEURON_OK;
}

/* Indices have a place for each element that they choose, none outside of the input. */
static enum neuron_status
check_places(const struct neuron_application *application, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    enum neuron_status status = check_axis_indices(application, error);

    if (status == NEURON_OK && indices->rank != input->rank) {
        return neuron_infer_refuse(application, "they differ in rank", error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < input->rank; i += 1) {
        if (i != (uint32_t)application->attributes->axis && indices->dims[i] > input->dims[i]) {
            return neuron_infer_refuse(application, "the indices reach outside of the input",
                                       error);
        }
    }
    return status;
}

enum neuron_status
neuron_infer_gather_elements(const struct neuron_application *application,
                             struct neuron_tensor_shape *output, struct neuron_error *error)
{
    output->rank = application->inputs[1].rank;
    memcpy(output->dims, application->inputs[1].dims, sizeof(output->dims));
    return check_places(application, error);
}

/* The last dimension of the indices is a tuple for dimensions of the input from `first` on. */
static enum neuron_status
check_tuples(const struct neuron_application *application, uint32_t first,
             struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    enum neuron_status status = check_indices(application, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (indices->rank == 0 || first >= indices->rank || first > input->rank ||
        indices->dims[indices->rank - 1] < 1 ||
        indices->dims[indices->rank - 1] > (int64_t)(input->rank - first)) {
        return neuron_infer_refuse(application,
                                   "the last dimension of the indices must be a tuple for "
                                   "dimensions of the input",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_gather_nd(const struct neuron_application *application,
                       struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    int32_t batch_dims = application->attributes->axis;

    if (batch_dims < 0 || batch_dims >= NEURON_RANK_LIMIT) {
        return neuron_infer_refuse(application, "the count of batch dimensions is none", error);
    }
    enum neuron_status status = check_tuples(application, (uint32_t)batch_dims, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (memcmp(input->dims, indices->dims, (uint32_t)batch_dims * sizeof(input->dims[0])) != 0) {
        return neuron_infer_refuse(application, "their batch dimensions differ", error);
    }
    uint32_t taken = (uint32_t)batch_dims + (uint32_t)indices->dims[indices->rank - 1];
    uint32_t tuples = indices->rank - 1;
    if (tuples + input->rank - taken > NEURON_RANK_LIMIT) {
        return neuron_infer_refuse(application, "the result has more than 8 dimensions", error);
    }
    output->rank = tuples + input->rank - taken;
    memcpy(output->dims, indices->dims, tuples * sizeof(output->dims[0]));
    memcpy(output->dims + tuples, input->dims + taken,
           (input->rank - taken) * sizeof(output->dims[0]));
    return NEURON_OK;
}

/* Updates go with the input in type, and the reduction with the type. */
static enum neuron_status
check_updates(const struct neuron_application *application, struct neuron_error *error)
{
    uint32_t mode = application->attributes->mode;
    enum neuron_type type = application->inputs[0].type;

    if (application->inputs[2].type != type) {
        return neuron_infer_refuse(application, "the updates are of another type", error);
    }
    if (mode > NEURON_SCATTER_MAX || (mode != NEURON_SCATTER_REPLACE && type == NEURON_BOOL)) {
        return neuron_infer_refuse(application, "there is no such reduction of this type", error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_scatter_elements(const struct neuron_application *application,
                              struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    const struct neuron_tensor_shape *updates = &application->inputs[2];
    enum neuron_status status = check_places(application, error);

    *output = application->inputs[0];
    if (status == NEURON_OK) {
        status = check_updates(application, error);
    }
    if (status == NEURON_OK &&
        (updates->rank != indices->rank ||
         memcmp(updates->dims, indices->dims, indices->rank * sizeof(indices->dims[0])) != 0)) {
        return neuron_infer_refuse(application, "there is not one update for each index", error);
    }
    return status;
}

/* Says whether there is an update, of all dimensions behind those of the tuple, for each tuple. */
static bool
fits_tuples(const struct neuron_application *application)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *indices = &application->inputs[1];
    const struct neuron_tensor_shape *updates = &application->inputs[2];
    uint32_t tuples = indices->rank - 1;
    uint32_t depth = (uint32_t)indices->dims[tuples];

    return updates->rank == tuples + input->rank - depth &&
           memcmp(updates->dims, indices->dims, tuples * sizeof(input->dims[0])) == 0 &&
           memcmp(updates->dims + tuples, input->dims + depth,
                  (input->rank - depth) * sizeof(input->dims[0])) == 0;
}

enum neuron_status
neuron_infer_scatter_nd(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    enum neuron_status status = check_tuples(application, 0, error);

    *output = application->inputs[0];
    if (status == NEURON_OK) {
        status = check_updates(application, error);
    }
    if (status == NEURON_OK && !fits_tuples(application)) {
        return neuron_infer_refuse(application, "there is not one update for each tuple", error);
    }
    return status;
}

enum neuron_status
neuron_infer_one_hot(const struct neuron_application *application,
                     struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *indices = &application->inputs[0];
    const struct neuron_tensor_shape *values = &application->inputs[1];
    int32_t axis = application->attributes->axis;
    int64_t depth = application->attributes->dims[0];

    if (axis < 0 || (uint32_t)axis > indices->rank || indices->rank >= NEURON_RANK_LIMIT ||
        depth < 0) {
        return neuron_infer_refuse(application, "there is no such axis, or the depth is negative",
                                   error);
    }
    if (values->rank != 1 || values->dims[0] != 2) {
        return neuron_infer_refuse(application, "the values are not two: off and on", error);
    }
    output->type = values->type;
    output->rank = indices->rank + 1;
    memcpy(output->dims, indices->dims, (uint32_t)axis * sizeof(output->dims[0]));
    output->dims[axis] = depth;
    memcpy(output->dims + axis + 1, indices->dims + axis,
           (indices->rank - (uint32_t)axis) * sizeof(output->dims[0]));
    return NEURON_OK;
}
