/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/json_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024, INDENT = 2, NUMBER_BYTES = 352 /* of any double, with decimals */ };

/* How many bytes a character has, and the smallest code of that many: shorter forms are refused. */
struct utf8_form {
    unsigned char mask;
    unsigned char lead;
    uint32_t smallest;
};

static const struct utf8_form utf8_forms[] = {
    {0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

static void
append(struct neuron_json_text *text, const char *bytes, size_t count)
{
    size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : text->capacity;

    if (text->has_failed) {
        return;
    }
    if (count > SIZE_MAX / 2 - text->length) {
        text->has_failed = true;
        return;
    }
    while (capacity < text->length + count + 1) {
        capacity *= 2;
    }
    if (capacity != text->capacity) {
        char *grown = realloc(text->bytes, capacity);

        if (grown == NULL) {
            text->has_failed = true;
            return;
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

static void
append_text(struct neuron_json_text *text, const char *part)
{
    append(text, part, strlen(part));
}

static void
start_line(struct neuron_json_text *text)
{
    append(text, "\n", 1);
    for (uint32_t i = 0; i < text->depth * INDENT; i += 1) {
        append(text, " ", 1);
    }
}

/* Length of the character that a text begins with; 0 where its first byte begins none. */
static size_t
measure_character(const unsigned char *bytes)
{
    size_t count = 0;

    while (count < 4 && (bytes[0] & utf8_forms[count].mask) != utf8_forms[count].lead) {
        count += 1;
    }
    if (count == 4) {
        return 0;
    }
    uint32_t code = bytes[0] & (unsigned char)~utf8_forms[count].mask;
    for (size_t i = 1; i <= count; i += 1) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = (code << 6) | (bytes[i] & 0x3FU);
    }
    bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < utf8_forms[count].smallest || is_surrogate || code > 0x10FFFF ? 0 : count + 1;
}

/* Writes one character of a string, and says how many bytes it was. */
static size_t
append_character(struct neuron_json_text *text, const char *value)
{
    static const char plain[] = "\"\\\n\t\r\b\f";
    static const char letters[] = "\"\\ntrbf";
    size_t count = measure_character((const unsigned char *)value);
    const char *special = strchr(plain, value[0]);
    char escape[8] = "";

    if (count == 0) {
        append_text(text, "\xEF\xBF\xBD");
        return 1;
    }
    if (special != NULL) {
        (void)snprintf(escape, sizeof(escape), "\\%c", letters[special - plain]);
        append_text(text, escape);
    } else if ((unsigned char)value[0] < 0x20 || value[0] == 0x7F) {
        (void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)value[0]);
        append_text(text, escape);
    } else {
        append(text, value, count);
    }
    return count;
}

static void
append_string(struct neuron_json_text *text, const char *value)
{
    append(text, "\"", 1);
    while (*value != '\0') {
        value += append_character(text, value);
    }
    append(text, "\"", 1);
}

/* What stands before a value: the comma behind the one before, and its name. */
static void
begin_value(struct neuron_json_text *text, const char *name)
{
    bool is_on_own_line = text->depth > 0 && text->depth <= text->line_depth;

    if (text->has_member) {
        append_text(text, is_on_own_line ? "," : ", ");
    }
    if (is_on_own_line) {
        start_line(text);
    }
    if (name != NULL) {
        append_string(text, name);
        append_text(text, ": ");
    }
    text->has_member = true;
}

static void
open_container(struct neuron_json_text *text, const char *name, const char *bracket)
{
    begin_value(text, name);
    append_text(text, bracket);
    text->depth += 1;
    text->has_member = false;
}

static void
close_container(struct neuron_json_text *text, const char *bracket)
{
    bool is_on_own_line = text->has_member && text->depth <= text->line_depth;

    text->depth -= 1;
    if (is_on_own_line) {
        start_line(text);
    }
    append_text(text, bracket);
    text->has_member = true;
}

void
neuron_json_text_open_object(struct neuron_json_text *text, const char *name)
{
    open_container(text, name, "{");
}

void
neuron_json_text_open_array(struct neuron_json_text *text, const char *name)
{
    open_container(text, name, "[");
}

void
neuron_json_text_close_object(struct neuron_json_text *text)
{
    close_container(text, "}");
}

void
neuron_json_text_close_array(struct neuron_json_text *text)
{
    close_container(text, "]");
}

void
neuron_json_text_add_string(struct neuron_json_text *text, const char *name, const char *value)
{
    begin_value(text, name);
    if (value == NULL) {
        append_text(text, "null");
    } else {
        append_string(text, value);
    }
}

void
neuron_json_text_add_unsigned(struct neuron_json_text *text, const char *name, uint64_t value)
{
    char number[NUMBER_BYTES] = "";

    begin_value(text, name);
    (void)snprintf(number, sizeof(number), "%" PRIu64, value);
    append_text(text, number);
}

void
neuron_json_text_add_signed(struct neuron_json_text *text, const char *name, int64_t value)
{
    char number[NUMBER_BYTES] = "";

    begin_value(text, name);
    (void)snprintf(number, sizeof(number), "%" PRId64, value);
    append_text(text, number);
}

void
neuron_json_text_add_decimal(struct neuron_json_text *text, const char *name, double value,
                             uint32_t decimals)
{
    char number[NUMBER_BYTES] = "null";

    begin_value(text, name);
    if (isfinite(value)) {
        (void)snprintf(number, sizeof(number), "%.*f", (int)(decimals < 17 ? decimals : 17), value);
    }
    append_text(text, number);
}

void
neuron_json_text_add_bool(struct neuron_json_text *text, const char *name, bool value)
{
    begin_value(text, name);
    append_text(text, value ? "true" : "false");
}

void
neuron_json_text_add_null(struct neuron_json_text *text, const char *name)
{
    begin_value(text, name);
    append_text(text, "null");
}

enum neuron_status
neuron_json_text_finish(struct neuron_json_text *text, struct neuron_error *error)
{
    append(text, "\n", 1);
    if (text->has_failed) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a JSON text");
    }
    return NEURON_OK;
}

void
neuron_json_text_destroy(struct neuron_json_text *text)
{
    free(text->bytes);
    *text = (struct neuron_json_text){.line_depth = text->line_depth};
}
