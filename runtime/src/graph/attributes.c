/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/attributes.h"

#include <string.h>

/* By their bits: what is no number is the same as itself, and the two zeros differ. */
static bool
floats_equal(const float *left, const float *right, size_t count)
{
    return memcmp(left, right, count * sizeof(*left)) == 0;
}

static bool
numbers_equal(const struct neuron_attributes *left, const struct neuron_attributes *right)
{
    return left->axis == right->axis && left->axes == right->axes &&
           left->keep_dims == right->keep_dims && left->type == right->type &&
           left->mode == right->mode && left->transpose_left == right->transpose_left &&
           left->transpose_right == right->transpose_right && left->groups == right->groups &&
           left->count_padding == right->count_padding && left->rank == right->rank &&
           left->activation == right->activation && left->has_residual == right->has_residual &&
           left->algorithm == right->algorithm && left->rounds_result == right->rounds_result &&
           left->precision == right->precision;
}

static bool
reals_equal(const struct neuron_attributes *left, const struct neuron_attributes *right)
{
    return floats_equal(&left->epsilon, &right->epsilon, 1) &&
           floats_equal(&left->alpha, &right->alpha, 1) &&
           floats_equal(&left->beta, &right->beta, 1) && floats_equal(&left->low, &right->low, 1) &&
           floats_equal(&left->high, &right->high, 1) &&
           floats_equal(&left->input_peak, &right->input_peak, 1) &&
           floats_equal(left->scales, right->scales, NEURON_RANK_LIMIT);
}

static bool
lists_equal(const struct neuron_attributes *left, const struct neuron_attributes *right)
{
    return memcmp(left->kernel, right->kernel, sizeof(left->kernel)) == 0 &&
           memcmp(left->strides, right->strides, sizeof(left->strides)) == 0 &&
           memcmp(left->dilations, right->dilations, sizeof(left->dilations)) == 0 &&
           memcmp(left->pads, right->pads, sizeof(left->pads)) == 0 &&
           memcmp(left->dims, right->dims, sizeof(left->dims)) == 0 &&
           memcmp(left->starts, right->starts, sizeof(left->starts)) == 0 &&
           memcmp(left->steps, right->steps, sizeof(left->steps)) == 0 &&
           memcmp(left->order, right->order, sizeof(left->order)) == 0;
}

bool
neuron_attributes_equal(const struct neuron_attributes *left, const struct neuron_attributes *right)
{
    return numbers_equal(left, right) && reals_equal(left, right) && lists_equal(left, right);
}

bool
neuron_operator_is_commutative(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_ADD:
    case NEURON_OPERATOR_MULTIPLY:
    case NEURON_OPERATOR_EQUAL:
    case NEURON_OPERATOR_AND:
    case NEURON_OPERATOR_OR:
    case NEURON_OPERATOR_XOR:
    case NEURON_OPERATOR_BITWISE_AND:
    case NEURON_OPERATOR_BITWISE_OR:
    case NEURON_OPERATOR_BITWISE_XOR:
        return true;
    default: /* the smaller of two may be the one that is no number, if it comes first */
        return false;
    }
}
