/* SPDX-License-Identifier: Apache-2.0 */
#include "output_prefix.h"

#include <stdio.h>
#include <string.h>

/* Not red, which looks like an error, and neither black nor white, which a screen may be itself. */
static const int colors[] = {36, 33, 32, 35, 34, 96, 93, 92, 95, 94};

enum { COLOR_COUNT = sizeof(colors) / sizeof(colors[0]) };

static size_t
format_time(const struct timespec *now, char *text)
{
    struct tm parts = {0};

    if (gmtime_r(&now->tv_sec, &parts) == NULL) {
        return 0;
    }
    size_t length = strftime(text, NEURON_OUTPUT_PREFIX_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    if (length > NEURON_OUTPUT_PREFIX_BYTES / 2) {
        return 0; /* a year of ten digits */
    }
    int more = snprintf(text + length, NEURON_OUTPUT_PREFIX_BYTES - length, ".%03uZ ",
                        (unsigned int)(now->tv_nsec / 1000000) % 1000U);
    return length + (size_t)more;
}

size_t
neuron_output_prefix_format(const struct neuron_output_style *style, uint32_t rank,
                            const struct timespec *now, char *text)
{
    size_t length = style->has_times ? format_time(now, text) : 0;
    size_t room = NEURON_OUTPUT_PREFIX_BYTES - length;
    int more = 0;

    text[length] = '\0';
    if (style->has_tags && style->has_colors) {
        more =
            snprintf(text + length, room, "\033[%dm[%u]\033[0m ", colors[rank % COLOR_COUNT], rank);
    } else if (style->has_tags) {
        more = snprintf(text + length, room, "[%u] ", rank);
    }
    return length + (size_t)more;
}

bool
neuron_output_prefix_may_color(const char *no_color, const char *terminal)
{
    return (no_color == NULL || no_color[0] == '\0') && terminal != NULL && terminal[0] != '\0' &&
           strcmp(terminal, "dumb") != 0;
}
