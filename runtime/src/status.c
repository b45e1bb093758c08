/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
neuron_status_name(enum neuron_status status)
{
    static const char *const names[] = {
        [NEURON_OK] = "NEURON_OK",
        [NEURON_INVALID_ARGUMENT] = "NEURON_INVALID_ARGUMENT",
        [NEURON_INVALID_SYNTAX] = "NEURON_INVALID_SYNTAX",
        [NEURON_OUT_OF_MEMORY] = "NEURON_OUT_OF_MEMORY",
        [NEURON_NO_SUCH_CORE] = "NEURON_NO_SUCH_CORE",
        [NEURON_CORES_TAKEN] = "NEURON_CORES_TAKEN",
        [NEURON_UNSUPPORTED_MODEL] = "NEURON_UNSUPPORTED_MODEL",
        [NEURON_DAMAGED_MODEL] = "NEURON_DAMAGED_MODEL",
        [NEURON_QUEUE_FULL] = "NEURON_QUEUE_FULL",
        [NEURON_TIMED_OUT] = "NEURON_TIMED_OUT",
        [NEURON_CANCELLED] = "NEURON_CANCELLED",
        [NEURON_STOPPED] = "NEURON_STOPPED",
        [NEURON_PEER_LOST] = "NEURON_PEER_LOST",
        [NEURON_SYSTEM] = "NEURON_SYSTEM",
        [NEURON_NUMERICAL_ERROR] = "NEURON_NUMERICAL_ERROR",
        [NEURON_DEVICE_MEMORY_FULL] = "NEURON_DEVICE_MEMORY_FULL",
    };
    size_t index = (size_t)status;

    if (index >= sizeof(names) / sizeof(names[0])) {
        return "unknown status";
    }
    return names[index];
}

/* Cuts a truncated text so that it does not end inside a UTF-8 sequence. */
static void
cut_at_character(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80) {
        length -= 1;
    }
    if (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0xC0) {
        length -= 1;
    }
    text[length] = '\0';
}

/* A path or a name from outside may hold a line end; the text stays one line all the same. */
static void
keep_one_line(char *text)
{
    for (char *c = text; *c != '\0'; c += 1) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            *c = ' ';
        }
    }
}

void
neuron_error_set(struct neuron_error *error, enum neuron_status status, const char *text, ...)
{
    /* The arguments may point into the error itself, when a caller rewrites a text it received. */
    char line[NEURON_ERROR_TEXT_BYTES] = "";
    va_list arguments;

    if (error == NULL) {
        return;
    }
    va_start(arguments, text);
    int length = vsnprintf(line, sizeof(line), text, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(line)) {
        cut_at_character(line);
    }
    keep_one_line(line);
    error->status = status;
    memcpy(error->text, line, sizeof(line));
}
