/* SPDX-License-Identifier: Apache-2.0 */
#include "score/label_match.h"

#include <math.h>
#include <string.h>

#include "neuron/half_float.h"

static bool
is_float(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_BFLOAT16 ||
           type == NEURON_FLOAT16;
}

/* The dimensions of a row that are not 1. */
static struct neuron_tensor_shape
row_of(const struct neuron_tensor_shape *shape)
{
    struct neuron_tensor_shape row = {.type = shape->type};

    for (uint32_t i = 1; i < shape->rank; i += 1) {
        if (shape->dims[i] != 1) {
            row.dims[row.rank] = shape->dims[i];
            row.rank += 1;
        }
    }
    return row;
}

bool
neuron_label_fit_find(const struct neuron_tensor_shape *output,
                      const struct neuron_tensor_shape *labels, struct neuron_label_fit *fit)
{
    struct neuron_tensor_shape results = row_of(output);
    struct neuron_tensor_shape wanted = row_of(labels);
    struct neuron_label_fit found = {.result_type = output->type, .label_type = labels->type};

    if (output->rank == 0 || labels->rank == 0 ||
        !neuron_tensor_shape_element_count(&results, &found.result_values) ||
        !neuron_tensor_shape_element_count(&wanted, &found.label_values)) {
        return false;
    }
    wanted.type = results.type;
    if (is_float(labels->type)) {
        found.kind = NEURON_LABEL_REAL;
        *fit = found;
        return found.result_values > 0 && neuron_tensor_shape_equals(&results, &wanted);
    }
    found.kind = results.rank == 0 ? NEURON_LABEL_WHOLE : NEURON_LABEL_CLASS;
    *fit = found;
    return wanted.rank == 0 && results.rank <= 1 && found.result_values > 0 &&
           (results.rank == 1 || !is_float(output->type));
}

int64_t
neuron_label_whole(enum neuron_type type, const void *element)
{
    int64_t number = 0;
    int32_t narrow = 0;

    switch (type) {
    case NEURON_INT64:
        memcpy(&number, element, sizeof(number));
        return number;
    case NEURON_INT32:
        memcpy(&narrow, element, sizeof(narrow));
        return narrow;
    case NEURON_INT8:
        return *(const int8_t *)element;
    case NEURON_UINT8:
        return *(const uint8_t *)element;
    case NEURON_BOOL:
        return *(const uint8_t *)element != 0;
    case NEURON_FLOAT32:
    case NEURON_FLOAT64:
    case NEURON_BFLOAT16:
    case NEURON_FLOAT16:
    case NEURON_NO_TYPE:
        break;
    }
    return 0;
}

static double
real_of(enum neuron_type type, const void *element)
{
    uint16_t half = 0;
    float single = 0.0F;
    double number = 0.0;

    if (type == NEURON_FLOAT32) {
        memcpy(&single, element, sizeof(single));
        return (double)single;
    }
    if (type == NEURON_FLOAT64) {
        memcpy(&number, element, sizeof(number));
        return number;
    }
    if (!is_float(type)) {
        return (double)neuron_label_whole(type, element);
    }
    memcpy(&half, element, sizeof(half));
    return (double)(type == NEURON_FLOAT16 ? neuron_float16_to_float(half)
                                           : neuron_bfloat16_to_float(half));
}

/* The position of the first of the largest values; their number where all are NaN. */
static size_t
largest_of(const struct neuron_label_fit *fit, const unsigned char *results)
{
    size_t step_bytes = neuron_type_size_bytes(fit->result_type);
    size_t position = fit->result_values;
    double largest = 0.0;

    for (size_t i = 0; i < fit->result_values; i += 1) {
        double value = real_of(fit->result_type, results + i * step_bytes);

        if (!isnan(value) && (position == fit->result_values || value > largest)) {
            position = i;
            largest = value;
        }
    }
    return position;
}

/* The same for whole numbers, of which a double does not hold all. */
static size_t
largest_whole_of(const struct neuron_label_fit *fit, const unsigned char *results)
{
    size_t step_bytes = neuron_type_size_bytes(fit->result_type);
    int64_t largest = INT64_MIN;
    size_t position = 0;

    for (size_t i = 0; i < fit->result_values; i += 1) {
        int64_t value = neuron_label_whole(fit->result_type, results + i * step_bytes);

        if (value > largest) {
            position = i;
            largest = value;
        }
    }
    return position;
}

static void
tally_errors(const struct neuron_label_fit *fit, const unsigned char *results,
             const unsigned char *labels, struct neuron_label_tally *tally)
{
    size_t result_step = neuron_type_size_bytes(fit->result_type);
    size_t label_step = neuron_type_size_bytes(fit->label_type);

    for (size_t i = 0; i < fit->result_values; i += 1) {
        double difference = real_of(fit->result_type, results + i * result_step) -
                            real_of(fit->label_type, labels + i * label_step);

        tally->absolute += fabs(difference);
        tally->squared += difference * difference;
    }
    tally->values += fit->result_values;
}

void
neuron_label_tally_row(const struct neuron_label_fit *fit, const void *results, const void *labels,
                       struct neuron_label_tally *tally)
{
    tally->rows += 1;
    if (fit->kind == NEURON_LABEL_REAL) {
        tally_errors(fit, results, labels, tally);
        return;
    }
    int64_t label = neuron_label_whole(fit->label_type, labels);
    int64_t found = 0;
    if (fit->kind == NEURON_LABEL_WHOLE) {
        found = neuron_label_whole(fit->result_type, results);
    } else if (is_float(fit->result_type)) {
        found = (int64_t)largest_of(fit, results);
    } else {
        found = (int64_t)largest_whole_of(fit, results);
    }
    tally->right += label == found ? 1 : 0;
}
