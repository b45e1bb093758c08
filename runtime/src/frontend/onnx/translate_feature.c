/* SPDX-License-Identifier: Apache-2.0 */
/* What the domain ai.onnx.ml does to features before a model sees them. */
#include "frontend/onnx/translate.h"

#include <math.h>
#include <stdlib.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/trace_part.h"
#include "neuron/trace_tabular.h"

/* How many features a row has. */
static size_t
count_features(const struct neuron_onnx_call *call)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);

    return shape->rank == 0 ? 1 : (size_t)shape->dims[shape->rank - 1];
}

/* A list has one number, or one for each feature. */
static enum neuron_status
check_count(const struct neuron_onnx_call *call, const char *name, size_t count)
{
    size_t features = count_features(call);

    return count == 1 || (count == features && count <= UINT32_MAX)
               ? NEURON_OK
               : NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                             "its %s has %zu numbers, not 1 or one for each of %zu features", name,
                             count, features);
}

/* Reads floats for features as a value; an invalid one where there are none. */
static enum neuron_status
read_numbers(const struct neuron_onnx_call *call, const char *name, struct neuron_value *numbers)
{
    struct neuron_onnx_floats list = {.count = 0};
    enum neuron_status status = neuron_onnx_attribute_floats(call->node, name, &list, call->error);

    if (status == NEURON_OK && list.count != 0) {
        status = check_count(call, name, list.count);
    }
    if (status == NEURON_OK && list.count != 0) {
        *numbers =
            neuron_trace_list(call->trace, NEURON_FLOAT32, list.numbers, (uint32_t)list.count);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_scaler(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value offset = {0};
    struct neuron_value scale = {0};
    enum neuron_status status = read_numbers(call, "offset", &offset);

    if (status == NEURON_OK) {
        status = read_numbers(call, "scale", &scale);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (offset.id == 0 && scale.id == 0 &&
        neuron_onnx_call_shape(call, 0)->type == NEURON_FLOAT32) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    result->traced =
        neuron_scale_features(call->trace, neuron_onnx_call_value(call, 0), offset, scale);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_normalizer(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    static const char *const names[] = {"MAX", "L1", "L2"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (neuron_onnx_attribute_is(call->node, "norm", names[i], i == 0)) {
            result->traced = neuron_normalize_rows(call->trace, neuron_onnx_call_value(call, 0),
                                                   (enum neuron_row_norm)i);
            return neuron_onnx_call_status(call);
        }
    }
    return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its norm is not MAX, L1 or L2");
}

/* Of whole numbers. */
static enum neuron_status
impute_integers(const struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_onnx_integers imputed = {.count = 0};
    int64_t replaced = 0;

    enum neuron_status status =
        neuron_onnx_attribute_integers(call->node, "imputed_value_int64s", &imputed, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "replaced_value_int64", &replaced,
                                               call->error);
    }
    if (status == NEURON_OK) {
        status = check_count(call, "imputed_value_int64s", imputed.count);
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_impute_features(
        call->trace, neuron_onnx_call_value(call, 0),
        neuron_trace_list(call->trace, NEURON_INT64, imputed.numbers, (uint32_t)imputed.count),
        neuron_trace_list(call->trace, NEURON_INT64, &replaced, 1));
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_imputer(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    enum neuron_type type = neuron_onnx_call_shape(call, 0)->type;
    struct neuron_value imputed = {0};
    float replaced = 0.0F;

    if (type == NEURON_INT64) {
        return impute_integers(call, result);
    }
    if (type != NEURON_FLOAT32) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it imputes float32 and int64; cast before it");
    }
    enum neuron_status status = read_numbers(call, "imputed_value_floats", &imputed);
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_float(call->node, "replaced_value_float", &replaced, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (imputed.id == 0) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "it has no numbers to impute");
    }
    result->traced = neuron_impute_features(call->trace, neuron_onnx_call_value(call, 0), imputed,
                                            isnan(replaced) ? (struct neuron_value){0}
                                                            : neuron_scalar(call->trace, replaced));
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_binarizer(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    float threshold = 0.0F;
    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "threshold", &threshold, call->error);

    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_binarize(call->trace, neuron_onnx_call_value(call, 0), threshold);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_feature_extractor(struct neuron_onnx_call *call,
                                        struct neuron_onnx_result *result)
{
    result->traced = neuron_extract_features(call->trace, neuron_onnx_call_value(call, 0),
                                             neuron_onnx_call_value(call, 1));
    return neuron_onnx_call_status(call);
}

/* The attribute repeats what the inputs have. */
static enum neuron_status
check_dimensions(const struct neuron_onnx_call *call)
{
    struct neuron_onnx_integers dims = {.count = 0};
    enum neuron_status status =
        neuron_onnx_attribute_integers(call->node, "inputdimensions", &dims, call->error);

    if (status != NEURON_OK || dims.count == 0) {
        return status;
    }
    bool is_good = dims.count == call->input_count;
    for (uint32_t i = 0; is_good && i < call->input_count; i += 1) {
        const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, i);

        is_good = shape->rank > 0 && shape->dims[shape->rank - 1] == dims.numbers[i];
    }
    return is_good ? NEURON_OK
                   : NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                                 "its inputs have not as many features as inputdimensions say");
}

enum neuron_status
neuron_onnx_translate_feature_vectorizer(struct neuron_onnx_call *call,
                                         struct neuron_onnx_result *result)
{
    enum neuron_status status = check_dimensions(call);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value *inputs = calloc(call->input_count, sizeof(*inputs));
    if (inputs == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory for a node");
    }
    for (uint32_t i = 0; i < call->input_count; i += 1) {
        inputs[i] = neuron_onnx_call_value(call, i);
    }
    result->traced = neuron_join_features(call->trace, inputs, call->input_count);
    free(inputs);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_category_encoder(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    struct neuron_onnx_integers categories = {.count = 0};
    int64_t zeros = 1;

    enum neuron_status status =
        neuron_onnx_attribute_integers(call->node, "cats_int64s", &categories, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "zeros", &zeros, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (categories.count == 0 || categories.count > INT32_MAX) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its categories are no integers; encode them as integers, and export "
                           "again");
    }
    result->traced = neuron_encode_categories(
        call->trace, neuron_onnx_call_value(call, 0), categories.numbers,
        (uint32_t)categories.count, zeros == 0 ? NEURON_UNKNOWN_ENDS_RUN : NEURON_UNKNOWN_IS_ZERO);
    return neuron_onnx_call_status(call);
}

/* Reads one of the lists of a label encoder: int64 or float32. */
static enum neuron_status
read_labels(const struct neuron_onnx_call *call, const char *whole, const char *real,
            struct neuron_value *labels)
{
    struct neuron_onnx_integers integers = {.count = 0};
    struct neuron_onnx_floats floats = {.count = 0};

    enum neuron_status status =
        neuron_onnx_attribute_integers(call->node, whole, &integers, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_floats(call->node, real, &floats, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if ((integers.count == 0) == (floats.count == 0) || integers.count > INT32_MAX ||
        floats.count > INT32_MAX) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it has no one list %s or %s: labels are integers or floats here, not "
                           "texts; export with integer labels",
                           whole, real);
    }
    *labels = integers.count != 0 ? neuron_trace_list(call->trace, NEURON_INT64, integers.numbers,
                                                      (uint32_t)integers.count)
                                  : neuron_trace_list(call->trace, NEURON_FLOAT32, floats.numbers,
                                                      (uint32_t)floats.count);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_label_encoder(struct neuron_onnx_call *call,
                                    struct neuron_onnx_result *result)
{
    struct neuron_value keys = {0};
    struct neuron_value values = {0};
    int64_t whole = -1;
    float real = -0.0F;

    enum neuron_status status = read_labels(call, "keys_int64s", "keys_floats", &keys);
    if (status == NEURON_OK) {
        status = read_labels(call, "values_int64s", "values_floats", &values);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "default_int64", &whole, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "default_float", &real, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    enum neuron_type type = neuron_value_shape(call->trace, values).type;
    struct neuron_value other = neuron_trace_list(
        call->trace, type, type == NEURON_INT64 ? (const void *)&whole : (const void *)&real, 1);
    result->traced =
        neuron_encode_labels(call->trace, neuron_onnx_call_value(call, 0), keys, values, other);
    return neuron_onnx_call_status(call);
}
