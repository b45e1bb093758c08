/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/tag_filter.h"

#include <stdint.h>
#include <string.h>

enum { REPEATS_LIMIT = 4096, OPEN_LIMIT = 16 /* repeats without bounds, in all */ };

/* The larger number of a bound, which begins behind its brace; 1 where there is none. Never much
   more than the limit. */
static uint32_t
read_bound(const char *text)
{
    uint32_t most = 1;
    uint32_t number = 0;

    for (; (*text >= '0' && *text <= '9') || *text == ','; text += 1) {
        number = *text == ',' ? 0 : number * 10 + (uint32_t)(*text - '0');
        number = number > REPEATS_LIMIT ? REPEATS_LIMIT + 1 : number;
        most = number > most ? number : most;
    }
    return most;
}

static bool
is_one_of(const char *letters, char letter)
{
    return letter != '\0' && strchr(letters, letter) != NULL;
}

/* Says whether there is a repeat right behind a repeat. Those in brackets are letters, and those
   behind a backslash. */
static bool
repeats_a_repeat(const char *text)
{
    char before = '\0';
    bool is_in_brackets = false;

    for (; *text != '\0'; text += 1) {
        if (!is_in_brackets && is_one_of("*+?{", *text) && is_one_of("*+?}", before)) {
            return true;
        }
        if (!is_in_brackets && *text == '\\' && text[1] != '\0') {
            text += 1;
            before = '\0';
            continue;
        }
        is_in_brackets = is_in_brackets ? *text != ']' : *text == '[';
        before = *text;
    }
    return false;
}

bool
neuron_tag_filter_is_small(const char *text)
{
    uint32_t repeats = 1;
    uint32_t open_count = 0;

    for (const char *at = text; *at != '\0' && repeats <= REPEATS_LIMIT; at += 1) {
        repeats *= *at == '+' ? 2 : *at == '{' ? read_bound(at + 1) : 1;
        open_count += is_one_of("*+?", *at) ? 1 : 0;
    }
    return repeats <= REPEATS_LIMIT && open_count <= OPEN_LIMIT && !repeats_a_repeat(text);
}
