/* SPDX-License-Identifier: Apache-2.0 */
#include "score/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_LIMIT = 100000000 /* three years */, WORDS_BYTES = 96, MS_PER_S = 1000 };

/* Reads digits; false where there are none, or the number is beyond 64 bits. */
static bool
read_number(const char **text, uint64_t *number)
{
    char *end = NULL;

    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    errno = 0;
    unsigned long long parsed = strtoull(*text, &end, 10);
    *text = end;
    *number = parsed;
    return errno == 0;
}

enum neuron_status
neuron_score_parse_count(const char *name, const char *text, uint32_t *rows,
                         struct neuron_error *error)
{
    const char *next = text;
    uint64_t number = 0;

    if (!read_number(&next, &number) || *next != '\0' || number == 0 || number > UINT32_MAX) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: must be a number of rows from 1 to %u", name, text,
                           UINT32_MAX);
    }
    *rows = (uint32_t)number;
    return NEURON_OK;
}

/* Reads what may follow a point: thousandths; further digits are read, and do not count. */
static uint64_t
read_thousandths(const char **text)
{
    uint64_t digit_value = 100;
    uint64_t sum = 0;

    while (isdigit((unsigned char)**text)) {
        sum += digit_value * (uint64_t)(**text - '0');
        digit_value /= 10;
        *text += 1;
    }
    return sum;
}

enum neuron_status
neuron_score_parse_seconds(const char *name, const char *text, uint64_t least_ms, uint64_t *time_ms,
                           struct neuron_error *error)
{
    const char *next = text;
    uint64_t seconds = 0;
    uint64_t parsed_ms = 0;

    bool is_right = read_number(&next, &seconds) && seconds <= SECONDS_LIMIT;
    if (is_right) {
        parsed_ms = seconds * MS_PER_S;
        if (*next == '.') {
            next += 1;
            parsed_ms += read_thousandths(&next);
        }
    }
    if (!is_right || *next != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a number of seconds, such as 30 or 0.5", name, text);
    }
    if (parsed_ms < least_ms) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s %.60s: give at least %g seconds", name,
                           text, (double)least_ms / MS_PER_S);
    }
    *time_ms = parsed_ms;
    return NEURON_OK;
}

/* By how many bits a unit shifts: "", "K", "KB", "KiB"; -1 for what is none. */
static int
shift_of_unit(const char *unit)
{
    static const char letters[] = "KkMmGgTt";
    const char *letter = unit[0] == '\0' ? NULL : strchr(letters, unit[0]);

    if (unit[0] == '\0' || strcmp(unit, "B") == 0) {
        return 0;
    }
    if (letter == NULL ||
        (unit[1] != '\0' && strcmp(unit + 1, "B") != 0 && strcmp(unit + 1, "iB") != 0)) {
        return -1;
    }
    return 10 * (int)((letter - letters) / 2 + 1);
}

enum neuron_status
neuron_score_parse_size(const char *name, const char *text, uint64_t least_bytes,
                        uint64_t *size_bytes, struct neuron_error *error)
{
    const char *next = text;
    uint64_t number = 0;

    bool is_number = read_number(&next, &number);
    int shift = is_number ? shift_of_unit(next) : -1;
    if (shift < 0 || number > (uint64_t)INT64_MAX >> shift) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give bytes, or a whole number with K, M, G or T, as in 512M",
                           name, text);
    }
    if (number << shift < least_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s %.60s: give at least %lluK", name,
                           text, (unsigned long long)(least_bytes >> 10));
    }
    *size_bytes = number << shift;
    return NEURON_OK;
}

enum neuron_status
neuron_score_parse_share(const char *name, const char *text, double *share,
                         struct neuron_error *error)
{
    char *end = NULL;
    /* Neither signs nor "nan" nor hexadecimal numbers. */
    bool is_plain = text[strspn(text, "0123456789.")] == '%' && text[0] != '%';
    double percent = is_plain ? strtod(text, &end) : -1.0;

    if (end == NULL || strcmp(end, "%") != 0 || percent < 0.0 || percent > 100.0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a percentage from 0%% to 100%%, such as 0.5%%", name,
                           text);
    }
    *share = percent / 100.0;
    return NEURON_OK;
}

enum neuron_status
neuron_score_parse_rows(const char *name, const char *text, uint64_t *first, uint64_t *end,
                        struct neuron_error *error)
{
    const char *next = text;
    uint64_t from = 0;
    uint64_t to = UINT64_MAX;

    bool is_right = *next == ':' || read_number(&next, &from);
    is_right = is_right && *next == ':';
    next += is_right ? 1 : 0;
    is_right = is_right && (*next == '\0' || read_number(&next, &to)) && *next == '\0';
    if (!is_right) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give rows as FIRST:END, counted from 0, without END itself; "
                           "either may be left out",
                           name, text);
    }
    if (to < from) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: ends before it begins; give the smaller number first", name,
                           text);
    }
    *first = from;
    *end = to;
    return NEURON_OK;
}

enum neuron_status
neuron_score_parse_budget(const char *name, const char *text, uint64_t *rows, double *share,
                          struct neuron_error *error)
{
    const char *next = text;
    uint64_t number = 0;
    double parsed = 1.0;

    if (text[0] != '\0' && text[strlen(text) - 1] == '%') {
        enum neuron_status status = neuron_score_parse_share(name, text, &parsed, error);

        if (status != NEURON_OK) {
            return status;
        }
        number = UINT64_MAX;
    } else if (!read_number(&next, &number) || *next != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a number of rows, or a percentage of them such as 0.5%%",
                           name, text);
    }
    *rows = number;
    *share = parsed;
    return NEURON_OK;
}

enum neuron_status
neuron_score_parse_number(const char *name, const char *text, double *number,
                          struct neuron_error *error)
{
    char *end = NULL;
    double parsed = strtod(text, &end);

    if (end == text || *end != '\0' || isspace((unsigned char)text[0])) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a number, such as -1 or nan", name, text);
    }
    *number = parsed;
    return NEURON_OK;
}

/* Writes "a, b or c". */
static const char *
list_words(const struct neuron_score_choice *choices, char *words, size_t size_bytes)
{
    words[0] = '\0';
    for (size_t i = 0; choices[i].word != NULL; i += 1) {
        const char *before = choices[i + 1].word == NULL ? " or " : ", ";

        if (i > 0) {
            (void)strncat(words, before, size_bytes - strlen(words) - 1);
        }
        (void)strncat(words, choices[i].word, size_bytes - strlen(words) - 1);
    }
    return words;
}

enum neuron_status
neuron_score_parse_choice(const char *name, const char *text,
                          const struct neuron_score_choice *choices, uint32_t *value,
                          struct neuron_error *error)
{
    char words[WORDS_BYTES] = "";

    for (size_t i = 0; choices[i].word != NULL; i += 1) {
        if (strcmp(choices[i].word, text) == 0) {
            *value = choices[i].value;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s %.60s: give %s", name, text,
                       list_words(choices, words, sizeof(words)));
}

size_t
neuron_score_measure_name(const char *text)
{
    size_t length = 0;

    if (text[0] == '.' || text[0] == '/') {
        return 0;
    }
    while (isalnum((unsigned char)text[length]) ||
           (text[length] != '\0' && strchr("_-.:/", text[length]) != NULL)) {
        length += 1;
    }
    return text[length] == '=' ? length : 0;
}
