/* SPDX-License-Identifier: Apache-2.0 */
/* Constants, shapes as numbers, and other types. */
#include "frontend/onnx/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

/* A scalar or a vector of numbers in an attribute. */
static enum neuron_status
evaluate_numbers(const struct neuron_onnx_call *call, const Neuron__Onnx__Attribute *attribute,
                 struct neuron_onnx_constant *constant)
{
    bool is_float = strncmp(attribute->name, "value_float", strlen("value_float")) == 0;
    size_t list_count = is_float ? attribute->n_floats : attribute->n_ints;
    const void *list = is_float ? (const void *)attribute->floats : attribute->ints;
    const void *number = is_float ? (const void *)&attribute->f : &attribute->i;
    bool is_list = attribute->name[strlen(attribute->name) - 1] == 's';
    struct neuron_tensor_shape shape = {.type = is_float ? NEURON_FLOAT32 : NEURON_INT64,
                                        .rank = is_list ? 1 : 0,
                                        .dims = {is_list ? (int64_t)list_count : 0}};

    enum neuron_status status = neuron_onnx_constant_allocate(&shape, constant, call->error);
    size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);
    if (status == NEURON_OK && size_bytes > 0) {
        memcpy(constant->bytes, is_list ? list : number, size_bytes);
    }
    return status;
}

enum neuron_status
neuron_onnx_evaluate_constant(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    static const char *const names[] = {"value_float", "value_floats", "value_int", "value_ints"};
    const Neuron__Onnx__Tensor *tensor = neuron_onnx_attribute_tensor(call->node, "value");

    if (tensor != NULL) {
        return neuron_onnx_tensor_read(tensor, call->source, &result->constant, call->error);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        const Neuron__Onnx__Attribute *found = neuron_onnx_attribute_find(call->node, names[i]);

        if (found != NULL) {
            return evaluate_numbers(call, found, &result->constant);
        }
    }
    return NEURON_FAIL(
        call->error, NEURON_UNSUPPORTED_MODEL,
        "it has neither a tensor nor numbers; texts and sparse tensors are not read");
}

/* An index of Shape's start or end, brought into the rank. */
static int64_t
clamp_to_rank(int64_t index, int64_t rank)
{
    int64_t front = index < 0 ? index + rank : index;

    if (front < 0) {
        return 0;
    }
    return front > rank ? rank : front;
}

enum neuron_status
neuron_onnx_evaluate_shape(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    int64_t rank = input->rank;
    int64_t start = 0;
    int64_t end = rank;

    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "start", &start, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "end", &end, call->error);
    }
    start = clamp_to_rank(start, rank);
    end = clamp_to_rank(end, rank);
    struct neuron_tensor_shape shape = {
        .type = NEURON_INT64, .rank = 1, .dims = {end > start ? end - start : 0}};
    if (status == NEURON_OK) {
        status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    }
    if (status == NEURON_OK && shape.dims[0] > 0) {
        memcpy(result->constant.bytes, &input->dims[start],
               (size_t)shape.dims[0] * sizeof(int64_t));
    }
    return status;
}

enum neuron_status
neuron_onnx_evaluate_size(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_INT64};
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(neuron_onnx_call_shape(call, 0), &count);
    enum neuron_status status =
        neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    if (status == NEURON_OK) {
        *(int64_t *)result->constant.bytes = (int64_t)count;
    }
    return status;
}

/* Copies the one element of `from` to every place of `to`, which has its type. */
static void
fill_with(const struct neuron_onnx_constant *to, const void *element)
{
    size_t element_bytes = neuron_type_size_bytes(to->shape.type);
    unsigned char *next = to->bytes;

    for (size_t i = 0; i < neuron_onnx_constant_count(to); i += 1) {
        memcpy(next + i * element_bytes, element, element_bytes);
    }
}

enum neuron_status
neuron_onnx_evaluate_constant_of_shape(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    const Neuron__Onnx__Tensor *tensor = neuron_onnx_attribute_tensor(call->node, "value");
    const uint64_t zero = 0;
    struct neuron_onnx_constant value = {.shape = {.type = NEURON_FLOAT32}};
    struct neuron_tensor_shape shape = {0};
    enum neuron_status status = neuron_onnx_constant_list(neuron_onnx_call_known(call, 0),
                                                          shape.dims, &shape.rank, call->error);

    if (status == NEURON_OK && tensor != NULL) {
        status = neuron_onnx_tensor_read(tensor, call->source, &value, call->error);
    }
    if (status == NEURON_OK && tensor != NULL && neuron_onnx_constant_count(&value) != 1) {
        status = NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its value is not one number");
    }
    shape.type = value.shape.type;
    if (status == NEURON_OK) {
        status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    }
    if (status == NEURON_OK) {
        fill_with(&result->constant, value.bytes == NULL ? (const void *)&zero : value.bytes);
    }
    free(value.bytes);
    return status;
}

/* How many steps lead from `start` to before `limit`; a negative number when they never do. */
static double
count_steps(double start, double limit, double step)
{
    double steps = ceil((limit - start) / step);

    return steps < 0.0 ? 0.0 : steps;
}

enum neuron_status
neuron_onnx_evaluate_range(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *start = neuron_onnx_call_known(call, 0);
    const struct neuron_onnx_constant *limit = neuron_onnx_call_known(call, 1);
    const struct neuron_onnx_constant *step = neuron_onnx_call_known(call, 2);
    struct neuron_tensor_shape shape = {.type = start->shape.type, .rank = 1};

    if (limit->shape.type != shape.type || step->shape.type != shape.type ||
        neuron_onnx_constant_count(start) != 1 || neuron_onnx_constant_count(limit) != 1 ||
        neuron_onnx_constant_count(step) != 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "start, limit and step are not three numbers of one type");
    }
    double first = neuron_onnx_read_real(start, 0);
    double pace = neuron_onnx_read_real(step, 0);
    double count = count_steps(first, neuron_onnx_read_real(limit, 0), pace);
    /* Written so that what is no number fails, too. */
    if (!(count <= NEURON_ONNX_ELEMENT_LIMIT) || !(fabs(first) < 0x1p52) ||
        !(fabs(pace) < 0x1p52)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the step is 0, or the range has more than %d numbers",
                           NEURON_ONNX_ELEMENT_LIMIT);
    }
    shape.dims[0] = (int64_t)count;
    enum neuron_status status =
        neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    for (int64_t i = 0; status == NEURON_OK && i < shape.dims[0]; i += 1) {
        if (!neuron_onnx_write_real(&result->constant, (size_t)i, first + (double)i * pace)) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "a number of the range does not fit its type");
        }
    }
    return status;
}

/* Copies each element into another type. Integers stay exact. */
static enum neuron_status
convert(const struct neuron_onnx_constant *from, const struct neuron_onnx_constant *to,
        struct neuron_error *error)
{
    bool is_real = neuron_onnx_type_is_real(from->shape.type);

    for (size_t i = 0; i < neuron_onnx_constant_count(from); i += 1) {
        bool fits = is_real ? neuron_onnx_write_real(to, i, neuron_onnx_read_real(from, i))
                            : neuron_onnx_write_whole(to, i, neuron_onnx_read_whole(from, i));

        if (!fits) {
            return NEURON_FAIL(
                error, NEURON_UNSUPPORTED_MODEL, "element %zu of a %s constant does not fit %s", i,
                neuron_type_name(from->shape.type), neuron_type_name(to->shape.type));
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_evaluate_cast(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 0);
    struct neuron_tensor_shape shape = *neuron_onnx_call_shape(call, 0);
    int64_t code = 0;

    enum neuron_status status = neuron_onnx_attribute_integer(call->node, "to", &code, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    enum neuron_type from = shape.type;
    shape.type = code < 0 || code > INT32_MAX ? NEURON_NO_TYPE : neuron_onnx_type((int32_t)code);
    if (shape.type == from) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    if (shape.type == NEURON_NO_TYPE || known == NULL) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "%s to %s; only constants change their type", neuron_type_name(from),
                           shape.type == NEURON_NO_TYPE ? "an unknown type"
                                                        : neuron_type_name(shape.type));
    }
    status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    return status == NEURON_OK ? convert(known, &result->constant, call->error) : status;
}
