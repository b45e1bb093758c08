/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results hardly ever hold a NaN: stretches of many rows are searched at the speed of memory, and
 * only one in which something was found is gone through row by row.
 */
#include "score/result_check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "neuron/half_float.h"

enum { STRETCH_BYTES = 64 * 1024 };

static bool
is_float(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_BFLOAT16 ||
           type == NEURON_FLOAT16;
}

/* The elements of a row. */
static size_t
row_values(const struct neuron_tensor_view *view)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    size_t count = 0;

    shape.dims[0] = 1;
    (void)neuron_tensor_shape_element_count(&shape, &count);
    return count;
}

/* Says whether some rows of an output hold a NaN. */
static bool
rows_have_nan(const struct neuron_tensor_view *view, size_t values, uint64_t first, uint64_t count)
{
    size_t row_bytes = values * neuron_type_size_bytes(view->type);
    const struct neuron_tensor_shape shape = {
        .type = view->type, .rank = 1, .dims = {(int64_t)(values * count)}};

    return neuron_tensor_has_nan(&shape, (const unsigned char *)view->data + first * row_bytes);
}

/* Finds the first row of an output, from one on and before another, that holds a NaN. */
static uint64_t
find_in_output(const struct neuron_tensor_view *view, uint64_t from, uint64_t end)
{
    size_t values = row_values(view);
    size_t row_bytes = values * neuron_type_size_bytes(view->type);
    uint64_t stretch = STRETCH_BYTES / (row_bytes + 1) + 1;

    if (!is_float(view->type) || values == 0) {
        return end;
    }
    for (uint64_t first = from; first < end; first += stretch) {
        uint64_t count = end - first < stretch ? end - first : stretch;

        if (!rows_have_nan(view, values, first, count)) {
            continue;
        }
        while (!rows_have_nan(view, values, first, 1)) {
            first += 1;
        }
        return first;
    }
    return end;
}

size_t
neuron_result_find_nan(const struct neuron_tensor_view *views, uint32_t output_count, uint64_t from,
                       uint64_t *rows, size_t limit)
{
    uint64_t end = output_count > 0 ? (uint64_t)views[0].shape[0] : 0;
    size_t found = 0;

    while (found < limit) {
        uint64_t first = end;

        /* Of each output only what is before the one that was found in another. */
        for (uint32_t i = 0; i < output_count; i += 1) {
            first = find_in_output(&views[i], from, first);
        }
        if (first >= end) {
            break;
        }
        rows[found] = first;
        found += 1;
        from = first + 1;
    }
    return found;
}

/* The nearest whole number between two; 0 for what is no number. */
static int64_t
saturate(double value, int64_t least, int64_t most)
{
    if (isnan(value)) {
        return 0;
    }
    if (value <= (double)least) {
        return least;
    }
    return value >= (double)most ? most : (int64_t)nearbyint(value);
}

/* An element, in its first bytes. */
union element {
    float float32;
    double float64;
    uint16_t half;
    int8_t int8;
    uint8_t byte;
    int32_t int32;
    int64_t int64;
};

static union element
element_of(enum neuron_type type, double value)
{
    union element element = {.int64 = 0};

    switch (type) {
    case NEURON_FLOAT32:
        element.float32 = (float)value;
        break;
    case NEURON_FLOAT64:
        element.float64 = value;
        break;
    case NEURON_BFLOAT16:
        element.half = neuron_bfloat16_of((float)value);
        break;
    case NEURON_FLOAT16:
        element.half = neuron_float16_of((float)value);
        break;
    case NEURON_INT8:
        element.int8 = (int8_t)saturate(value, INT8_MIN, INT8_MAX);
        break;
    case NEURON_UINT8:
        element.byte = (uint8_t)saturate(value, 0, UINT8_MAX);
        break;
    case NEURON_INT32:
        element.int32 = (int32_t)saturate(value, INT32_MIN, INT32_MAX);
        break;
    case NEURON_INT64:
        element.int64 = saturate(value, INT64_MIN, INT64_MAX);
        break;
    case NEURON_BOOL:
        element.byte = !isnan(value) && value != 0.0 ? 1 : 0;
        break;
    case NEURON_NO_TYPE:
        break;
    }
    return element;
}

void
neuron_result_fill(const struct neuron_tensor_view *views, uint32_t output_count, uint64_t row,
                   const struct neuron_score_options *options)
{
    for (uint32_t i = 0; i < output_count; i += 1) {
        const struct neuron_tensor_view *view = &views[i];
        double value = options->has_fill ? options->fill : (double)NAN;
        union element element = element_of(view->type, value);
        size_t element_bytes = neuron_type_size_bytes(view->type);
        size_t values = row_values(view);
        unsigned char *next = (unsigned char *)view->data + row * values * element_bytes;

        for (size_t k = 0; k < values; k += 1) {
            memcpy(next, &element, element_bytes);
            next += element_bytes;
        }
    }
}
