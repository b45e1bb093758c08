/* SPDX-License-Identifier: Apache-2.0 */
#include "case_compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static double
decode_float16(uint16_t bits)
{
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    double size = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);

    if (exponent == 31) {
        size = fraction == 0 ? (double)INFINITY : (double)NAN;
    }
    return (bits & 0x8000) != 0 ? -size : size;
}

static double
decode_bfloat16(uint16_t bits)
{
    const uint32_t wide = (uint32_t)bits << 16;
    float value = 0;

    memcpy(&value, &wide, sizeof(value));
    return (double)value;
}

/* An element of a float type. */
static double
read_real(enum neuron_type type, const void *elements, size_t index)
{
    if (type == NEURON_FLOAT64) {
        return ((const double *)elements)[index];
    }
    if (type == NEURON_FLOAT32) {
        return (double)((const float *)elements)[index];
    }
    const uint16_t bits = ((const uint16_t *)elements)[index];
    return type == NEURON_FLOAT16 ? decode_float16(bits) : decode_bfloat16(bits);
}

static int64_t
read_whole(enum neuron_type type, const void *elements, size_t index)
{
    if (type == NEURON_INT64) {
        return ((const int64_t *)elements)[index];
    }
    if (type == NEURON_INT32) {
        return ((const int32_t *)elements)[index];
    }
    return type == NEURON_INT8 ? ((const int8_t *)elements)[index]
                               : ((const uint8_t *)elements)[index];
}

static bool
is_real(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_FLOAT16 ||
           type == NEURON_BFLOAT16;
}

/* One unit in the last place of a bfloat16, of which a number has 2^-8 to 2^-7 of its size. */
static const double bfloat16_unit = 0x1p-7;

static bool
is_near(enum neuron_type type, double result, double expected,
        const struct case_tolerance *tolerance)
{
    double relative =
        type == NEURON_BFLOAT16 ? fmax(tolerance->relative, bfloat16_unit) : tolerance->relative;

    if (isnan(expected) || isinf(expected)) {
        return isnan(expected) ? isnan(result) : result == expected;
    }
    return fabs(result - expected) <=
           tolerance->absolute + relative * fabs(expected); /* false for NaN */
}

static enum neuron_status
compare_reals(const struct case_tensor *expected, const void *result, size_t count,
              const struct case_tolerance *tolerance, struct neuron_error *error)
{
    const enum neuron_type type = expected->spec.shape.type;
    size_t wrong_count = 0;
    size_t first = 0;

    for (size_t i = count; i > 0; i -= 1) {
        if (!is_near(type, read_real(type, result, i - 1), read_real(type, expected->bytes, i - 1),
                     tolerance)) {
            wrong_count += 1;
            first = i - 1;
        }
    }
    if (wrong_count > 0) {
        return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                           "output %s: %zu of %zu elements differ; element %zu is %.9g, not %.9g",
                           expected->spec.name, wrong_count, count, first,
                           read_real(type, result, first), read_real(type, expected->bytes, first));
    }
    return NEURON_OK;
}

static enum neuron_status
compare_wholes(const struct case_tensor *expected, const void *result, size_t count,
               struct neuron_error *error)
{
    const enum neuron_type type = expected->spec.shape.type;
    size_t wrong_count = 0;
    size_t first = 0;

    for (size_t i = count; i > 0; i -= 1) {
        if (read_whole(type, result, i - 1) != read_whole(type, expected->bytes, i - 1)) {
            wrong_count += 1;
            first = i - 1;
        }
    }
    if (wrong_count > 0) {
        return NEURON_FAIL(
            error, NEURON_NUMERICAL_ERROR,
            "output %s: %zu of %zu elements differ; element %zu is %" PRId64 ", not %" PRId64,
            expected->spec.name, wrong_count, count, first, read_whole(type, result, first),
            read_whole(type, expected->bytes, first));
    }
    return NEURON_OK;
}

/* The length of the difference over that of what is expected. */
static enum neuron_status
compare_lengths(const struct case_tensor *expected, const void *result, size_t count, double limit,
                struct neuron_error *error)
{
    const enum neuron_type type = expected->spec.shape.type;
    double difference = 0;
    double length = 0;

    for (size_t i = 0; i < count; i += 1) {
        double wanted = read_real(type, expected->bytes, i);
        double distance = read_real(type, result, i) - wanted;

        difference += distance * distance;
        length += wanted * wanted;
    }
    double ratio = sqrt(difference / length);
    if (!(ratio <= limit)) {
        return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                           "output %s: differs by %.3g of its length; the limit is %.3g",
                           expected->spec.name, ratio, limit);
    }
    return NEURON_OK;
}

enum neuron_status
case_compare(const struct case_tensor *expected, const void *result,
             const struct case_tolerance *tolerance, struct neuron_error *error)
{
    size_t count = 0;

    if (!neuron_tensor_shape_element_count(&expected->spec.shape, &count)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "output %s: has no shape",
                           expected->spec.name);
    }
    if (!is_real(expected->spec.shape.type)) {
        return compare_wholes(expected, result, count, error);
    }
    return tolerance->l2 > 0 ? compare_lengths(expected, result, count, tolerance->l2, error)
                             : compare_reals(expected, result, count, tolerance, error);
}
