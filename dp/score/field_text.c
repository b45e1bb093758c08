/* SPDX-License-Identifier: Apache-2.0 */
#include "score/field_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
put_char(struct neuron_new_file *file, char character)
{
    *neuron_new_file_room(file) = character;
    neuron_new_file_took(file, 1);
}

static void
put_word(struct neuron_new_file *file, const char *word)
{
    neuron_new_file_put(file, word, strlen(word));
}

/* Puts a character of a field that is in quotes. */
static void
put_quoted(struct neuron_new_file *file, char character)
{
    if (character == '"') {
        put_char(file, '"');
    }
    put_char(file, character);
}

/* Blanks at the ends are quoted, too: some readers drop them. */
static bool
needs_quotes(const char *text, size_t size_bytes)
{
    if (size_bytes == 0) {
        return false;
    }
    if (text[0] == ' ' || text[size_bytes - 1] == ' ') {
        return true;
    }
    for (size_t i = 0; i < size_bytes; i += 1) {
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r') {
            return true;
        }
    }
    return false;
}

void
neuron_field_put_csv(struct neuron_new_file *file, const char *text, size_t size_bytes)
{
    if (!needs_quotes(text, size_bytes)) {
        neuron_new_file_put(file, text, size_bytes);
        return;
    }
    put_char(file, '"');
    for (size_t i = 0; i < size_bytes; i += 1) {
        put_quoted(file, text[i]);
    }
    put_char(file, '"');
}

/* How long a character is that begins with a byte; 0 where none does. */
static size_t
length_by_first_byte(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Says whether two bytes begin what is written too long, a surrogate, or above U+10FFFF. */
static bool
is_no_character(unsigned char first, unsigned char second)
{
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
}

/* The length of the character that UTF-8 has here; 0 where it has none. */
static size_t
utf8_length(const unsigned char *bytes, size_t left)
{
    size_t length = length_by_first_byte(bytes[0]);

    if (length > left || (length > 1 && is_no_character(bytes[0], bytes[1]))) {
        return 0;
    }
    for (size_t i = 1; i < length; i += 1) {
        if ((bytes[i] & 0xC0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

/* Puts a character of a JSON string that has a byte. */
static void
put_escaped(struct neuron_new_file *file, unsigned char character)
{
    static const char *const named[32] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};

    if (character == '"' || character == '\\') {
        put_char(file, '\\');
        put_char(file, (char)character);
    } else if (character >= 32) {
        put_char(file, (char)character);
    } else if (named[character] != NULL) {
        put_word(file, named[character]);
    } else {
        neuron_new_file_took(
            file, (size_t)snprintf(neuron_new_file_room(file), 8, "\\u%04x", (unsigned)character));
    }
}

void
neuron_field_put_json(struct neuron_new_file *file, const char *text, size_t size_bytes)
{
    const unsigned char *bytes = (const unsigned char *)text;

    put_char(file, '"');
    for (size_t i = 0; i < size_bytes;) {
        size_t length = utf8_length(bytes + i, size_bytes - i);

        if (length == 1) {
            put_escaped(file, bytes[i]);
        } else if (length == 0) {
            put_word(file, "\xEF\xBF\xBD");
        } else {
            neuron_new_file_put(file, bytes + i, length);
        }
        i += length == 0 ? 1 : length;
    }
    put_char(file, '"');
}

/* The four hex digits of an escape; above all characters where they are none. */
static uint32_t
read_hex(const char *text, size_t left)
{
    uint32_t number = 0;

    for (size_t i = 0; i < 4; i += 1) {
        const char *digits = "0123456789abcdefABCDEF";
        const char *found = i < left && text[i] != '\0' ? strchr(digits, text[i]) : NULL;

        if (found == NULL) {
            return UINT32_MAX;
        }
        uint32_t digit = (uint32_t)(found - digits);
        number = number << 4 | (digit < 16 ? digit : digit - 6);
    }
    return number;
}

/* Puts a character beyond ASCII, or a control one, as UTF-8. Half a surrogate pair is none. */
static void
put_code_point(struct neuron_new_file *file, uint32_t point)
{
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        point = 0xFFFD;
    }
    if (point < 0x80) {
        put_quoted(file, (char)point);
        return;
    }
    uint32_t tails = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    uint32_t mark = tails == 1 ? 0xC0 : tails == 2 ? 0xE0 : 0xF0;
    unsigned char bytes[4] = {(unsigned char)(mark | point >> (6 * tails))};
    for (uint32_t i = 1; i <= tails; i += 1) {
        bytes[i] = (unsigned char)(0x80U | (point >> (6 * (tails - i)) & 0x3FU));
    }
    neuron_new_file_put(file, bytes, tails + 1);
}

/* Puts what an escape stands for; returns how long it is, from its letter on. */
static size_t
put_unescaped(struct neuron_new_file *file, const char *text, size_t left)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *found = text[0] == '\0' ? NULL : strchr(letters, text[0]);

    if (text[0] != 'u') {
        char meaning = text[0];

        if (found != NULL) {
            meaning = meanings[found - letters];
        }
        put_quoted(file, meaning);
        return 1;
    }
    uint32_t point = read_hex(text + 1, left - 1);
    bool is_first_half = point >= 0xD800 && point <= 0xDBFF;
    if (is_first_half && left >= 7 && text[5] == '\\' && text[6] == 'u') {
        uint32_t second = read_hex(text + 7, left - 7);

        if (second >= 0xDC00 && second <= 0xDFFF) {
            put_code_point(file, 0x10000 + ((point - 0xD800) << 10) + (second - 0xDC00));
            return 11;
        }
    }
    put_code_point(file, point);
    return point == UINT32_MAX ? 1 : 5;
}

/* Puts the characters of a JSON string, without its quotes, as a csv field. */
static void
put_string_as_csv(struct neuron_new_file *file, const char *text, size_t size_bytes)
{
    /* What has an escape is put in quotes whatever it stands for: they are allowed anywhere. */
    bool has_escape = memchr(text, '\\', size_bytes) != NULL;

    if (!has_escape) {
        neuron_field_put_csv(file, text, size_bytes);
        return;
    }
    put_char(file, '"');
    for (size_t i = 0; i < size_bytes;) {
        if (text[i] == '\\' && i + 1 < size_bytes) {
            i += 1 + put_unescaped(file, text + i + 1, size_bytes - i - 1);
        } else {
            put_quoted(file, text[i]);
            i += 1;
        }
    }
    put_char(file, '"');
}

void
neuron_column_put_csv(struct neuron_new_file *file, const struct neuron_column_text *text)
{
    size_t size_bytes = text->size_bytes;

    if (text->is_json && size_bytes >= 2 && text->text[0] == '"') {
        put_string_as_csv(file, text->text + 1, size_bytes - 2);
    } else if (text->is_json && size_bytes == 4 && memcmp(text->text, "null", 4) == 0) {
        return;
    } else {
        neuron_field_put_csv(file, text->text, size_bytes);
    }
}

void
neuron_column_put_json(struct neuron_new_file *file, const struct neuron_column_text *text)
{
    if (!text->is_json) {
        neuron_field_put_json(file, text->text, text->size_bytes);
    } else if (text->size_bytes == 0) {
        put_word(file, "null");
    } else {
        neuron_new_file_put(file, text->text, text->size_bytes);
    }
}
