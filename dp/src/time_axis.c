/* SPDX-License-Identifier: Apache-2.0 */
#include "time_axis.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Fewest columns from the begin of a number to that of the next. */
enum { TICK_COLUMNS = 8, LABEL_BYTES = 32 };

struct neuron_time_unit
neuron_time_unit_of(uint64_t duration_ns)
{
    static const struct neuron_time_unit units[] = {
        {"s", UINT64_C(1000000000), 0}, {"ms", 1000000, 0}, {"us", 1000, 0}, {"ns", 1, 0}};
    size_t fitting = 0;

    while (fitting + 1 < sizeof(units) / sizeof(units[0]) && duration_ns < units[fitting].ns) {
        fitting += 1;
    }
    struct neuron_time_unit unit = units[fitting];
    uint64_t whole = duration_ns / unit.ns;

    unit.decimals = unit.ns == 1 ? 0 : whole < 10 ? 3 : whole < 100 ? 2 : 1;
    return unit;
}

uint32_t
neuron_time_axis_column(uint64_t time_ns, uint64_t duration_ns, uint32_t width)
{
    /* Past a year the last bits do not matter. */
    while (duration_ns > UINT64_MAX / width) {
        duration_ns /= 2;
        time_ns /= 2;
    }
    uint32_t column = (uint32_t)(time_ns * width / duration_ns);

    return column < width ? column : width - 1;
}

/* The smallest round step that leaves room for the numbers; 0 where there is none. */
static uint64_t
choose_step(uint64_t duration_ns, uint32_t width)
{
    uint64_t needed_ns = 0;

    if (__builtin_mul_overflow(duration_ns / width, (uint64_t)TICK_COLUMNS, &needed_ns) ||
        __builtin_add_overflow(needed_ns, (duration_ns % width * TICK_COLUMNS + width - 1) / width,
                               &needed_ns)) {
        return 0;
    }
    uint64_t step_ns = 1;

    for (unsigned digit = 1; step_ns < needed_ns && step_ns <= UINT64_MAX / 5;) {
        step_ns = digit == 2 ? step_ns / 2 * 5 : step_ns * 2;
        digit = digit == 1 ? 2 : digit == 2 ? 5 : 1;
    }
    return step_ns < needed_ns ? 0 : step_ns;
}

/* How many digits a multiple of the step has behind the point. */
static int
step_decimals(uint64_t step_ns, const struct neuron_time_unit *unit)
{
    int decimals = 0;

    for (uint64_t digit_ns = unit->ns; step_ns % digit_ns != 0; digit_ns /= 10) {
        decimals += 1;
    }
    return decimals;
}

void
neuron_time_axis_format(uint64_t duration_ns, uint32_t width, char *text)
{
    const struct neuron_time_unit unit = neuron_time_unit_of(duration_ns);
    uint64_t step_ns = choose_step(duration_ns, width);
    uint32_t free_column = 2;

    memset(text, ' ', width);
    text[width] = '\0';
    text[0] = '0';
    if (step_ns == 0) {
        return;
    }
    int decimals = step_decimals(step_ns, &unit);
    uint64_t last_tick = duration_ns == 0 ? 0 : (duration_ns - 1) / step_ns;

    for (uint64_t tick = 1; tick <= last_tick; tick += 1) {
        char label[LABEL_BYTES] = "";
        uint64_t time_ns = tick * step_ns;
        uint32_t column = neuron_time_axis_column(time_ns, duration_ns, width);
        uint32_t length = (uint32_t)snprintf(label, sizeof(label), "%.*f", decimals,
                                             (double)time_ns / (double)unit.ns);

        if (column >= free_column && column + length <= width) {
            memcpy(text + column, label, length);
            free_column = column + length + 1;
        }
    }
}
