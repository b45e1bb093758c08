/* SPDX-License-Identifier: Apache-2.0 */
#include "top/figures.h"

#include <math.h>
#include <stdio.h>

/* A unit, and from how much on it is taken. */
struct unit {
    double size;
    const char *name;
};

/* Writes three digits of a value in the largest unit that it fills; of units by falling size. */
static const char *
write_scaled(double value, const struct unit *units, char *text)
{
    /* What would be rounded to 1000 of a unit is 1.00 of the next one. */
    while (units[1].name != NULL && value < 0.9995 * units->size) {
        units += 1;
    }
    double scaled = value / units->size;
    int decimals = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
    (void)snprintf(text, NEURON_FIGURE_BYTES, "%.*f%s", decimals, scaled, units->name);
    return text;
}

const char *
neuron_figure_count(double value, char *text)
{
    static const struct unit units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"},
                                        {1e3, "k"},  {1, ""},    {0, NULL}};

    if (!isfinite(value) || value < 0.005 || value >= 1e15) {
        (void)snprintf(text, NEURON_FIGURE_BYTES, "%s",
                       isfinite(value) && value < 0.005 ? "0" : "-");
        return text;
    }
    if (value < 999.5 && value == floor(value)) {
        (void)snprintf(text, NEURON_FIGURE_BYTES, "%.0f", value);
        return text;
    }
    return write_scaled(value, units, text);
}

const char *
neuron_figure_percent(double part, char *text)
{
    double percent = isfinite(part) && part > 0 ? part * 100 : 0;

    (void)snprintf(text, NEURON_FIGURE_BYTES, "%.0f%%", percent < 1e9 ? percent : 1e9);
    return text;
}

const char *
neuron_figure_seconds(double seconds, char *text)
{
    static const struct unit units[] = {{3600, "h"},  {60, "m"},    {1, "s"}, {1e-3, "ms"},
                                        {1e-6, "us"}, {1e-9, "ns"}, {0, NULL}};

    if (!isfinite(seconds) || seconds <= 0 || seconds >= 3600e4) {
        (void)snprintf(text, NEURON_FIGURE_BYTES, "-");
        return text;
    }
    return write_scaled(seconds, units, text);
}

const char *
neuron_figure_bytes(uint64_t bytes, char *text)
{
    static const char units[] = "BKMGTPE";
    double value = (double)bytes;
    uint32_t unit = 0;

    while (value >= 1023.5) {
        value /= 1024;
        unit += 1;
    }
    if (unit == 0) {
        (void)snprintf(text, NEURON_FIGURE_BYTES, "%.0f%s", value, bytes == 0 ? "" : "B");
    } else {
        (void)snprintf(text, NEURON_FIGURE_BYTES, "%.*f%c", value < 9.95 ? 1 : 0, value,
                       units[unit]);
    }
    return text;
}
