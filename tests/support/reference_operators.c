/* SPDX-License-Identifier: Apache-2.0 */
#include "reference_operators.h"

#include <math.h>
#include <string.h>

#include "check.h"

typedef double
scalar_fn(double number);

typedef double
pair_fn(double left, double right);

static const float *
elements(const struct operator_choice *choice, uint32_t position)
{
    return choice->arguments->tensors[position].data;
}

/* Splits a position in a dense tensor into one index for each dimension. */
static void
split_position(const struct neuron_tensor_view *view, size_t position, int64_t *indices)
{
    for (uint32_t i = view->rank; i > 0; i -= 1) {
        indices[i - 1] = (int64_t)(position % (size_t)view->shape[i - 1]);
        position /= (size_t)view->shape[i - 1];
    }
}

/* The element of a broadcast tensor that stands at these indices of a tensor of rank `rank`. */
static float
broadcast_element(const struct neuron_tensor_view *view, const int64_t *indices, uint32_t rank)
{
    const float *from = view->data;
    size_t position = 0;

    for (uint32_t i = 0; i < view->rank; i += 1) {
        int64_t index = view->shape[i] == 1 ? 0 : indices[rank - view->rank + i];

        position = position * (size_t)view->shape[i] + (size_t)index;
    }
    return from[position];
}

/* The product of the dimensions from `begin` to before `end`. */
static size_t
extent(const struct neuron_tensor_view *view, uint32_t begin, uint32_t end)
{
    size_t product = 1;

    for (uint32_t i = begin; i < end; i += 1) {
        product *= (size_t)view->shape[i];
    }
    return product;
}

static uint32_t
positive_axis(int32_t axis, uint32_t rank)
{
    return (uint32_t)(axis < 0 ? axis + (int32_t)rank : axis);
}

static void
apply_pair(const struct operator_choice *choice, const struct neuron_tensor_view *output,
           pair_fn *operation)
{
    const struct neuron_tensor_view *tensors = choice->arguments->tensors;
    size_t count = tensor_element_count(output);
    float *to = output->data;
    int64_t indices[NEURON_RANK_LIMIT];

    for (size_t i = 0; i < count; i += 1) {
        split_position(output, i, indices);
        to[i] = (float)operation((double)broadcast_element(&tensors[0], indices, output->rank),
                                 (double)broadcast_element(&tensors[1], indices, output->rank));
    }
}

static void
apply_scalar(const struct operator_choice *choice, const struct neuron_tensor_view *output,
             scalar_fn *operation)
{
    const float *from = elements(choice, 0);
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        to[i] = (float)operation((double)from[i]);
    }
}

static double
sum(double left, double right)
{
    return left + right;
}

static double
difference(double left, double right)
{
    return left - right;
}

static double
product(double left, double right)
{
    return left * right;
}

static double
quotient(double left, double right)
{
    return left / right;
}

static double
relu(double number)
{
    return number > 0.0 ? number : 0.0;
}

static double
gelu(double number)
{
    return 0.5 * number * (1.0 + erf(number / sqrt(2.0)));
}

static double
sigmoid(double number)
{
    return 1.0 / (1.0 + exp(-number));
}

void
reference_add(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_pair(choice, output, sum);
}

void
reference_subtract(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_pair(choice, output, difference);
}

void
reference_multiply(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_pair(choice, output, product);
}

void
reference_divide(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_pair(choice, output, quotient);
}

void
reference_relu(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_scalar(choice, output, relu);
}

void
reference_gelu(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_scalar(choice, output, gelu);
}

void
reference_sigmoid(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_scalar(choice, output, sigmoid);
}

void
reference_tanh(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    apply_scalar(choice, output, tanh);
}

void
reference_clip(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const float *from = choice->arguments->tensors[0].data;
    float *to = output->data;

    for (size_t i = 0; i < tensor_element_count(output); i += 1) {
        to[i] = from[i] < choice->low ? choice->low : from[i];
        to[i] = to[i] > choice->high ? choice->high : to[i];
    }
}

/* Softmax of `length` elements that stand `stride` apart. */
static void
soften(const float *from, float *to, size_t length, size_t stride)
{
    double largest = -INFINITY;
    double total = 0.0;

    for (size_t i = 0; i < length; i += 1) {
        largest = fmax(largest, (double)from[i * stride]);
    }
    for (size_t i = 0; i < length; i += 1) {
        total += exp((double)from[i * stride] - largest);
    }
    for (size_t i = 0; i < length; i += 1) {
        to[i * stride] = (float)(exp((double)from[i * stride] - largest) / total);
    }
}

void
reference_softmax(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const float *from = elements(choice, 0);
    float *to = output->data;
    uint32_t axis = positive_axis(choice->axis, output->rank);
    size_t outer = extent(output, 0, axis);
    size_t length = (size_t)output->shape[axis];
    size_t inner = extent(output, axis + 1, output->rank);

    for (size_t i = 0; i < outer; i += 1) {
        for (size_t j = 0; j < inner; j += 1) {
            size_t start = i * length * inner + j;

            soften(from + start, to + start, length, inner);
        }
    }
}

/* Mean and variance of some elements. */
struct moments {
    double mean;
    double variance;
};

static struct moments
moments_of(const float *from, size_t length)
{
    struct moments moments = {0};

    for (size_t i = 0; i < length; i += 1) {
        moments.mean += (double)from[i] / (double)length;
    }
    for (size_t i = 0; i < length; i += 1) {
        double distance = (double)from[i] - moments.mean;

        moments.variance += distance * distance / (double)length;
    }
    return moments;
}

void
reference_layer_norm(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const float *scale = elements(choice, 1);
    const float *shift = elements(choice, 2);
    uint32_t axis = positive_axis(choice->axis, output->rank);
    size_t rows = extent(output, 0, axis);
    size_t length = extent(output, axis, output->rank);

    for (size_t row = 0; row < rows; row += 1) {
        const float *from = elements(choice, 0) + row * length;
        float *to = (float *)output->data + row * length;
        struct moments moments = moments_of(from, length);
        double deviation = sqrt(moments.variance + (double)choice->epsilon);

        for (size_t i = 0; i < length; i += 1) {
            to[i] = (float)(((double)from[i] - moments.mean) / deviation * (double)scale[i] +
                            (double)shift[i]);
        }
    }
}

void
reference_matmul(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct neuron_tensor_view *left = &choice->arguments->tensors[0];
    const struct neuron_tensor_view *right = &choice->arguments->tensors[1];
    size_t count = tensor_element_count(output);
    int64_t depth = left->shape[left->rank - 1];
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t left_indices[NEURON_RANK_LIMIT];
        int64_t right_indices[NEURON_RANK_LIMIT];
        double total = 0.0;

        split_position(output, i, left_indices);
        split_position(output, i, right_indices);
        for (int64_t k = 0; k < depth; k += 1) {
            left_indices[output->rank - 1] = k;
            right_indices[output->rank - 2] = k;
            total += (double)broadcast_element(left, left_indices, output->rank) *
                     (double)broadcast_element(right, right_indices, output->rank);
        }
        to[i] = (float)total;
    }
}

static double
matrix_element(const struct neuron_tensor_view *matrix, bool transposed, int64_t row,
               int64_t column)
{
    const float *from = matrix->data;
    int64_t position =
        transposed ? column * matrix->shape[1] + row : row * matrix->shape[1] + column;

    return (double)from[position];
}

void
reference_gemm(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct neuron_gemm_options plain = {.alpha = 1.0F, .beta = 1.0F};
    const struct neuron_gemm_options *options = choice->gemm != NULL ? choice->gemm : &plain;
    const struct neuron_tensor_view *tensors = choice->arguments->tensors;
    int64_t depth = tensors[0].shape[options->transpose_a ? 0 : 1];
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t indices[NEURON_RANK_LIMIT];
        double total = 0.0;

        split_position(output, i, indices);
        for (int64_t k = 0; k < depth; k += 1) {
            total += matrix_element(&tensors[0], options->transpose_a, indices[0], k) *
                     matrix_element(&tensors[1], options->transpose_b, k, indices[1]);
        }
        total *= (double)options->alpha;
        if (choice->arguments->count > 2) {
            total += (double)options->beta * (double)broadcast_element(&tensors[2], indices, 2);
        }
        to[i] = (float)total;
    }
}

void
reference_reshape(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    memcpy(output->data, elements(choice, 0), tensor_element_count(output) * sizeof(float));
}

void
reference_transpose(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct neuron_tensor_view *input = &choice->arguments->tensors[0];
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t indices[NEURON_RANK_LIMIT];
        int64_t from[NEURON_RANK_LIMIT] = {0};

        split_position(output, i, indices);
        for (uint32_t j = 0; j < output->rank; j += 1) {
            from[choice->order != NULL ? choice->order[j] : output->rank - 1 - j] = indices[j];
        }
        to[i] = broadcast_element(input, from, input->rank);
    }
}

void
reference_concat(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct operator_arguments *arguments = choice->arguments;
    uint32_t axis = positive_axis(choice->axis, output->rank);
    size_t outer = extent(output, 0, axis);
    float *to = output->data;

    for (size_t row = 0; row < outer; row += 1) {
        for (uint32_t i = 0; i < arguments->count; i += 1) {
            size_t length = extent(&arguments->tensors[i], axis, output->rank);

            memcpy(to, elements(choice, i) + row * length, length * sizeof(float));
            to += length;
        }
    }
}
