/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_attributes.h"

#include <math.h>
#include <string.h>

/* How many elements a list has without the zeros at its end. */
static size_t
count_words(const uint32_t *list, size_t room)
{
    while (room > 0 && list[room - 1] == 0) {
        room -= 1;
    }
    return room;
}

static size_t
count_numbers(const int64_t *list, size_t room)
{
    while (room > 0 && list[room - 1] == 0) {
        room -= 1;
    }
    return room;
}

static size_t
count_floats(const float *list, size_t room)
{
    while (room > 0 && list[room - 1] == 0.0F) {
        room -= 1;
    }
    return room;
}

/* The lists, which point into `from`. */
static void
point_to_lists(struct neuron_attributes *from, Neuron__Neff__Attributes *to)
{
    to->kernel = from->kernel;
    to->n_kernel = count_words(from->kernel, NEURON_SPATIAL_LIMIT);
    to->strides = from->strides;
    to->n_strides = count_words(from->strides, NEURON_SPATIAL_LIMIT);
    to->dilations = from->dilations;
    to->n_dilations = count_words(from->dilations, NEURON_SPATIAL_LIMIT);
    to->pads = from->pads;
    to->n_pads = count_words(from->pads, (size_t)2 * NEURON_SPATIAL_LIMIT);
    to->dims = from->dims;
    to->n_dims = count_numbers(from->dims, NEURON_RANK_LIMIT);
    to->starts = from->starts;
    to->n_starts = count_numbers(from->starts, NEURON_RANK_LIMIT);
    to->steps = from->steps;
    to->n_steps = count_numbers(from->steps, NEURON_RANK_LIMIT);
    to->order = from->order;
    to->n_order = count_words(from->order, NEURON_RANK_LIMIT);
    to->scales = from->scales;
    to->n_scales = count_floats(from->scales, NEURON_RANK_LIMIT);
}

Neuron__Neff__Attributes
neuron_neff_attributes_encode(struct neuron_attributes *from)
{
    Neuron__Neff__Attributes to = NEURON__NEFF__ATTRIBUTES__INIT;

    to.axis = from->axis;
    to.axes = from->axes;
    to.keep_dims = from->keep_dims;
    to.type = from->type;
    to.mode = from->mode;
    to.epsilon = from->epsilon;
    to.alpha = from->alpha;
    to.beta = from->beta;
    to.transpose_left = from->transpose_left;
    to.transpose_right = from->transpose_right;
    to.groups = from->groups;
    to.count_padding = from->count_padding;
    to.rank = from->rank;
    to.has_residual = from->has_residual;
    to.algorithm = from->algorithm;
    to.precision = from->precision;
    to.input_peak = from->input_peak;
    to.rounds_result = from->rounds_result;
    to.activation = from->activation;
    to.low = from->low;
    to.high = from->high;
    point_to_lists(from, &to);
    return to;
}

enum neuron_status
neuron_neff_operator_decode(uint32_t code, size_t node, enum neuron_operator *kind,
                            struct neuron_error *error)
{
    if (code >= NEURON_OPERATOR_END) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by a newer version: node %zu has operator %u, and this "
                           "program knows those up to %d",
                           node, code, NEURON_OPERATOR_END - 1);
    }
    *kind = (enum neuron_operator)code;
    return NEURON_OK;
}

/* Says whether every list fits its array. */
static bool
lists_fit(const Neuron__Neff__Attributes *message)
{
    return message->n_kernel <= NEURON_SPATIAL_LIMIT &&
           message->n_strides <= NEURON_SPATIAL_LIMIT &&
           message->n_dilations <= NEURON_SPATIAL_LIMIT &&
           message->n_pads <= (size_t)2 * NEURON_SPATIAL_LIMIT &&
           message->n_dims <= NEURON_RANK_LIMIT && message->n_starts <= NEURON_RANK_LIMIT &&
           message->n_steps <= NEURON_RANK_LIMIT && message->n_order <= NEURON_RANK_LIMIT &&
           message->n_scales <= NEURON_RANK_LIMIT && message->rank <= NEURON_RANK_LIMIT;
}

static void
copy_list(void *to, const void *from, size_t count, size_t element_bytes)
{
    if (count > 0) {
        memcpy(to, from, count * element_bytes);
    }
}

static void
copy_lists(const Neuron__Neff__Attributes *message, struct neuron_attributes *to)
{
    copy_list(to->kernel, message->kernel, message->n_kernel, sizeof(to->kernel[0]));
    copy_list(to->strides, message->strides, message->n_strides, sizeof(to->strides[0]));
    copy_list(to->dilations, message->dilations, message->n_dilations, sizeof(to->dilations[0]));
    copy_list(to->pads, message->pads, message->n_pads, sizeof(to->pads[0]));
    copy_list(to->dims, message->dims, message->n_dims, sizeof(to->dims[0]));
    copy_list(to->starts, message->starts, message->n_starts, sizeof(to->starts[0]));
    copy_list(to->steps, message->steps, message->n_steps, sizeof(to->steps[0]));
    copy_list(to->order, message->order, message->n_order, sizeof(to->order[0]));
    copy_list(to->scales, message->scales, message->n_scales, sizeof(to->scales[0]));
}

/* How the node is best computed. What a newer version knows better does not matter: the result is
   the same in this version's own way. A peak that is none is one to be found at each run. */
static void
decode_choice(const Neuron__Neff__Attributes *message, struct neuron_attributes *attributes)
{
    if (message->algorithm < NEURON_ALGORITHM_END) {
        attributes->algorithm = (enum neuron_algorithm)message->algorithm;
    }
    if (message->precision < NEURON_PRECISION_END) {
        attributes->precision = (enum neuron_precision)message->precision;
    }
    if (isfinite(message->input_peak) && message->input_peak > 0.0F) {
        attributes->input_peak = message->input_peak;
    }
}

enum neuron_status
neuron_neff_attributes_decode(const Neuron__Neff__Attributes *message, size_t node,
                              struct neuron_attributes *attributes, struct neuron_error *error)
{
    *attributes = (struct neuron_attributes){0};
    if (message == NULL) {
        return NEURON_OK;
    }
    if (!lists_fit(message)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: node %zu names more than %d dimensions", node,
                           NEURON_RANK_LIMIT);
    }
    *attributes = (struct neuron_attributes){
        .axis = message->axis,
        .axes = message->axes,
        .keep_dims = message->keep_dims != 0,
        .mode = message->mode,
        .epsilon = message->epsilon,
        .alpha = message->alpha,
        .beta = message->beta,
        .transpose_left = message->transpose_left != 0,
        .transpose_right = message->transpose_right != 0,
        .groups = message->groups,
        .count_padding = message->count_padding != 0,
        .rank = message->rank,
        .has_residual = message->has_residual != 0,
        .low = message->low,
        .high = message->high,
        .rounds_result = message->rounds_result != 0,
    };
    /* A number that is no type stays none, which the inference refuses where it matters. */
    if (message->type <= NEURON_BOOL) {
        attributes->type = (enum neuron_type)message->type;
    }
    decode_choice(message, attributes);
    copy_lists(message, attributes);
    return neuron_neff_operator_decode(message->activation, node, &attributes->activation, error);
}
