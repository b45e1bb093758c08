/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the file, and shapes as numbers. */
#include "frontend/onnx/known.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

/* Memory for a constant, which takes from what computing constants may cost: a few bytes of a file
   name shapes of any size. */
static enum neuron_status
allocate(const struct neuron_onnx_call *call, const struct neuron_tensor_shape *shape,
         struct neuron_onnx_constant *constant)
{
    uint64_t *cost = call->trace->folded_cost;
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    size_t count = 0;

    if (!neuron_tensor_shape_element_count(shape, &count) || count > NEURON_ONNX_ELEMENT_LIMIT) {
        return neuron_onnx_constant_allocate(shape, constant, call->error); /* says why not */
    }
    if (size_bytes > *cost) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the constants of this file take too much work to compute");
    }
    *cost -= size_bytes;
    return neuron_onnx_constant_allocate(shape, constant, call->error);
}

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

    enum neuron_status status = allocate(call, &shape, constant);
    size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);
    if (status == NEURON_OK && size_bytes > 0) {
        memcpy(constant->bytes, is_list ? list : number, size_bytes);
    }
    return status;
}

enum neuron_status
neuron_onnx_know_constant(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
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
neuron_onnx_know_shape(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
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
        status = allocate(call, &shape, &result->constant);
    }
    if (status == NEURON_OK && shape.dims[0] > 0) {
        memcpy(result->constant.bytes, &input->dims[start],
               (size_t)shape.dims[0] * sizeof(int64_t));
    }
    return status;
}

enum neuron_status
neuron_onnx_know_size(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_INT64};
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(neuron_onnx_call_shape(call, 0), &count);
    enum neuron_status status = allocate(call, &shape, &result->constant);
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
neuron_onnx_know_constant_of_shape(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
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
        status = allocate(call, &shape, &result->constant);
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
neuron_onnx_know_range(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
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
    enum neuron_status status = allocate(call, &shape, &result->constant);
    for (int64_t i = 0; status == NEURON_OK && i < shape.dims[0]; i += 1) {
        neuron_onnx_write_real(&result->constant, (size_t)i, first + (double)i * pace);
    }
    return status;
}

enum neuron_status
neuron_onnx_know_eye(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_tensor_shape shape = *neuron_onnx_call_shape(call, 0);
    int64_t code = 0;
    int64_t diagonal = 0;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "dtype", &code, call->error);

    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "k", &diagonal, call->error);
    }
    if (status == NEURON_OK && code != 0) {
        shape.type =
            code > 0 && code <= INT32_MAX ? neuron_onnx_type((int32_t)code) : NEURON_NO_TYPE;
    }
    if (status == NEURON_OK && (shape.rank != 2 || shape.type == NEURON_NO_TYPE)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its input is no matrix, or its type is not known here");
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    }
    for (int64_t i = 0; status == NEURON_OK && i < shape.dims[0]; i += 1) {
        /* Written so that no diagonal overflows. */
        if (diagonal >= -i && diagonal < shape.dims[1] - i) {
            neuron_onnx_write_real(&result->constant, (size_t)(i * shape.dims[1] + i + diagonal),
                                   1.0);
        }
    }
    return status;
}
