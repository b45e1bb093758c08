/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the features of tables before a model sees them. */
#include "neuron/trace_tabular.h"

#include "frontend/trace_axis.h"
#include "frontend/trace_body.h"
#include "frontend/trace_part.h"
#include "frontend/trace_table.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"
#include "neuron/trace_reduce.h"

static struct neuron_value
cast_to(struct neuron_trace *trace, struct neuron_value value, enum neuron_type type)
{
    return neuron_value_shape(trace, value).type == type ? value : neuron_cast(trace, value, type);
}

struct neuron_value
neuron_table_rows(struct neuron_trace *trace, const char *name, struct neuron_value input)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    const int64_t dims[2] = {1, shape.dims[0]};

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (shape.rank != 1 && shape.rank != 2) {
        return neuron_trace_refuse(trace, name, input, "it is no table, nor one row of it");
    }
    return cast_to(trace, shape.rank == 1 ? neuron_reshape(trace, input, dims, 2) : input,
                   NEURON_FLOAT32);
}

struct neuron_value
neuron_table_nonzero(struct neuron_trace *trace, struct neuron_value value)
{
    struct neuron_value is_zero = neuron_equal(trace, value, neuron_scalar(trace, 0.0F));

    return neuron_where(trace, is_zero, neuron_scalar(trace, 1.0F), value);
}

/* Fails unless there is one number, or one for each feature, so that no broadcast adds any. */
static bool
fits_features(struct neuron_trace *trace, const char *name, struct neuron_value rows,
              struct neuron_value numbers)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, rows);
    struct neuron_tensor_shape other = neuron_value_shape(trace, numbers);
    bool is_one = other.rank == 0 || (other.rank == 1 && other.dims[0] == 1);

    if (trace->status == NEURON_OK && !is_one &&
        !(other.rank == 1 && shape.rank > 0 && other.dims[0] == shape.dims[shape.rank - 1])) {
        (void)neuron_trace_refuse(trace, name, rows,
                                  "there is not one number, nor one for each feature");
    }
    return trace->status == NEURON_OK;
}

struct neuron_value
neuron_scale_features(struct neuron_trace *trace, struct neuron_value input,
                      struct neuron_value offset, struct neuron_value scale)
{
    struct neuron_value result = cast_to(trace, input, NEURON_FLOAT32);

    if (offset.id != 0 && fits_features(trace, "scale_features", result, offset)) {
        result = neuron_subtract(trace, result, offset);
    }
    if (scale.id != 0 && fits_features(trace, "scale_features", result, scale)) {
        result = neuron_multiply(trace, result, scale);
    }
    return result;
}

struct neuron_value
neuron_normalize_rows(struct neuron_trace *trace, struct neuron_value input,
                      enum neuron_row_norm norm)
{
    static const enum neuron_operator kinds[] = {
        NEURON_OPERATOR_REDUCE_MAX, NEURON_OPERATOR_REDUCE_L1, NEURON_OPERATOR_REDUCE_L2};
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if ((uint32_t)norm > NEURON_ROW_NORM_L2 || (shape.rank != 1 && shape.rank != 2)) {
        return neuron_trace_refuse(trace, "normalize_rows", input,
                                   "it is no table, or there is no such norm");
    }
    struct neuron_value rows = cast_to(trace, input, NEURON_FLOAT32);
    struct neuron_value size =
        neuron_trace_reduce(trace, kinds[norm], rows, 1U << (shape.rank - 1), true);
    return neuron_divide(trace, rows, neuron_table_nonzero(trace, size));
}

struct neuron_value
neuron_impute_features(struct neuron_trace *trace, struct neuron_value input,
                       struct neuron_value imputed, struct neuron_value missing)
{
    if (!fits_features(trace, "impute_features", input, imputed)) {
        return (struct neuron_value){0};
    }
    struct neuron_value is_missing =
        missing.id == 0 ? neuron_is_nan(trace, input) : neuron_equal(trace, input, missing);
    return neuron_where(trace, is_missing, imputed, input);
}

struct neuron_value
neuron_binarize(struct neuron_trace *trace, struct neuron_value input, float threshold)
{
    enum neuron_type type = neuron_value_shape(trace, input).type;
    /* float32 does not have all whole numbers. */
    enum neuron_type compared = type == NEURON_FLOAT32 ? NEURON_FLOAT32 : NEURON_FLOAT64;
    struct neuron_value is_above =
        neuron_greater(trace, cast_to(trace, input, compared),
                       cast_to(trace, neuron_scalar(trace, threshold), compared));

    return trace->status == NEURON_OK ? cast_to(trace, is_above, type) : (struct neuron_value){0};
}

struct neuron_value
neuron_extract_features(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value indices)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    const int64_t one_row[2] = {1, shape.dims[0]};
    const int64_t all = -1;

    if (trace->status == NEURON_OK && shape.rank == 0) {
        return neuron_trace_refuse(trace, "extract_features", input, "it has no dimensions");
    }
    return neuron_gather(trace, shape.rank == 1 ? neuron_reshape(trace, input, one_row, 2) : input,
                         neuron_reshape(trace, indices, &all, 1), -1);
}

struct neuron_value
neuron_join_features(struct neuron_trace *trace, const struct neuron_value *inputs, uint32_t count)
{
    struct neuron_value joined = count == 0 ? (struct neuron_value){0}
                                            : neuron_table_rows(trace, "join_features", inputs[0]);

    for (uint32_t i = 1; i < count; i += 1) {
        const struct neuron_value pair[2] = {joined,
                                             neuron_table_rows(trace, "join_features", inputs[i])};

        joined = neuron_concat(trace, pair, 2, 1);
    }
    return joined;
}

/* Gives elements a last dimension of 1, along which they are compared. */
static struct neuron_value
add_dimension(struct neuron_trace *trace, const char *name, struct neuron_value value)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, value);

    if (trace->status == NEURON_OK && shape.rank == NEURON_RANK_LIMIT) {
        return neuron_trace_refuse(trace, name, value, "it has too many dimensions");
    }
    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    shape.dims[shape.rank] = 1;
    return neuron_reshape(trace, value, shape.dims, shape.rank + 1);
}

/* Ends a run by an index that does not exist, for an element without a 1 among its places. */
static struct neuron_value
demand_places(struct neuron_trace *trace, struct neuron_value places)
{
    const float nothing = 0.0F;
    uint32_t rank = neuron_value_shape(trace, places).rank;

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    struct neuron_value found =
        neuron_trace_reduce(trace, NEURON_OPERATOR_REDUCE_MAX, places, 1U << (rank - 1), true);
    struct neuron_value index =
        neuron_cast(trace, neuron_subtract(trace, neuron_scalar(trace, 1.0F), found), NEURON_INT64);
    struct neuron_value zero =
        neuron_gather(trace, neuron_trace_list(trace, NEURON_FLOAT32, &nothing, 1), index, 0);

    return neuron_add(trace, places, zero);
}

struct neuron_value
neuron_encode_categories(struct neuron_trace *trace, struct neuron_value input,
                         const int64_t *categories, uint32_t category_count,
                         enum neuron_unknown_category unknown)
{
    struct neuron_value elements =
        add_dimension(trace, "encode_categories", cast_to(trace, input, NEURON_INT64));

    if (trace->status == NEURON_OK && category_count == 0) {
        return neuron_trace_refuse(trace, "encode_categories", input, "there are no categories");
    }
    struct neuron_value is_own = neuron_equal(
        trace, elements, neuron_trace_list(trace, NEURON_INT64, categories, category_count));
    struct neuron_value places = neuron_cast(trace, is_own, NEURON_FLOAT32);
    return unknown == NEURON_UNKNOWN_ENDS_RUN ? demand_places(trace, places) : places;
}

static bool
is_real(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64;
}

struct neuron_value
neuron_encode_labels(struct neuron_trace *trace, struct neuron_value input,
                     struct neuron_value keys, struct neuron_value values,
                     struct neuron_value other)
{
    static const float other_place = 0.5F; /* less than that of a key */
    struct neuron_value elements = add_dimension(trace, "encode_labels", input);
    struct neuron_tensor_shape key_shape = neuron_value_shape(trace, keys);
    struct neuron_tensor_shape shape = neuron_value_shape(trace, elements);
    const struct neuron_value all[2] = {values, other};

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (key_shape.rank != 1 || neuron_value_shape(trace, values).rank != 1 ||
        key_shape.dims[0] != neuron_value_shape(trace, values).dims[0]) {
        return neuron_trace_refuse(trace, "encode_labels", keys,
                                   "keys and values are no lists of one length");
    }
    struct neuron_value is_key = neuron_equal(trace, elements, keys);
    if (is_real(key_shape.type)) {
        struct neuron_value is_nan =
            neuron_and(trace, neuron_is_nan(trace, elements), neuron_is_nan(trace, keys));

        is_key = neuron_or(trace, is_key, is_nan);
    }
    const struct neuron_value places[2] = {
        neuron_cast(trace, is_key, NEURON_FLOAT32),
        neuron_expand(trace, neuron_trace_list(trace, NEURON_FLOAT32, &other_place, 1), shape.dims,
                      shape.rank)};
    const struct neuron_arg_options options = {.axis = -1};
    return neuron_gather(trace, neuron_concat(trace, all, 2, 0),
                         neuron_arg_max(trace, neuron_concat(trace, places, 2, -1), &options), 0);
}
