/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading takes the fields as they come, writes the text that they would make, and compares: so
 * what is accepted is just what is written, and the rules stand in one place.
 */
#include "score/lease_place.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "neuron-score server 1\n";

/* Says whether a name can stand in a line. */
static bool
is_name(const char *name, size_t size_bytes)
{
    size_t length = strnlen(name, size_bytes);

    for (size_t i = 0; i < length; i += 1) {
        if (iscntrl((unsigned char)name[i])) {
            return false;
        }
    }
    return length > 0 && length < size_bytes;
}

static bool
has_only(const char *text, size_t length, const char *allowed)
{
    return length > 0 && strspn(text, allowed) >= length;
}

/* "ipc://@NAME", or "tcp://ADDRESS:PORT" with an address in numbers. */
static bool
is_address(const char *text, size_t length)
{
    enum { PREFIX_BYTES = 6 };

    if (length >= NEURON_LEASE_ADDRESS_BYTES || length <= PREFIX_BYTES) {
        return false;
    }
    if (strncmp(text, "ipc://@", PREFIX_BYTES + 1) == 0) {
        return has_only(text + PREFIX_BYTES + 1, length - PREFIX_BYTES - 1,
                        "abcdefghijklmnopqrstuvwxyz0123456789-");
    }
    if (strncmp(text, "tcp://", PREFIX_BYTES) != 0) {
        return false;
    }
    const char *colon = memrchr(text, ':', length);
    size_t place = (size_t)(colon - text);
    return place > PREFIX_BYTES &&
           has_only(text + PREFIX_BYTES, place - PREFIX_BYTES, "0123456789abcdef.:[]") &&
           has_only(colon + 1, length - place - 1, "0123456789");
}

static bool
are_addresses(const char *addresses)
{
    uint32_t count = 0;

    for (const char *next = addresses; next != NULL; count += 1) {
        size_t length = strcspn(next, ",");

        if (!is_address(next, length)) {
            return false;
        }
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    return count <= NEURON_HOST_ADDRESS_LIMIT;
}

static bool
is_key(const char *key)
{
    return strlen(key) == NEURON_SECRET_KEY_DIGITS &&
           strspn(key, "0123456789abcdef") == NEURON_SECRET_KEY_DIGITS;
}

static enum neuron_status
check(const struct neuron_lease_place *place, struct neuron_error *error)
{
    if (!is_name(place->job_id, sizeof(place->job_id))) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the name of the job (NEURONRUN_JOBID) is empty, or holds control "
                           "characters");
    }
    if (!is_name(place->server.host, sizeof(place->server.host))) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the name of this host is empty, or holds control characters");
    }
    if (place->server.pid <= 0 || (place->key[0] != '\0' && !is_key(place->key)) ||
        !are_addresses(place->addresses)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the pid, the key or the addresses of a lease server do not fit");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_place_format(const struct neuron_lease_place *place, char *text,
                          struct neuron_error *error)
{
    enum neuron_status status = check(place, error);
    bool has_key = place->key[0] != '\0';

    if (status != NEURON_OK) {
        return status;
    }
    /* With names, key and addresses of the checked lengths all of it fits. */
    int used = snprintf(text, NEURON_LEASE_PLACE_TEXT_BYTES,
                        "%sjob %s\nhost %s\npid %d\nstart %" PRIu64 "\nepoch %" PRIu64 "\n%s%s%s",
                        head, place->job_id, place->server.host, (int)place->server.pid,
                        place->server.start_ticks, place->server.epoch_ns, has_key ? "key " : "",
                        place->key, has_key ? "\n" : "");
    for (const char *next = place->addresses; next != NULL;) {
        size_t length = strcspn(next, ",");

        used += snprintf(text + used, NEURON_LEASE_PLACE_TEXT_BYTES - (size_t)used, "at %.*s\n",
                         (int)length, next);
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    (void)snprintf(text + used, NEURON_LEASE_PLACE_TEXT_BYTES - (size_t)used, "end\n");
    return NEURON_OK;
}

/* Finds the value of a line that begins with `name`, and goes on to the next; NULL for another. */
static const char *
take_line(const char **next, const char *name, size_t *length)
{
    const char *value = *next + strlen(name);

    if (strncmp(*next, name, strlen(name)) != 0) {
        return NULL;
    }
    *length = strcspn(value, "\n");
    *next = value + *length + (value[*length] == '\n' ? 1 : 0);
    return value;
}

/* Copies the value of a line; what does not fit is cut, and so differs. */
static void
take_text(const char **next, const char *name, char *text, size_t size_bytes)
{
    size_t length = 0;
    const char *value = take_line(next, name, &length);

    if (value != NULL) {
        (void)snprintf(text, size_bytes, "%.*s", (int)(length < size_bytes ? length : size_bytes),
                       value);
    }
}

static uint64_t
take_number(const char **next, const char *name)
{
    size_t length = 0;
    const char *value = take_line(next, name, &length);

    return value == NULL ? 0 : strtoull(value, NULL, 10);
}

static void
take_addresses(const char **next, char *addresses)
{
    size_t used = 0;
    size_t length = 0;
    const char *value = NULL;

    while ((value = take_line(next, "at ", &length)) != NULL &&
           used + length + 2 < NEURON_HOST_ADDRESSES_BYTES) {
        used += (size_t)snprintf(addresses + used, NEURON_HOST_ADDRESSES_BYTES - used, "%s%.*s",
                                 used == 0 ? "" : ",", (int)length, value);
    }
}

/* The number of the first line that differs. */
static unsigned
find_difference(const char *text, const char *expected)
{
    unsigned line = 1;

    for (size_t i = 0; text[i] == expected[i] && text[i] != '\0'; i += 1) {
        line += text[i] == '\n' ? 1 : 0;
    }
    return line;
}

enum neuron_status
neuron_lease_place_parse(const char *text, struct neuron_lease_place *place,
                         struct neuron_error *error)
{
    char expected[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    struct neuron_lease_place found = {0};
    const char *next = text;

    *place = found;
    if (strncmp(text, head, sizeof(head) - 1) != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "line 1 is not \"%.*s\"",
                           (int)sizeof(head) - 2, head);
    }
    next += sizeof(head) - 1;
    take_text(&next, "job ", found.job_id, sizeof(found.job_id));
    take_text(&next, "host ", found.server.host, sizeof(found.server.host));
    uint64_t pid = take_number(&next, "pid ");
    found.server.pid = pid > INT_MAX ? 0 : (pid_t)pid;
    found.server.start_ticks = take_number(&next, "start ");
    found.server.epoch_ns = take_number(&next, "epoch ");
    take_text(&next, "key ", found.key, sizeof(found.key));
    take_addresses(&next, found.addresses);
    if (neuron_lease_place_format(&found, expected, NULL) != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "a line is missing, or damaged");
    }
    if (strcmp(text, expected) != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "line %u is damaged",
                           find_difference(text, expected));
    }
    *place = found;
    return NEURON_OK;
}
