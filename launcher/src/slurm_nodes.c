/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of nodes and of counts that Slurm writes into the environment of an allocation. */
#include "host_list.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/core_set.h"

enum { BRACKET_LIMIT = 4, DIGIT_LIMIT = 9 };

/* A name that is being put together. */
struct name {
    char text[NEURON_HOST_NAME_BYTES];
    size_t length;
};

static enum neuron_status
refuse(const char *text, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "SLURM_JOB_NODELIST: cannot read \"%.60s\"; name the hosts with --host",
                       text);
}

/* How long the text is up to a comma outside of brackets, or a closing bracket. */
static size_t
measure_entry(const char *text)
{
    size_t length = 0;
    bool is_inside = false;

    while (text[length] != '\0' && (is_inside || text[length] != ',')) {
        is_inside = text[length] == '[' || (is_inside && text[length] != ']');
        length += 1;
    }
    return length;
}

static bool
append(struct name *name, const char *text, size_t length)
{
    if (name->length + length >= sizeof(name->text)) {
        return false;
    }
    memcpy(name->text + name->length, text, length);
    name->length += length;
    name->text[name->length] = '\0';
    return true;
}

/* A part of a range in brackets: "01-03" or "7". */
struct range {
    unsigned long first;
    unsigned long last;
    int digit_count; /* to which numbers are filled up with zeros */
};

static bool
read_range(const char *text, size_t *length, struct range *range)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > DIGIT_LIMIT) {
        return false;
    }
    range->digit_count = (int)digits;
    range->first = strtoul(text, NULL, 10);
    range->last = range->first;
    *length = digits;
    if (text[digits] == '-') {
        size_t more = strspn(text + digits + 1, "0123456789");

        if (more == 0 || more > DIGIT_LIMIT) {
            return false;
        }
        range->last = strtoul(text + digits + 1, NULL, 10);
        *length = digits + 1 + more;
    }
    return range->last >= range->first && range->last - range->first < NEURON_HOST_LIMIT;
}

/* Where numbers go into names: what stands before is in `name`. */
struct expansion {
    struct neuron_host_list *list;
    const char *end; /* of the entry */
    int bracket_count;
};

static enum neuron_status
expand(const struct expansion *expansion, struct name name, const char *text,
       struct neuron_error *error);

static enum neuron_status
expand_range(const struct expansion *expansion, const struct name *name, const struct range *range,
             const char *rest, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (unsigned long i = range->first; status == NEURON_OK && i <= range->last; i += 1) {
        struct name longer = *name;
        char digits[24] = "";
        int length = snprintf(digits, sizeof(digits), "%0*lu", range->digit_count, i);

        status = append(&longer, digits, (size_t)length) ? expand(expansion, longer, rest, error)
                                                         : refuse(rest, error);
    }
    return status;
}

/* Goes through the ranges between brackets. */
static enum neuron_status
expand_brackets(const struct expansion *expansion, const struct name *name, const char *text,
                struct neuron_error *error)
{
    const char *close = memchr(text, ']', (size_t)(expansion->end - text));
    struct expansion inner = *expansion;
    enum neuron_status status = NEURON_OK;

    inner.bracket_count += 1;
    if (close == NULL || inner.bracket_count > BRACKET_LIMIT) {
        return refuse(text, error);
    }
    for (const char *next = text + 1; status == NEURON_OK && next <= close; next += 1) {
        struct range range = {0};
        size_t length = 0;

        if (!read_range(next, &length, &range) || (next[length] != ',' && next + length != close)) {
            return refuse(next, error);
        }
        next += length;
        status = expand_range(&inner, name, &range, close + 1, error);
    }
    return status;
}

/* Mutual recursion over the brackets of one entry, of which there are a few. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static enum neuron_status
expand(const struct expansion *expansion, struct name name, const char *text,
       struct neuron_error *error)
{
    size_t length = 0;

    while (text + length < expansion->end && text[length] != '[') {
        unsigned char byte = (unsigned char)text[length];

        if (!isalnum(byte) && strchr("-_.", byte) == NULL) {
            return refuse(text, error);
        }
        length += 1;
    }
    if (!append(&name, text, length)) {
        return refuse(text, error);
    }
    if (text + length < expansion->end) {
        return expand_brackets(expansion, &name, text + length, error);
    }
    if (name.length == 0 || name.text[0] == '-' || name.text[0] == '.') {
        return refuse(text, error);
    }
    return neuron_host_list_add(expansion->list, name.text, name.length, 1, error);
}

/* Reads "2(x3)" or "2"; NULL where it is neither, else where it ends. */
static const char *
read_slot_count(const char *text, unsigned long *count, unsigned long *times)
{
    char *end = NULL;

    *count = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    *times = 1;
    if (end != NULL && strncmp(end, "(x", 2) == 0 && isdigit((unsigned char)end[2])) {
        *times = strtoul(end + 2, &end, 10);
        end += *end == ')' ? 1 : 0;
    }
    bool is_whole = end != NULL && (*end == '\0' || *end == ',');
    return is_whole && *count > 0 && *count <= NEURON_CORE_NUMBER_LIMIT ? end : NULL;
}

/* Gives slots to nodes in order. */
static enum neuron_status
read_slots(const char *text, struct neuron_host_list *list, struct neuron_error *error)
{
    uint32_t host = 0;

    for (const char *next = text; *next != '\0';) {
        unsigned long count = 0;
        unsigned long times = 0;
        const char *end = read_slot_count(next, &count, &times);

        if (end == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "SLURM_TASKS_PER_NODE: cannot read \"%.60s\"; name the hosts with "
                               "--host",
                               next);
        }
        for (; times > 0 && host < list->host_count; times -= 1) {
            list->hosts[host].slot_count = (uint32_t)count;
            host += 1;
        }
        next = *end == ',' ? end + 1 : end;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_host_list_parse_slurm(const char *nodes, const char *slots, struct neuron_host_list *list,
                             struct neuron_error *error)
{
    struct neuron_host_list parsed = {0};
    enum neuron_status status = NEURON_OK;
    const char *next = nodes;

    while (status == NEURON_OK && next != NULL) {
        size_t length = measure_entry(next);
        const struct expansion expansion = {.list = &parsed, .end = next + length};

        status = expand(&expansion, (struct name){0}, next, error);
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    if (status == NEURON_OK && slots != NULL) {
        status = read_slots(slots, &parsed, error);
    }
    if (status == NEURON_OK) {
        *list = parsed;
    } else {
        neuron_host_list_destroy(&parsed);
    }
    return status;
}
