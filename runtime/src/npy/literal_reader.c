/* SPDX-License-Identifier: Apache-2.0 */
#include "npy/literal_reader.h"

#include <string.h>

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What may not follow a word or a number directly: "True" is not the start of "Trueish". */
static bool
is_word(char c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
skip_space(struct neuron_literal_reader *reader)
{
    while (reader->position < reader->end && is_space(*reader->position)) {
        reader->position += 1;
    }
}

/* Takes a whole word. */
static bool
accept_word(struct neuron_literal_reader *reader, const char *word)
{
    size_t length = strlen(word);

    skip_space(reader);
    if ((size_t)(reader->end - reader->position) < length ||
        memcmp(reader->position, word, length) != 0) {
        return false;
    }
    const char *after = reader->position + length;
    if (after < reader->end && is_word(*after)) {
        return false;
    }
    reader->position = after;
    return true;
}

bool
neuron_literal_is_next(struct neuron_literal_reader *reader, char expected)
{
    skip_space(reader);
    return reader->position < reader->end && *reader->position == expected;
}

bool
neuron_literal_accept(struct neuron_literal_reader *reader, char expected)
{
    if (!neuron_literal_is_next(reader, expected)) {
        return false;
    }
    reader->position += 1;
    return true;
}

bool
neuron_literal_read_string(struct neuron_literal_reader *reader,
                           struct neuron_literal_string *string)
{
    skip_space(reader);
    if (reader->position == reader->end ||
        (*reader->position != '\'' && *reader->position != '"')) {
        return false;
    }
    char quote = *reader->position;
    const char *start = reader->position + 1;
    for (const char *c = start; c < reader->end && *c != '\\' && *c != '\n'; c += 1) {
        if (*c == quote) {
            *string = (struct neuron_literal_string){.start = start, .length = (size_t)(c - start)};
            reader->position = c + 1;
            return true;
        }
    }
    return false;
}

bool
neuron_literal_read_bool(struct neuron_literal_reader *reader, bool *value)
{
    if (accept_word(reader, "True")) {
        *value = true;
        return true;
    }
    if (accept_word(reader, "False")) {
        *value = false;
        return true;
    }
    return false;
}

/* Reads digits up to the first other character, and returns that position. */
static const char *
read_digits(const char *c, const char *end, int64_t *value, bool *fits)
{
    *value = 0;
    *fits = true;
    for (; c < end && is_digit(*c); c += 1) {
        int64_t next = 0;

        if (__builtin_mul_overflow(*value, 10, &next) ||
            __builtin_add_overflow(next, *c - '0', &next)) {
            *fits = false;
        } else {
            *value = next;
        }
    }
    return c;
}

enum neuron_literal_integer
neuron_literal_read_integer(struct neuron_literal_reader *reader, int64_t *value)
{
    bool fits = true;
    int64_t number = 0;

    skip_space(reader);
    const char *start = reader->position;
    bool is_negative = start < reader->end && *start == '-';
    if (is_negative) {
        start += 1;
    }
    const char *after = read_digits(start, reader->end, &number, &fits);
    bool has_leading_zero = after - start > 1 && *start == '0';
    if (after == start || has_leading_zero) {
        return NEURON_LITERAL_INTEGER_NONE;
    }
    if (after < reader->end && (*after == 'L' || *after == 'l')) {
        after += 1;
    }
    if (after < reader->end && (is_word(*after) || *after == '.')) {
        return NEURON_LITERAL_INTEGER_NONE;
    }
    if (is_negative && (!fits || number > 0)) {
        return NEURON_LITERAL_INTEGER_NEGATIVE;
    }
    if (!fits) {
        return NEURON_LITERAL_INTEGER_TOO_LARGE;
    }
    *value = number;
    reader->position = after;
    return NEURON_LITERAL_INTEGER_READ;
}

bool
neuron_literal_is_at_end(struct neuron_literal_reader *reader)
{
    skip_space(reader);
    return reader->position == reader->end;
}
