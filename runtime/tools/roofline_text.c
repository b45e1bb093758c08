/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first_line[] = "neuron-roofline 1";
static const char last_line[] = "end";
static const double rate_limit = 1e9;

size_t
neuron_roofline_format(const struct neuron_roofline *roofline, const char *cpu, char *text)
{
    int length = snprintf(text, NEURON_ROOFLINE_TEXT_BYTES, "%s\ncpu %.*s\n", first_line,
                          NEURON_CPU_TEXT_BYTES, cpu);

    for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
        length += snprintf(text + length, NEURON_ROOFLINE_TEXT_BYTES - (size_t)length,
                           "%s %.3f %s\n", neuron_arithmetic_name((enum neuron_arithmetic)i),
                           roofline->peaks[i].gflops, roofline->peaks[i].instructions);
    }
    for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
        length +=
            snprintf(text + length, NEURON_ROOFLINE_TEXT_BYTES - (size_t)length,
                     "%s %" PRIu64 " %.3f\n", neuron_memory_level_name((enum neuron_memory_level)i),
                     roofline->memory[i].size_bytes, roofline->memory[i].gbps);
    }
    length +=
        snprintf(text + length, NEURON_ROOFLINE_TEXT_BYTES - (size_t)length, "%s\n", last_line);
    return (size_t)length;
}

/* What follows a word and the space behind it; NULL where the text does not go on so. */
static const char *
pass_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncmp(text, word, length) == 0 && text[length] == ' ' ? text + length + 1 : NULL;
}

/* The next line, or NULL. */
static const char *
pass_line(const char *text)
{
    const char *end = strchr(text, '\n');

    return end == NULL ? NULL : end + 1;
}

/* What follows a rate; NULL where there is none, or none that a core can have. */
static const char *
read_rate(const char *text, double *rate)
{
    *rate = strtod(text, NULL);
    return *rate > 0.0 && *rate < rate_limit ? text + strcspn(text, " \n") : NULL;
}

/* Reads a line; returns the next one, or NULL. */
static const char *
read_peak(const char *text, enum neuron_arithmetic arithmetic, struct neuron_core_peak *peak)
{
    const char *rate = pass_word(text, neuron_arithmetic_name(arithmetic));
    const char *name = rate == NULL ? NULL : read_rate(rate, &peak->gflops);

    if (name == NULL || name[0] != ' ') {
        return NULL;
    }
    size_t length = strcspn(name + 1, "\n");
    if (length == 0 || length >= sizeof(peak->instructions)) {
        return NULL;
    }
    memcpy(peak->instructions, name + 1, length);
    return pass_line(name);
}

static const char *
read_speed(const char *text, enum neuron_memory_level level, struct neuron_memory_speed *speed)
{
    const char *size = pass_word(text, neuron_memory_level_name(level));

    if (size == NULL) {
        return NULL;
    }
    speed->size_bytes = strtoull(size, NULL, 10);
    const char *rate = size + strcspn(size, " \n");
    const char *rest = rate[0] != ' ' ? NULL : read_rate(rate + 1, &speed->gbps);
    return rest == NULL ? NULL : pass_line(rest);
}

/* Reads the numbers of all lines behind the first two, which are compared later. */
static bool
read_numbers(const char *text, struct neuron_roofline *roofline)
{
    const char *next = pass_line(text);

    next = next == NULL ? NULL : pass_line(next);
    for (int i = 0; next != NULL && i < NEURON_ARITHMETIC_COUNT; i += 1) {
        next = read_peak(next, (enum neuron_arithmetic)i, &roofline->peaks[i]);
    }
    for (int i = 0; next != NULL && i < NEURON_MEMORY_COUNT; i += 1) {
        next = read_speed(next, (enum neuron_memory_level)i, &roofline->memory[i]);
    }
    return next != NULL;
}

bool
neuron_roofline_parse(const char *text, const char *cpu, struct neuron_roofline *roofline)
{
    struct neuron_roofline parsed = {0};
    char again[NEURON_ROOFLINE_TEXT_BYTES] = "";

    if (!read_numbers(text, &parsed)) {
        return false;
    }
    (void)neuron_roofline_format(&parsed, cpu, again);
    if (strcmp(again, text) != 0) {
        return false;
    }
    *roofline = parsed;
    return true;
}
