/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/seconds_text.h"

#include <ctype.h>

enum { SECONDS_LIMIT = 100000000 /* three years */ };

static bool
is_digit(char letter)
{
    return isdigit((unsigned char)letter) != 0;
}

bool
neuron_seconds_parse(const char *text, uint64_t *time_ms)
{
    bool has_digits = is_digit(text[0]) || (text[0] == '.' && is_digit(text[1]));
    uint64_t seconds = 0;
    uint64_t parsed_ms = 0;

    for (; is_digit(*text) && seconds <= SECONDS_LIMIT; text += 1) {
        seconds = seconds * 10 + (uint64_t)(*text - '0');
    }
    if (*text == '.') {
        uint64_t digit_ms = 100;

        for (text += 1; is_digit(*text); text += 1) {
            parsed_ms += digit_ms * (uint64_t)(*text - '0');
            digit_ms /= 10;
        }
    }
    if (!has_digits || *text != '\0' || seconds > SECONDS_LIMIT) {
        return false;
    }
    *time_ms = parsed_ms + seconds * 1000;
    return true;
}
