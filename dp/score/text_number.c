/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most numbers have so few digits that they are a quotient or product of two that a double holds
 * exactly, which is rounded once (Clinger's fast path). All others are left to strtod() and
 * strtof(), which take several times as long.
 */
#include "score/text_number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "neuron/half_float.h"

enum {
    TOKEN_LIMIT_BYTES = 800,    /* longer numbers are none; 767 digits tell any two doubles apart */
    EXACT_POWER_LIMIT = 22,     /* 10^22 is the largest power that a double holds exactly */
    MANTISSA_DIGITS_LIMIT = 19, /* that fit 64 bits */
    EXPONENT_LIMIT = 100000,    /* beyond it, numbers are 0 or infinite whatever their digits */
    FLOAT_SPARE_BITS = 29       /* of a double's fraction, that a float lacks */
};

static const double powers_of_ten[EXACT_POWER_LIMIT + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A decimal number: mantissa * 10^exponent. */
struct decimal {
    const char *text; /* from its sign on, without blanks */
    size_t size_bytes;
    uint64_t mantissa;
    int32_t exponent;
    int32_t digits; /* of the mantissa; above the limit the mantissa is not all of it */
    bool is_negative;
    bool is_word; /* nan or infinite */
    bool has_fraction_mark;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes a digit into the mantissa; leading zeros do not count. */
static void
take_digit(struct decimal *number, char digit)
{
    if (number->digits > 0 || digit != '0') {
        number->digits += 1;
    }
    if (number->digits <= MANTISSA_DIGITS_LIMIT) {
        number->mantissa = number->mantissa * 10 + (uint64_t)(digit - '0');
    } else {
        number->exponent += 1;
    }
}

/* Takes digits; returns behind them. */
static const char *
take_digits(struct decimal *number, const char *next, const char *end)
{
    while (next < end && is_digit(*next)) {
        take_digit(number, *next);
        next += 1;
    }
    return next;
}

/* Takes "e-12"; NULL when there is something else. */
static const char *
take_exponent(struct decimal *number, const char *next, const char *end)
{
    int32_t exponent = 0;

    next += 1;
    bool is_negative = next < end && *next == '-';
    if (next < end && (*next == '-' || *next == '+')) {
        next += 1;
    }
    if (next == end) {
        return NULL;
    }
    for (; next < end && is_digit(*next); next += 1) {
        exponent = exponent < EXPONENT_LIMIT ? exponent * 10 + (*next - '0') : exponent;
    }
    number->exponent += is_negative ? -exponent : exponent;
    return next;
}

static bool
is_word(const char *text, size_t size_bytes)
{
    return (size_bytes == 3 && strncasecmp(text, "nan", 3) == 0) ||
           (size_bytes == 3 && strncasecmp(text, "inf", 3) == 0) ||
           (size_bytes == 8 && strncasecmp(text, "infinity", 8) == 0);
}

/* Takes a text apart; false when it is no number. */
static bool
parse_decimal(const char *text, size_t size_bytes, struct decimal *number)
{
    const char *end = text + size_bytes;
    const char *next = text;

    while (next < end && is_blank(*next)) {
        next += 1;
    }
    while (end > next && is_blank(end[-1])) {
        end -= 1;
    }
    *number = (struct decimal){.text = next, .size_bytes = (size_t)(end - next)};
    number->is_negative = next < end && *next == '-';
    if (next < end && (*next == '-' || *next == '+')) {
        next += 1;
    }
    const char *digits = next;
    next = take_digits(number, next, end);
    size_t digit_count = (size_t)(next - digits);
    if (next < end && *next == '.') {
        const char *fraction = next + 1;

        next = take_digits(number, fraction, end);
        digit_count += (size_t)(next - fraction);
        number->exponent -= (int32_t)(next - fraction);
        number->has_fraction_mark = true;
    }
    if (digit_count == 0) {
        number->is_word = is_word(digits, (size_t)(end - digits));
        return number->is_word;
    }
    if (next < end && (*next == 'e' || *next == 'E')) {
        next = take_exponent(number, next, end);
        number->has_fraction_mark = true;
    }
    return next == end && number->size_bytes < TOKEN_LIMIT_BYTES;
}

/* The quotient or product of two exact doubles, without the sign; false when it is not one. */
static bool
compute_exactly(const struct decimal *number, double *value)
{
    if (number->is_word || number->digits > MANTISSA_DIGITS_LIMIT ||
        number->mantissa > UINT64_C(1) << 53 || number->exponent > EXACT_POWER_LIMIT ||
        number->exponent < -EXACT_POWER_LIMIT) {
        return false;
    }
    *value = number->exponent < 0 ? (double)number->mantissa / powers_of_ten[-number->exponent]
                                  : (double)number->mantissa * powers_of_ten[number->exponent];
    return true;
}

/* Says whether a double that was rounded rounds to the same float as what it was rounded from: it
   does unless it stands next to the middle of two floats. */
static bool
rounds_safely(double value)
{
    const uint64_t spare = (UINT64_C(1) << FLOAT_SPARE_BITS) - 1;
    const uint64_t middle = UINT64_C(1) << (FLOAT_SPARE_BITS - 1);
    uint64_t bits = 0;

    memcpy(&bits, &value, sizeof(bits));
    uint64_t rest = bits & spare;
    return value == 0 ||
           (value > 1e-37 && value < 3e38 && (rest < middle - 1 || rest > middle + 1));
}

/* The number as a C string in a buffer. */
static const char *
copy_token(const struct decimal *number, char *token)
{
    memcpy(token, number->text, number->size_bytes);
    token[number->size_bytes] = '\0';
    return token;
}

static enum neuron_text_number
read_double(locale_t plain, const struct decimal *number, double *value)
{
    char token[TOKEN_LIMIT_BYTES];

    if (compute_exactly(number, value)) {
        *value = number->is_negative ? -*value : *value;
        return NEURON_NUMBER_IS_READ;
    }
    *value = strtod_l(copy_token(number, token), NULL, plain);
    return isinf(*value) && !number->is_word ? NEURON_NUMBER_IS_OUT_OF_RANGE
                                             : NEURON_NUMBER_IS_READ;
}

static enum neuron_text_number
read_float(locale_t plain, const struct decimal *number, float *value)
{
    char token[TOKEN_LIMIT_BYTES];
    double exact = 0;

    if (compute_exactly(number, &exact) && rounds_safely(exact)) {
        *value = (float)(number->is_negative ? -exact : exact);
        return NEURON_NUMBER_IS_READ;
    }
    *value = strtof_l(copy_token(number, token), NULL, plain);
    return isinf(*value) && !number->is_word ? NEURON_NUMBER_IS_OUT_OF_RANGE
                                             : NEURON_NUMBER_IS_READ;
}

/* Reads one of the types of 16 bits. */
static enum neuron_text_number
read_half(locale_t plain, const struct decimal *number, enum neuron_type type, void *value)
{
    float wide = 0;
    enum neuron_text_number outcome = read_float(plain, number, &wide);

    if (outcome != NEURON_NUMBER_IS_READ) {
        return outcome;
    }
    uint16_t bits = type == NEURON_FLOAT16 ? neuron_float16_of(wide) : neuron_bfloat16_of(wide);
    float narrow =
        type == NEURON_FLOAT16 ? neuron_float16_to_float(bits) : neuron_bfloat16_to_float(bits);
    if (isinf(narrow) && !number->is_word) {
        return NEURON_NUMBER_IS_OUT_OF_RANGE;
    }
    memcpy(value, &bits, sizeof(bits));
    return NEURON_NUMBER_IS_READ;
}

/* Reads a whole number; one that is written with a fraction or an exponent is exact below 2^53. */
static enum neuron_text_number
read_whole(locale_t plain, const struct decimal *number, int64_t *whole)
{
    uint64_t limit = (uint64_t)INT64_MAX + (number->is_negative ? 1 : 0);
    double value = 0;

    if (number->is_word) {
        return NEURON_NUMBER_IS_NONE;
    }
    if (!number->has_fraction_mark) {
        if (number->digits > MANTISSA_DIGITS_LIMIT || number->mantissa > limit) {
            return NEURON_NUMBER_IS_OUT_OF_RANGE;
        }
        *whole = number->is_negative ? (int64_t)(0 - number->mantissa) : (int64_t)number->mantissa;
        return NEURON_NUMBER_IS_READ;
    }
    if (read_double(plain, number, &value) != NEURON_NUMBER_IS_READ || fabs(value) > 0x1p53) {
        return NEURON_NUMBER_IS_OUT_OF_RANGE;
    }
    if (value != trunc(value)) {
        return NEURON_NUMBER_IS_NONE;
    }
    *whole = (int64_t)value;
    return NEURON_NUMBER_IS_READ;
}

/* Says whether a whole number is one of a type. */
static bool
fits_type(enum neuron_type type, int64_t whole)
{
    if (type == NEURON_INT8) {
        return whole >= INT8_MIN && whole <= INT8_MAX;
    }
    if (type == NEURON_UINT8) {
        return whole >= 0 && whole <= UINT8_MAX;
    }
    if (type == NEURON_INT32) {
        return whole >= INT32_MIN && whole <= INT32_MAX;
    }
    return type == NEURON_INT64 || whole == 0 || whole == 1;
}

/* Reads an integer or a bool. */
static enum neuron_text_number
read_integer(locale_t plain, const struct decimal *number, enum neuron_type type, void *value)
{
    int64_t whole = 0;
    enum neuron_text_number outcome = read_whole(plain, number, &whole);

    if (outcome == NEURON_NUMBER_IS_READ && !fits_type(type, whole)) {
        return NEURON_NUMBER_IS_OUT_OF_RANGE;
    }
    if (outcome == NEURON_NUMBER_IS_READ) {
        memcpy(value, &whole, neuron_type_size_bytes(type)); /* little endian, as npy.h reads */
    }
    return outcome;
}

/* Reads "true" or "false". */
static bool
read_truth(const char *text, size_t size_bytes, unsigned char *value)
{
    while (size_bytes > 0 && is_blank(*text)) {
        text += 1;
        size_bytes -= 1;
    }
    while (size_bytes > 0 && is_blank(text[size_bytes - 1])) {
        size_bytes -= 1;
    }
    bool is_true = size_bytes == 4 && strncasecmp(text, "true", 4) == 0;
    bool is_false = size_bytes == 5 && strncasecmp(text, "false", 5) == 0;
    if (is_true || is_false) {
        *value = is_true ? 1 : 0;
    }
    return is_true || is_false;
}

enum neuron_text_number
neuron_text_number_read(locale_t plain, enum neuron_type type, const char *text, size_t size_bytes,
                        void *value)
{
    struct decimal number;
    double wide = 0;
    float narrow = 0;
    enum neuron_text_number outcome = NEURON_NUMBER_IS_NONE;

    if (!parse_decimal(text, size_bytes, &number)) {
        return type == NEURON_BOOL && read_truth(text, size_bytes, value) ? NEURON_NUMBER_IS_READ
                                                                          : NEURON_NUMBER_IS_NONE;
    }
    if (type == NEURON_FLOAT32) {
        outcome = read_float(plain, &number, &narrow);
        if (outcome == NEURON_NUMBER_IS_READ) {
            memcpy(value, &narrow, sizeof(narrow));
        }
        return outcome;
    }
    if (type == NEURON_FLOAT64) {
        outcome = read_double(plain, &number, &wide);
        if (outcome == NEURON_NUMBER_IS_READ) {
            memcpy(value, &wide, sizeof(wide));
        }
        return outcome;
    }
    return type == NEURON_FLOAT16 || type == NEURON_BFLOAT16
               ? read_half(plain, &number, type, value)
               : read_integer(plain, &number, type, value);
}

bool
neuron_text_is_number(const char *text, size_t size_bytes)
{
    struct decimal number;

    return parse_decimal(text, size_bytes, &number);
}
