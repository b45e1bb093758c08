/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/period_text.h"

#include <stddef.h>
#include <string.h>

#include "neuron/clock.h"

struct unit {
    const char *name;
    double ns;
};

/* "ms" before "m", which it begins with. */
static const struct unit units[] = {{"ms", NEURON_NS_PER_MS},
                                    {"s", NEURON_NS_PER_S},
                                    {"m", 60.0 * NEURON_NS_PER_S},
                                    {"h", 3600.0 * NEURON_NS_PER_S}};

static bool
is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* Reads digits, and behind a point more of them; the same in every locale. Moves `text` behind. */
static bool
read_number(const char **text, double *number)
{
    const char *at = *text;
    double place = 1.0;

    *number = 0.0;
    for (; is_digit(*at); at += 1) {
        *number = *number * 10.0 + (*at - '0');
    }
    bool has_digits = at != *text;
    if (has_digits && *at == '.') {
        for (at += 1; is_digit(*at); at += 1) {
            place /= 10.0;
            *number += place * (*at - '0');
        }
        has_digits = at[-1] != '.';
    }
    *text = at;
    return has_digits;
}

/* Reads a unit, and moves `text` behind it. NULL where there is none. */
static const struct unit *
read_unit(const char **text)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i += 1) {
        size_t length = strlen(units[i].name);

        if (strncmp(*text, units[i].name, length) == 0) {
            *text += length;
            return &units[i];
        }
    }
    return NULL;
}

bool
neuron_period_parse(const char *text, uint64_t *period_ns)
{
    double sum_ns = 0.0;

    do {
        double number = 0.0;
        const struct unit *unit = read_number(&text, &number) ? read_unit(&text) : NULL;

        if (unit == NULL) {
            return false;
        }
        sum_ns += number * unit->ns;
    } while (*text != '\0');
    if (!(sum_ns + 0.5 >= (double)neuron_monitor_least_period_ns &&
          sum_ns <= (double)neuron_monitor_most_period_ns)) {
        return false;
    }
    *period_ns = (uint64_t)(sum_ns + 0.5);
    return true;
}
