/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says whether a file is one JSON value (RFC 8259), for tests of what writes JSON:
 *
 *   json_check FILE
 *
 * A value is read with a stack of what it lies in, one bit of a text for each level: '{' or '['.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT_BYTES = 1 << 24, DEPTH_LIMIT = 64 };

struct reader {
    const char *next;
    char open[DEPTH_LIMIT];
    int depth;
};

static void
skip_space(struct reader *reader)
{
    reader->next += strspn(reader->next, " \t\r\n");
}

static bool
accept(struct reader *reader, char expected)
{
    skip_space(reader);
    if (*reader->next != expected) {
        return false;
    }
    reader->next += 1;
    return true;
}

static bool
read_string(struct reader *reader)
{
    if (!accept(reader, '"')) {
        return false;
    }
    while (*reader->next != '"') {
        unsigned char byte = (unsigned char)*reader->next;
        size_t digits = byte == '\\' && reader->next[1] == 'u'
                            ? strspn(reader->next + 2, "0123456789abcdefABCDEF")
                            : 4;

        if (byte < ' ' || digits < 4 ||
            (byte == '\\' &&
             (reader->next[1] == '\0' || strchr("\"\\/bfnrtu", reader->next[1]) == NULL))) {
            return false;
        }
        reader->next += byte == '\\' ? 2 : 1;
    }
    reader->next += 1;
    return true;
}

/* Reads a number, true, false or null. */
static bool
read_plain(struct reader *reader)
{
    static const char *const words[] = {"true", "false", "null"};
    char *end = NULL;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i += 1) {
        if (strncmp(reader->next, words[i], strlen(words[i])) == 0) {
            reader->next += strlen(words[i]);
            return true;
        }
    }
    /* What strtod() takes beyond JSON begins with none of these. */
    size_t sign = *reader->next == '-' ? 1 : 0;
    size_t digits = strspn(reader->next + sign, "0123456789");
    if (digits == 0 || (digits > 1 && reader->next[sign] == '0')) {
        return false;
    }
    (void)strtod(reader->next, &end);
    reader->next = end;
    return true;
}

static bool
read_key(struct reader *reader)
{
    return reader->open[reader->depth - 1] != '{' || (read_string(reader) && accept(reader, ':'));
}

/* Closes what ends here; false where the text is wrong. At depth 0 the value is whole. */
static bool
read_ends(struct reader *reader)
{
    while (reader->depth > 0) {
        char open = reader->open[reader->depth - 1];

        if (accept(reader, ',')) {
            return read_key(reader);
        }
        if (!accept(reader, open == '{' ? '}' : ']')) {
            return false;
        }
        reader->depth -= 1;
    }
    return true;
}

/* Opens an object or an array; `is_done` says that it was closed at once. */
static bool
read_open(struct reader *reader, bool *is_done)
{
    char open = *reader->next;

    if (reader->depth == DEPTH_LIMIT) {
        return false;
    }
    reader->next += 1;
    *is_done = accept(reader, open == '{' ? '}' : ']');
    if (*is_done) {
        return true;
    }
    reader->open[reader->depth] = open;
    reader->depth += 1;
    return read_key(reader);
}

static bool
read_value(struct reader *reader)
{
    do {
        bool is_done = true;
        bool is_right = true;

        skip_space(reader);
        if (*reader->next == '{' || *reader->next == '[') {
            is_right = read_open(reader, &is_done);
        } else {
            is_right = *reader->next == '"' ? read_string(reader) : read_plain(reader);
        }
        if (!is_right || (is_done && !read_ends(reader))) {
            return false;
        }
    } while (reader->depth > 0);
    skip_space(reader);
    return *reader->next == '\0';
}

int
main(int argument_count, char **arguments)
{
    char *text = calloc(1, FILE_LIMIT_BYTES);
    FILE *file = argument_count == 2 ? fopen(arguments[1], "re") : NULL;

    if (text == NULL || file == NULL) {
        (void)fprintf(stderr, "usage: json_check FILE\n");
        free(text);
        return 2;
    }
    size_t length = fread(text, 1, FILE_LIMIT_BYTES - 1, file);
    struct reader reader = {.next = text};
    bool is_json = read_value(&reader) && reader.next == text + length;

    if (!is_json) {
        (void)fprintf(stderr, "%s: no JSON at byte %td\n", arguments[1], reader.next - text);
    }
    (void)fclose(file);
    free(text);
    return is_json ? 0 : 1;
}
