/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_fingerprint.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/checksum.h"

struct neuron_job_fingerprint {
    char *text; /* always ended by a NUL */
    size_t size_bytes;
    size_t limit_bytes;
};

static enum neuron_status
fail_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the fingerprint of the job");
}

/* Makes room for so many more bytes and the NUL behind them. */
static bool
reserve(struct neuron_job_fingerprint *fingerprint, size_t more_bytes)
{
    size_t needed_bytes = 0;

    if (__builtin_add_overflow(fingerprint->size_bytes, more_bytes, &needed_bytes) ||
        needed_bytes >= SIZE_MAX / 4) {
        return false;
    }
    if (needed_bytes < fingerprint->limit_bytes) {
        return true;
    }
    size_t limit_bytes = 2 * needed_bytes + 256;
    char *text = realloc(fingerprint->text, limit_bytes);
    if (text == NULL) {
        return false;
    }
    fingerprint->text = text;
    fingerprint->limit_bytes = limit_bytes;
    return true;
}

enum neuron_status
neuron_job_fingerprint_create(struct neuron_job_fingerprint **fingerprint,
                              struct neuron_error *error)
{
    struct neuron_job_fingerprint *made = calloc(1, sizeof(*made));

    if (made == NULL || !reserve(made, 0)) {
        neuron_job_fingerprint_destroy(made);
        return fail_memory(error);
    }
    made->text[0] = '\0';
    *fingerprint = made;
    return NEURON_OK;
}

/* Whether a byte would break the line, or be taken for one that is written in another way. */
static bool
is_escaped(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7F || byte == '\\';
}

/* Writes bytes so that they stay on one line. There is room for 4 times as many. */
static size_t
escape(const char *bytes, size_t size_bytes, char *line)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;

    for (size_t i = 0; i < size_bytes; i += 1) {
        unsigned char byte = (unsigned char)bytes[i];

        if (!is_escaped(byte)) {
            line[length] = bytes[i];
            length += 1;
            continue;
        }
        line[length] = '\\';
        line[length + 1] = 'x';
        line[length + 2] = digits[byte >> 4];
        line[length + 3] = digits[byte & 15];
        length += 4;
    }
    return length;
}

static enum neuron_status
add_line(struct neuron_job_fingerprint *fingerprint, const char *key, const char *value,
         struct neuron_error *error)
{
    size_t key_bytes = strlen(key);
    size_t value_bytes = strlen(value);

    if (key_bytes > SIZE_MAX / 16 || value_bytes > SIZE_MAX / 16 ||
        !reserve(fingerprint, 4 * (key_bytes + value_bytes) + 3)) {
        return fail_memory(error);
    }
    char *line = fingerprint->text + fingerprint->size_bytes;
    size_t length = escape(key, key_bytes, line);
    line[length] = ':';
    line[length + 1] = ' ';
    length += 2;
    length += escape(value, value_bytes, line + length);
    line[length] = '\n';
    line[length + 1] = '\0';
    fingerprint->size_bytes += length + 1;
    return NEURON_OK;
}

enum neuron_status
neuron_job_fingerprint_add(struct neuron_job_fingerprint *fingerprint, const char *key,
                           struct neuron_error *error, const char *value, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, value);
    int length = vasprintf(&text, value, arguments);
    va_end(arguments);
    if (length < 0) {
        return fail_memory(error);
    }
    enum neuron_status status = add_line(fingerprint, key, text, error);
    free(text);
    return status;
}

const char *
neuron_job_fingerprint_text(const struct neuron_job_fingerprint *fingerprint)
{
    return fingerprint->text;
}

uint64_t
neuron_job_fingerprint_digest(const struct neuron_job_fingerprint *fingerprint)
{
    return neuron_checksum(fingerprint->text, fingerprint->size_bytes);
}

/* A line of a text: its pieces point into it. */
struct line {
    const char *key;
    size_t key_bytes;
    const char *value;
    size_t value_bytes;
};

/* Takes the line that starts here apart; a line without a colon is all key. Returns where the next
 * one starts, or NULL at the end of the text. */
static const char *
read_line(const char *text, struct line *line)
{
    size_t length = strcspn(text, "\n");

    if (text[0] == '\0') {
        return NULL;
    }
    const char *colon = memmem(text, length, ": ", 2);
    line->key = text;
    line->key_bytes = colon == NULL ? length : (size_t)(colon - text);
    line->value = colon == NULL ? text + length : colon + 2;
    line->value_bytes = (size_t)(text + length - line->value);
    return text + length + (text[length] == '\n' ? 1 : 0);
}

static bool
is_same_key(const struct line *one, const struct line *other)
{
    return one->key_bytes == other->key_bytes && memcmp(one->key, other->key, one->key_bytes) == 0;
}

/*
 * Finds the line of a key, first of all where it is expected: texts of many lines are mostly alike.
 * `expected` moves behind it.
 */
static bool
find_line(const char *text, const char **expected, const struct line *wanted, struct line *found)
{
    const char *next = read_line(*expected, found);

    if (next != NULL && is_same_key(found, wanted)) {
        *expected = next;
        return true;
    }
    for (next = read_line(text, found); next != NULL; next = read_line(next, found)) {
        if (is_same_key(found, wanted)) {
            *expected = next;
            return true;
        }
    }
    return false;
}

/* The first difference, and how many there are. */
struct comparison {
    uint32_t count;
    bool has_was;
    bool has_is;
    struct line was;
    struct line is;
};

static void
note(struct comparison *comparison, const struct line *was, const struct line *is)
{
    comparison->count += 1;
    if (comparison->count > 1) {
        return;
    }
    if (was != NULL) {
        comparison->has_was = true;
        comparison->was = *was;
    }
    if (is != NULL) {
        comparison->has_is = true;
        comparison->is = *is;
    }
}

/* Every line of this text against the earlier one. */
static void
compare_lines(const char *text, const char *earlier, struct comparison *comparison)
{
    const char *expected = earlier;
    struct line is = {0};
    struct line was = {0};

    for (const char *next = read_line(text, &is); next != NULL; next = read_line(next, &is)) {
        if (!find_line(earlier, &expected, &is, &was)) {
            note(comparison, NULL, &is);
        } else if (was.value_bytes != is.value_bytes ||
                   memcmp(was.value, is.value, is.value_bytes) != 0) {
            note(comparison, &was, &is);
        }
    }
}

/* Lines that only the earlier text has. */
static void
compare_missing(const char *text, const char *earlier, struct comparison *comparison)
{
    const char *expected = text;
    struct line is = {0};
    struct line was = {0};

    for (const char *next = read_line(earlier, &was); next != NULL; next = read_line(next, &was)) {
        if (!find_line(text, &expected, &was, &is)) {
            note(comparison, &was, NULL);
        }
    }
}

/* Writes the first difference; a text that is cut ends with a whole character. */
static void
print_comparison(const struct comparison *comparison, char *difference, size_t size_bytes)
{
    const struct line *named = comparison->has_is ? &comparison->is : &comparison->was;
    const char *nothing = "not there";
    char more[32] = "";

    if (comparison->count > 1) {
        (void)snprintf(more, sizeof(more), "; %u more differ", comparison->count - 1);
    }
    int length = snprintf(
        difference, size_bytes, "%.*s: was %.*s, is %.*s%s", (int)named->key_bytes, named->key,
        comparison->has_was ? (int)comparison->was.value_bytes : (int)strlen(nothing),
        comparison->has_was ? comparison->was.value : nothing,
        comparison->has_is ? (int)comparison->is.value_bytes : (int)strlen(nothing),
        comparison->has_is ? comparison->is.value : nothing, more);
    if (length < 0 || (size_t)length < size_bytes || size_bytes == 0) {
        return;
    }
    size_t end = size_bytes - 1;
    while (end > 0 && ((unsigned char)difference[end - 1] & 0x80U) != 0) {
        end -= 1;
    }
    difference[end] = '\0';
}

uint32_t
neuron_job_fingerprint_compare(const struct neuron_job_fingerprint *fingerprint,
                               const char *earlier, char *difference, size_t size_bytes)
{
    struct comparison comparison = {0};

    if (size_bytes > 0) {
        difference[0] = '\0';
    }
    if (strcmp(fingerprint->text, earlier) == 0) {
        return 0;
    }
    compare_lines(fingerprint->text, earlier, &comparison);
    compare_missing(fingerprint->text, earlier, &comparison);
    if (comparison.count == 0) {
        (void)snprintf(difference, size_bytes, "the same lines were in another order");
        return 1;
    }
    print_comparison(&comparison, difference, size_bytes);
    return comparison.count;
}

void
neuron_job_fingerprint_destroy(struct neuron_job_fingerprint *fingerprint)
{
    if (fingerprint == NULL) {
        return;
    }
    free(fingerprint->text);
    free(fingerprint);
}
