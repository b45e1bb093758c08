/* SPDX-License-Identifier: Apache-2.0 */
#include "argument_template.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 16 };

/* The values as texts. */
struct texts {
    char rank[NUMBER_BYTES];
    char rank_count[NUMBER_BYTES];
    const char *host;
};

static bool
is_letter(char letter)
{
    return letter == 'r' || letter == 'n' || letter == 'h';
}

/* The length of what is replaced at a place; 0 for nothing. */
static size_t
template_length(const char *place)
{
    if (place[0] != '%') {
        return 0;
    }
    if (is_letter(place[1])) {
        return 2;
    }
    return place[1] == '%' && is_letter(place[2]) ? 3 : 0;
}

/* The next place at which something is replaced; NULL for none. */
static const char *
find_template(const char *text)
{
    for (const char *place = strchr(text, '%'); place != NULL; place = strchr(place + 1, '%')) {
        if (template_length(place) > 0) {
            return place;
        }
        /* The second of two is no beginning of another. */
        place += place[1] == '%' ? 1 : 0;
    }
    return NULL;
}

/* What comes in place of a template. */
static const char *
replacement(const struct texts *texts, const char *place)
{
    if (place[1] == '%') {
        return place[2] == 'r' ? "%r" : place[2] == 'n' ? "%n" : "%h";
    }
    return place[1] == 'r' ? texts->rank : place[1] == 'n' ? texts->rank_count : texts->host;
}

/* Writes an argument, and a null byte; only measures where `out` is NULL. Returns its size. */
static size_t
expand_one(const struct texts *texts, const char *text, char *out)
{
    size_t size_bytes = 0;

    for (const char *place = find_template(text); place != NULL; place = find_template(text)) {
        const char *part = replacement(texts, place);
        size_t before = (size_t)(place - text);
        size_t length = strlen(part);

        if (out != NULL) {
            memcpy(out + size_bytes, text, before);
            /* More follows: NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
            memcpy(out + size_bytes + before, part, length);
        }
        size_bytes += before + length;
        text = place + template_length(place);
    }
    size_t rest = strlen(text) + 1;
    if (out != NULL) {
        memcpy(out + size_bytes, text, rest);
    }
    return size_bytes + rest;
}

enum neuron_status
neuron_argument_template_expand(char *const *arguments, const struct neuron_argument_values *values,
                                char ***expanded, struct neuron_error *error)
{
    struct texts texts = {.host = values->host};
    size_t count = 0;
    size_t size_bytes = 0;

    (void)snprintf(texts.rank, sizeof(texts.rank), "%u", values->rank);
    (void)snprintf(texts.rank_count, sizeof(texts.rank_count), "%u", values->rank_count);
    for (; arguments[count] != NULL; count += 1) {
        if (count > 0 && find_template(arguments[count]) != NULL) {
            size_bytes += expand_one(&texts, arguments[count], NULL);
        }
    }
    if (size_bytes == 0) {
        *expanded = NULL;
        return NEURON_OK;
    }
    size_t list_bytes = (count + 1) * sizeof(char *);
    char **list = malloc(list_bytes + size_bytes);
    if (list == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for the arguments of rank %u", values->rank);
    }
    char *out = (char *)list + list_bytes;
    for (size_t i = 0; i < count; i += 1) {
        list[i] = arguments[i];
        if (i > 0 && find_template(arguments[i]) != NULL) {
            list[i] = out;
            out += expand_one(&texts, arguments[i], out);
        }
    }
    list[count] = NULL;
    *expanded = list;
    return NEURON_OK;
}
