/* SPDX-License-Identifier: Apache-2.0 */
#include "core_pattern.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_LENGTH = 15 /* what the kernel keeps of a program's name */ };

/* A text that grows up to a limit. */
struct filled_name {
    char *text;
    size_t size_bytes;
    size_t length;
    bool fits;
};

static void
add_bytes(struct filled_name *name, const char *bytes, size_t length)
{
    name->fits = name->fits && length < name->size_bytes - name->length;
    if (name->fits) {
        memcpy(name->text + name->length, bytes, length);
        name->length += length;
        name->text[name->length] = '\0';
    }
}

static void
add_number(struct filled_name *name, unsigned long number)
{
    char digits[24] = "";

    (void)snprintf(digits, sizeof(digits), "%lu", number);
    add_bytes(name, digits, strlen(digits));
}

/* The program's path with "!" for each "/", as %E has it. */
static void
add_path(struct filled_name *name, const char *path)
{
    for (; *path != '\0'; path += 1) {
        add_bytes(name, *path == '/' ? "!" : path, 1);
    }
}

/* Adds what stands for a letter behind "%"; says whether that is known. */
static bool
add_value(struct filled_name *name, char letter, const struct neuron_core_pattern_process *process)
{
    const char *slash = strrchr(process->program, '/');
    const char *command = slash == NULL ? process->program : slash + 1;

    switch (letter) {
    case '%':
        add_bytes(name, "%", 1);
        return true;
    case 'p':
    case 'i':
        add_number(name, (unsigned long)process->process);
        return true;
    case 'u':
        add_number(name, process->user);
        return true;
    case 'g':
        add_number(name, process->group);
        return true;
    case 's':
        add_number(name, (unsigned long)process->signal_number);
        return true;
    case 'h':
        add_bytes(name, process->host, strlen(process->host));
        return true;
    case 'e':
    case 'f':
        add_bytes(name, command, strnlen(command, COMMAND_LENGTH));
        return true;
    case 'E':
        add_path(name, process->program);
        return true;
    default:
        return false;
    }
}

bool
neuron_core_pattern_fill(const char *pattern, const struct neuron_core_pattern_process *process,
                         char *name, size_t size_bytes)
{
    struct filled_name filled = {.text = name, .size_bytes = size_bytes, .fits = true};
    bool has_pid = false;
    const char *next = pattern;

    name[0] = '\0';
    if (pattern[0] == '|' || pattern[0] == '\0') {
        return false;
    }
    for (; *next != '\0' && *next != '\n'; next += 1) {
        if (*next != '%') {
            add_bytes(&filled, next, 1);
            continue;
        }
        next += 1;
        /* The kernel leaves out a lone "%" at the end. */
        if (*next == '\0' || *next == '\n') {
            break;
        }
        has_pid = has_pid || *next == 'p';
        if (!add_value(&filled, *next, process)) {
            return false;
        }
    }
    if (process->adds_pid && !has_pid) {
        add_bytes(&filled, ".", 1);
        add_number(&filled, (unsigned long)process->process);
    }
    return filled.fits && filled.length > 0;
}
