/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/seconds_text.h"

#include <ctype.h>
#include <stdlib.h>

enum { SECONDS_LIMIT = 100000000 /* three years */ };

bool
neuron_seconds_parse(const char *text, uint64_t *time_ms)
{
    char *end = NULL;
    unsigned long seconds = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
    uint64_t parsed_ms = 0;

    if (end != NULL && *end == '.') {
        uint64_t digit_ms = 100;

        for (end += 1; isdigit((unsigned char)*end); end += 1) {
            parsed_ms += digit_ms * (uint64_t)(*end - '0');
            digit_ms /= 10;
        }
    }
    if (end == NULL || *end != '\0' || seconds > SECONDS_LIMIT) {
        return false;
    }
    *time_ms = parsed_ms + seconds * 1000;
    return true;
}
