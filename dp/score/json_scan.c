/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of numbers are read straight to where they belong, and other values are handed on as they
 * stand. jansson makes a tree of a line, an allocation a number, which takes several times as long
 * as reading the numbers; it writes 0.1 back as 0.10000000000000001, refuses NaN, and rounds what
 * is to be a float twice.
 */
#include "score/json_scan.h"

#include <stdint.h>
#include <string.h>

static void
skip_blanks(struct neuron_json_scan *scan)
{
    while (scan->next < scan->end && (*scan->next == ' ' || *scan->next == '\t' ||
                                      *scan->next == '\r' || *scan->next == '\n')) {
        scan->next += 1;
    }
}

static bool
is_digit_next(const struct neuron_json_scan *scan)
{
    return scan->next < scan->end && *scan->next >= '0' && *scan->next <= '9';
}

bool
neuron_json_is_next(struct neuron_json_scan *scan, char expected)
{
    skip_blanks(scan);
    return scan->next < scan->end && *scan->next == expected;
}

bool
neuron_json_accept(struct neuron_json_scan *scan, char expected)
{
    if (!neuron_json_is_next(scan, expected)) {
        return false;
    }
    scan->next += 1;
    return true;
}

bool
neuron_json_is_at_end(struct neuron_json_scan *scan)
{
    skip_blanks(scan);
    return scan->next == scan->end;
}

static int32_t
digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value of four hexadecimal digits; -1 when they are none. */
static int32_t
hex_value(const char *digits, const char *end)
{
    int32_t value = 0;

    if (end - digits < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i += 1) {
        int32_t digit = digit_value(digits[i]);

        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

bool
neuron_json_read_string(struct neuron_json_scan *scan, struct neuron_json_part *part)
{
    if (!neuron_json_accept(scan, '"')) {
        return false;
    }
    const char *start = scan->next;
    for (const char *c = start; c < scan->end && (unsigned char)*c >= ' '; c += 1) {
        if (*c == '"') {
            *part = (struct neuron_json_part){start, (size_t)(c - start)};
            scan->next = c + 1;
            return true;
        }
        if (*c != '\\') {
            continue;
        }
        c += 1;
        bool is_known = c < scan->end && *c != '\0' && strchr("\"\\/bfnrtu", *c) != NULL;
        if (!is_known || (*c == 'u' && hex_value(c + 1, scan->end) < 0)) {
            return false;
        }
    }
    return false;
}

/* Takes a whole word. */
static bool
accept_word(struct neuron_json_scan *scan, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(scan->end - scan->next) < length || memcmp(scan->next, word, length) != 0) {
        return false;
    }
    scan->next += length;
    return true;
}

/* Takes digits; false when there is none. */
static bool
skip_digits(struct neuron_json_scan *scan)
{
    bool has_any = is_digit_next(scan);

    while (is_digit_next(scan)) {
        scan->next += 1;
    }
    return has_any;
}

/* Takes a character, if it is next without a blank. */
static bool
skip_char(struct neuron_json_scan *scan, char expected)
{
    bool is_next = scan->next < scan->end && *scan->next == expected;

    scan->next += is_next ? 1 : 0;
    return is_next;
}

/* Takes ".25" and "e-3", as far as there are any. */
static bool
skip_fraction(struct neuron_json_scan *scan)
{
    if (skip_char(scan, '.') && !skip_digits(scan)) {
        return false;
    }
    if (!skip_char(scan, 'e') && !skip_char(scan, 'E')) {
        return true;
    }
    if (!skip_char(scan, '-')) {
        (void)skip_char(scan, '+');
    }
    return skip_digits(scan);
}

static bool
skip_number(struct neuron_json_scan *scan)
{
    if (accept_word(scan, "NaN")) {
        return true;
    }
    (void)skip_char(scan, '-');
    if (accept_word(scan, "Infinity")) {
        return true;
    }
    /* No digit follows a zero in front. */
    return (skip_char(scan, '0') ? !is_digit_next(scan) : skip_digits(scan)) && skip_fraction(scan);
}

bool
neuron_json_read_number(struct neuron_json_scan *scan, struct neuron_json_part *part)
{
    skip_blanks(scan);
    const char *start = scan->next;
    if (!skip_number(scan)) {
        return false;
    }
    *part = (struct neuron_json_part){start, (size_t)(scan->next - start)};
    return true;
}

/* Takes what is no object or array. */
static bool
skip_plain(struct neuron_json_scan *scan)
{
    struct neuron_json_part part = {0};

    if (neuron_json_is_next(scan, '"')) {
        return neuron_json_read_string(scan, &part);
    }
    return accept_word(scan, "true") || accept_word(scan, "false") || accept_word(scan, "null") ||
           skip_number(scan);
}

/* Takes the name of a member and the colon, where an object goes on. */
static bool
skip_name(struct neuron_json_scan *scan, char closing)
{
    struct neuron_json_part part = {0};

    return closing != '}' ||
           (neuron_json_read_string(scan, &part) && neuron_json_accept(scan, ':'));
}

/* Opens an array or an object, if one comes next: `closing` receives its end. */
static bool
open_nested(struct neuron_json_scan *scan, char *closing)
{
    bool is_array = neuron_json_accept(scan, '[');
    bool is_object = !is_array && neuron_json_accept(scan, '{');

    *closing = is_array ? ']' : '}';
    return is_array || is_object;
}

/* Closes what ends behind a value; false where a comma is missing. Goes on to the next value. */
static bool
close_nested(struct neuron_json_scan *scan, const char *closings, int *depth)
{
    while (*depth > 0) {
        if (neuron_json_accept(scan, ',')) {
            return skip_name(scan, closings[*depth - 1]);
        }
        if (!neuron_json_accept(scan, closings[*depth - 1])) {
            return false;
        }
        *depth -= 1;
    }
    return true;
}

/* Takes the begin of a nested value, or all of another one, and what ends behind it. */
static bool
step(struct neuron_json_scan *scan, char *closings, int *depth)
{
    char closing = '\0';

    if (!open_nested(scan, &closing)) {
        return skip_plain(scan) && close_nested(scan, closings, depth);
    }
    if (*depth == NEURON_JSON_DEPTH_LIMIT) {
        return false;
    }
    if (neuron_json_accept(scan, closing)) {
        return close_nested(scan, closings, depth);
    }
    closings[*depth] = closing;
    *depth += 1;
    return skip_name(scan, closing);
}

bool
neuron_json_read_value(struct neuron_json_scan *scan, struct neuron_json_part *part)
{
    char closings[NEURON_JSON_DEPTH_LIMIT];
    int depth = 0;

    skip_blanks(scan);
    const char *start = scan->next;
    do {
        if (!step(scan, closings, &depth)) {
            return false;
        }
    } while (depth > 0);
    *part = (struct neuron_json_part){start, (size_t)(scan->next - start)};
    return true;
}

/* Writes a character as UTF-8 and returns its length. */
static size_t
encode(uint32_t character, char *bytes)
{
    if (character < 0x80) {
        bytes[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        bytes[0] = (char)(0xC0 | character >> 6);
        bytes[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        bytes[0] = (char)(0xE0 | character >> 12);
        bytes[1] = (char)(0x80 | (character >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | character >> 18);
    bytes[1] = (char)(0x80 | (character >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (character >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

/* Reads the escape behind a backslash, two of them for a pair; returns behind it. The string was
   read before: its escapes are whole. */
static const char *
decode_escape(const char *next, const char *end, uint32_t *character)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *name = memchr(names, *next, sizeof(names) - 1);

    if (*next != 'u') {
        *character = (unsigned char)(name == NULL ? *next : meanings[name - names]);
        return next + 1;
    }
    uint32_t high = (uint32_t)hex_value(next + 1, end);
    *character = high;
    next += 5;
    if (high >= 0xD800 && high < 0xDC00 && end - next >= 6 && next[0] == '\\' && next[1] == 'u') {
        uint32_t low = (uint32_t)hex_value(next + 2, end);

        if (low >= 0xDC00 && low < 0xE000) {
            *character = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            next += 6;
        }
    }
    return next;
}

bool
neuron_json_string_equals(const struct neuron_json_part *string, const char *text)
{
    const char *next = string->text;
    const char *end = next + string->size_bytes;
    size_t length = strlen(text);

    if (memchr(next, '\\', string->size_bytes) == NULL) {
        return length == string->size_bytes && memcmp(next, text, length) == 0;
    }
    while (next < end) {
        char bytes[4] = {*next};
        size_t count = 1;

        if (*next == '\\') {
            uint32_t character = 0;

            next = decode_escape(next + 1, end, &character);
            count = encode(character, bytes);
        } else {
            next += 1;
        }
        if (count > length || memcmp(text, bytes, count) != 0) {
            return false;
        }
        text += count;
        length -= count;
    }
    return length == 0;
}
