/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A float32 has 24 bits, its decimal digits at most 30, and powers of ten up to 10^22 are exact as
 * float64: one multiplication or division gives the digits, and one leads back, each with a single
 * rounding. Where that rounding could matter (a tie of digits, or of neighbouring floats), and
 * beyond those powers, the C library does it. The texts are the same ones.
 */
#include "score/number_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/half_float.h"

enum { LEAST_DIGITS = 6, MOST_DIGITS = 9, POWER_LIMIT = 22 };

static const double powers[POWER_LIMIT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number as 0.0314 = 314000 * 10^-7, with 6 digits of which the first is not 0. */
struct decimal {
    uint64_t digits;
    int digit_count;
    int exponent; /* of the first digit: -2 */
};

static double
scale(double number, int power)
{
    return power >= 0 ? number * powers[power] : number / powers[-power];
}

/* Says whether a double lies just between two floats, where rounding twice may go wrong. */
static bool
is_between_floats(double number)
{
    uint64_t bits = 0;

    memcpy(&bits, &number, sizeof(bits));
    return (bits & 0x1FFFFFFFU) == 0x10000000U;
}

/* The exponent of the first digit of a number between 1e-13 and 1e22. */
static int
first_exponent(double number)
{
    int binary = 0;

    (void)frexp(number, &binary);
    int exponent = (int)floor((binary - 1) * 0.30102999566398120);
    /* Too small by one where the mantissa reaches the next power of ten. */
    return number >= scale(1.0, exponent + 1) ? exponent + 1 : exponent;
}

/* Rounds a number to digits; false where it cannot tell which way, or is out of the powers. */
static bool
round_to_digits(float number, int power, double *digits)
{
    const double tie_margin = 1e-6;

    if (power > POWER_LIMIT || power < -POWER_LIMIT) {
        return false;
    }
    double scaled = scale(number, power);
    double rest = scaled - floor(scaled);

    *digits = floor(scaled) + (rest > 0.5 ? 1.0 : 0.0);
    return fabs(rest - 0.5) >= tie_margin;
}

/* Finds the digits of a positive number in the range of the powers; false where it cannot tell. */
static bool
find_digits(float number, struct decimal *decimal)
{
    int exponent = first_exponent(number);

    for (int count = LEAST_DIGITS; count <= MOST_DIGITS; count += 1) {
        int power = count - 1 - exponent;
        double digits = 0.0;

        if (!round_to_digits(number, power, &digits)) {
            return false;
        }
        double back = scale(digits, -power);
        if (is_between_floats(back)) {
            return false;
        }
        if ((float)back == number) {
            bool carries = digits >= powers[count];

            *decimal = (struct decimal){.digits = (uint64_t)digits / (carries ? 10 : 1),
                                        .digit_count = count,
                                        .exponent = exponent + (carries ? 1 : 0)};
            return true;
        }
    }
    return false;
}

/* Writes an exponent as printf does: a sign and at least two digits. Ours have at most two. */
static char *
put_exponent(char *text, int exponent)
{
    int size = exponent < 0 ? -exponent : exponent;

    text[0] = 'e';
    text[1] = '+';
    if (exponent < 0) {
        text[1] = '-';
    }
    text[2] = (char)('0' + size / 10);
    text[3] = (char)('0' + size % 10);
    return text + 4;
}

/* Lays digits out as %g does: plain, or with an exponent, and no zeros at the end. */
static char *
put_decimal(char *text, const struct decimal *decimal)
{
    char digits[MOST_DIGITS + 1] = {0};
    uint64_t left = decimal->digits;
    int count = decimal->digit_count;
    int exponent = decimal->exponent;
    bool is_plain = exponent >= -4 && exponent < decimal->digit_count;

    for (int i = count; i-- > 0; left /= 10) {
        digits[i] = (char)('0' + left % 10);
    }
    int whole = is_plain ? exponent + 1 : 1; /* digits before the point */
    while (count > 1 && count > whole && digits[count - 1] == '0') {
        count -= 1;
    }
    if (whole <= 0) {
        *text++ = '0';
        *text++ = '.';
        for (int i = whole; i < 0; i += 1) {
            *text++ = '0';
        }
    }
    for (int i = 0; i < count; i += 1) {
        if (i == whole && i > 0) {
            *text++ = '.';
        }
        *text++ = digits[i];
    }
    return is_plain ? text : put_exponent(text, exponent);
}

static size_t
format_float_slowly(float number, char *text)
{
    int length = 0;

    for (int count = LEAST_DIGITS; count <= MOST_DIGITS; count += 1) {
        length = snprintf(text, NEURON_NUMBER_TEXT_BYTES, "%.*g", count, (double)number);
        if (strtof(text, NULL) == number) {
            break;
        }
    }
    return (size_t)length;
}

static size_t
format_special(double number, enum neuron_number_style style, char *text)
{
    const char *word = "nan";

    if (style == NEURON_NUMBER_JSON) {
        word = "null";
    } else if (!isnan(number)) {
        word = number < 0 ? "-inf" : "inf";
    }
    return (size_t)snprintf(text, NEURON_NUMBER_TEXT_BYTES, "%s", word);
}

static size_t
format_float(float number, enum neuron_number_style style, char *text)
{
    struct decimal decimal = {0};
    float size = fabsf(number);
    char *next = text;

    if (!isfinite(number)) {
        return format_special(number, style, text);
    }
    if (size == 0.0F) {
        return (size_t)snprintf(text, NEURON_NUMBER_TEXT_BYTES, signbit(number) ? "-0" : "0");
    }
    if (size < 1e-13F || size >= 1e21F || !find_digits(size, &decimal)) {
        return format_float_slowly(number, text);
    }
    if (number < 0.0F) {
        *next++ = '-';
    }
    next = put_decimal(next, &decimal);
    *next = '\0';
    return (size_t)(next - text);
}

static size_t
format_double(double number, enum neuron_number_style style, char *text)
{
    int length = 0;

    if (!isfinite(number)) {
        return format_special(number, style, text);
    }
    for (int count = 15; count <= 17; count += 1) {
        length = snprintf(text, NEURON_NUMBER_TEXT_BYTES, "%.*g", count, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    return (size_t)length;
}

static size_t
format_whole(int64_t number, char *text)
{
    char digits[20];
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t count = 0;
    char *next = text;

    do {
        digits[count] = (char)('0' + left % 10);
        count += 1;
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        *next++ = '-';
    }
    while (count > 0) {
        count -= 1;
        *next++ = digits[count];
    }
    *next = '\0';
    return (size_t)(next - text);
}

static size_t
format_bool(unsigned char number, enum neuron_number_style style, char *text)
{
    if (style == NEURON_NUMBER_CSV) {
        return format_whole(number != 0 ? 1 : 0, text);
    }
    return (size_t)snprintf(text, NEURON_NUMBER_TEXT_BYTES, number != 0 ? "true" : "false");
}

/* An element of at most 8 bytes, read from any address. */
union element {
    float float32;
    double float64;
    uint16_t half;
    int8_t int8;
    unsigned char byte;
    int32_t int32;
    int64_t int64;
};

size_t
neuron_number_format(enum neuron_type type, const void *element, enum neuron_number_style style,
                     char text[NEURON_NUMBER_TEXT_BYTES])
{
    union element read = {.int64 = 0};

    memcpy(&read, element, neuron_type_size_bytes(type));
    switch (type) {
    case NEURON_FLOAT32:
        return format_float(read.float32, style, text);
    case NEURON_FLOAT64:
        return format_double(read.float64, style, text);
    case NEURON_BFLOAT16:
        return format_float(neuron_bfloat16_to_float(read.half), style, text);
    case NEURON_FLOAT16:
        return format_float(neuron_float16_to_float(read.half), style, text);
    case NEURON_INT8:
        return format_whole(read.int8, text);
    case NEURON_UINT8:
        return format_whole(read.byte, text);
    case NEURON_INT32:
        return format_whole(read.int32, text);
    case NEURON_INT64:
        return format_whole(read.int64, text);
    case NEURON_BOOL:
        return format_bool(read.byte, style, text);
    case NEURON_NO_TYPE:
        break;
    }
    text[0] = '\0';
    return 0;
}
