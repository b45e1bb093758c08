/* SPDX-License-Identifier: Apache-2.0 */
#include "last_lines.h"

#include <string.h>

/* Adds a line; the first one goes when there are enough. */
static void
add_line(struct neuron_last_lines *last, const char *line)
{
    if (last->count == NEURON_LAST_LINES_LIMIT) {
        memmove(last->lines, last->lines + 1, sizeof(last->lines) - sizeof(last->lines[0]));
        last->count -= 1;
    }
    last->lines[last->count] = line;
    last->count += 1;
}

static void
replace_controls(char *line)
{
    for (char *next = line; *next != '\0'; next += 1) {
        unsigned char byte = (unsigned char)*next;

        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            *next = '?';
        }
    }
}

void
neuron_last_lines_cut(char *text, struct neuron_last_lines *last)
{
    char *rest = NULL;

    *last = (struct neuron_last_lines){.count = 0};
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (line[strspn(line, " \t")] != '\0') {
            replace_controls(line);
            add_line(last, line);
        }
    }
}
