/* SPDX-License-Identifier: Apache-2.0 */
#include "host_list.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/core_set.h"

enum { WHERE_BYTES = 96, GROWTH = 16 };

/* Where a text comes from, and how far it is read. */
struct reader {
    const char *next;
    char where[WHERE_BYTES]; /* begins what is said of mistakes */
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the list of hosts");
}

static struct neuron_host *
find_host(const struct neuron_host_list *list, const char *name, size_t length)
{
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        if (strlen(list->hosts[i].name) == length &&
            strncmp(list->hosts[i].name, name, length) == 0) {
            return &list->hosts[i];
        }
    }
    return NULL;
}

static enum neuron_status
add_new(struct neuron_host_list *list, const char *name, size_t length, uint32_t slot_count,
        struct neuron_error *error)
{
    if (list->host_count == NEURON_HOST_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a job has at most %d hosts",
                           NEURON_HOST_LIMIT);
    }
    if (list->host_count % GROWTH == 0) {
        struct neuron_host *grown =
            realloc(list->hosts, (list->host_count + GROWTH) * sizeof(*grown));

        if (grown == NULL) {
            return refuse_memory(error);
        }
        list->hosts = grown;
    }
    char *copy = strndup(name, length);
    if (copy == NULL) {
        return refuse_memory(error);
    }
    list->hosts[list->host_count] = (struct neuron_host){.name = copy, .slot_count = slot_count};
    list->host_count += 1;
    return NEURON_OK;
}

enum neuron_status
neuron_host_list_add(struct neuron_host_list *list, const char *name, size_t length,
                     uint32_t slot_count, struct neuron_error *error)
{
    struct neuron_host *host = find_host(list, name, length);

    if (host == NULL) {
        return add_new(list, name, length, slot_count, error);
    }
    if (host->slot_count + slot_count > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "host %.60s has more than %d slots",
                           host->name, NEURON_CORE_NUMBER_LIMIT);
    }
    host->slot_count += slot_count;
    return NEURON_OK;
}

static bool
is_name_byte(char byte, bool is_in_brackets)
{
    if (isalnum((unsigned char)byte) || byte == '.') {
        return true;
    }
    return is_in_brackets ? byte == ':' || byte == '%' : byte == '-' || byte == '_';
}

/*
 * Reads a name, or an IPv6 address in brackets. A name never begins like an option: it becomes a
 * word of a remote shell's command line.
 */
static enum neuron_status
read_name(struct reader *reader, const char **name, size_t *length, struct neuron_error *error)
{
    bool is_in_brackets = *reader->next == '[';
    const char *start = reader->next + (is_in_brackets ? 1 : 0);
    const char *end = start;

    while (is_name_byte(*end, is_in_brackets)) {
        end += 1;
    }
    *name = start;
    *length = (size_t)(end - start);
    if (is_in_brackets && (*end != ']' || memchr(start, ':', *length) == NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: \"%.40s\" is no IPv6 address in brackets, such as [fd00::7]",
                           reader->where, reader->next);
    }
    if (*length == 0 || *length >= NEURON_HOST_NAME_BYTES || *start == '-' || *start == '.') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: \"%.40s\" does not begin with the name of a host", reader->where,
                           reader->next);
    }
    reader->next = end + (is_in_brackets ? 1 : 0);
    return NEURON_OK;
}

static enum neuron_status
read_count(struct reader *reader, uint32_t *count, struct neuron_error *error)
{
    char *end = NULL;
    unsigned long number =
        isdigit((unsigned char)*reader->next) ? strtoul(reader->next, &end, 10) : 0;

    if (end == NULL || number == 0 || number > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: \"%.40s\" is no number of slots from 1 to %d", reader->where,
                           reader->next, NEURON_CORE_NUMBER_LIMIT);
    }
    reader->next = end;
    *count = (uint32_t)number;
    return NEURON_OK;
}

static enum neuron_status
refuse_rest(const struct reader *reader, const char *advice, struct neuron_error *error)
{
    const char *second_colon = strchr(reader->next, ':');

    if (second_colon != NULL && *reader->next == ':') {
        advice = "an IPv6 address stands in brackets, [fd00::7]";
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: cannot read \"%.40s\"; %s",
                       reader->where, reader->next, advice);
}

/* Reads "NAME" or "NAME:SLOTS", and adds it; `host` receives where it is in the list. */
static enum neuron_status
read_host(struct reader *reader, struct neuron_host_list *list, struct neuron_host **host,
          struct neuron_error *error)
{
    const char *name = NULL;
    size_t length = 0;
    uint32_t slot_count = 1;
    enum neuron_status status = read_name(reader, &name, &length, error);

    if (status == NEURON_OK && *reader->next == ':') {
        if (reader->next[1] == ':' || strchr(reader->next + 1, ':') != NULL) {
            return refuse_rest(reader, "give NAME or NAME:SLOTS", error);
        }
        reader->next += 1;
        status = read_count(reader, &slot_count, error);
    }
    if (status == NEURON_OK) {
        status = neuron_host_list_add(list, name, length, slot_count, error);
    }
    if (status == NEURON_OK) {
        *host = find_host(list, name, length);
    }
    return status;
}

static enum neuron_status
finish(struct neuron_host_list *parsed, enum neuron_status status, struct neuron_host_list *list)
{
    if (status == NEURON_OK) {
        *list = *parsed;
    } else {
        neuron_host_list_destroy(parsed);
    }
    return status;
}

/* Reads one entry of --host, which has no other text behind it. */
static enum neuron_status
read_entry(struct neuron_host_list *list, const char *text, struct neuron_error *error)
{
    struct reader reader = {.next = text, .where = "--host"};
    struct neuron_host *host = NULL;
    enum neuron_status status = read_host(&reader, list, &host, error);

    if (status == NEURON_OK && *reader.next != '\0') {
        return refuse_rest(&reader, "give hosts as a:4,b:4", error);
    }
    return status;
}

enum neuron_status
neuron_host_list_parse(const char *text, struct neuron_host_list *list, struct neuron_error *error)
{
    struct neuron_host_list parsed = {0};
    enum neuron_status status = NEURON_OK;
    const char *next = text;

    while (status == NEURON_OK && next != NULL) {
        size_t length = strcspn(next, ",");
        char *entry = strndup(next, length);

        status = entry == NULL ? refuse_memory(error) : read_entry(&parsed, entry, error);
        free(entry);
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    return finish(&parsed, status, list);
}

static void
skip_blanks(struct reader *reader)
{
    reader->next += strspn(reader->next, " \t\r");
}

/* Reads "= COUNT", with blanks wherever. */
static enum neuron_status
read_value(struct reader *reader, uint32_t *count, struct neuron_error *error)
{
    skip_blanks(reader);
    if (*reader->next != '=') {
        return refuse_rest(reader, "give slots=N or max_slots=N behind a name", error);
    }
    reader->next += 1;
    skip_blanks(reader);
    return read_count(reader, count, error);
}

/* Reads one "slots=4" or "max_slots=8". */
static enum neuron_status
read_setting(struct reader *reader, uint32_t *slot_count, uint32_t *slot_limit,
             struct neuron_error *error)
{
    size_t length = strcspn(reader->next, " \t\r=");
    bool is_slots = length == 5 && strncmp(reader->next, "slots", length) == 0;
    bool is_limit = length == 9 && (strncmp(reader->next, "max_slots", length) == 0 ||
                                    strncmp(reader->next, "max-slots", length) == 0);

    if (!is_slots && !is_limit) {
        return refuse_rest(reader, "give slots=N or max_slots=N behind a name", error);
    }
    reader->next += length;
    return read_value(reader, is_slots ? slot_count : slot_limit, error);
}

/* Reads a line of a host file without its comment. */
static enum neuron_status
read_line(struct reader *reader, struct neuron_host_list *list, struct neuron_error *error)
{
    struct neuron_host *host = NULL;
    uint32_t slot_count = 0;
    uint32_t slot_limit = 0;

    skip_blanks(reader);
    if (*reader->next == '\0') {
        return NEURON_OK;
    }
    enum neuron_status status = read_host(reader, list, &host, error);
    skip_blanks(reader);
    while (status == NEURON_OK && *reader->next != '\0') {
        status = read_setting(reader, &slot_count, &slot_limit, error);
        skip_blanks(reader);
    }
    if (status != NEURON_OK) {
        return status;
    }
    /* One slot was counted for the name. */
    if (slot_count > 1) {
        status = neuron_host_list_add(list, host->name, strlen(host->name), slot_count - 1, error);
    }
    host->slot_limit = slot_limit != 0 ? slot_limit : host->slot_limit;
    if (status == NEURON_OK && host->slot_limit != 0 && host->slot_limit < host->slot_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: host %.60s has slots=%u, which is more than its max_slots=%u",
                           reader->where, host->name, host->slot_count, host->slot_limit);
    }
    return status;
}

enum neuron_status
neuron_host_list_parse_file(const char *text, const char *path, struct neuron_host_list *list,
                            struct neuron_error *error)
{
    struct neuron_host_list parsed = {0};
    enum neuron_status status = NEURON_OK;
    uint32_t number = 1;

    for (const char *next = text; status == NEURON_OK && next != NULL; number += 1) {
        struct reader reader = {0};
        size_t length = strcspn(next, "\n");
        char *line = strndup(next, length);

        (void)snprintf(reader.where, sizeof(reader.where), "%.70s, line %u", path, number);
        if (line == NULL) {
            status = refuse_memory(error);
        } else {
            line[strcspn(line, "#")] = '\0';
            reader.next = line;
            status = read_line(&reader, &parsed, error);
        }
        free(line);
        next = next[length] == '\n' ? next + length + 1 : NULL;
    }
    if (status == NEURON_OK && parsed.host_count == 0) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                        "%.120s names no host; write one a line, such as: node1 slots=4", path);
    }
    return finish(&parsed, status, list);
}

uint64_t
neuron_host_list_slot_count(const struct neuron_host_list *list)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < list->host_count; i += 1) {
        count += list->hosts[i].slot_count;
    }
    return count;
}

void
neuron_host_list_destroy(struct neuron_host_list *list)
{
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        free(list->hosts[i].name);
    }
    free(list->hosts);
    *list = (struct neuron_host_list){0};
}
