/* SPDX-License-Identifier: Apache-2.0 */
#include "node/text_columns.h"

#include <stdint.h>
#include <wchar.h>

/* Reads the character at the beginning of a text; returns how many bytes it has. */
static size_t
read_character(const char *text, uint32_t *number)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0xC0 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;

    *number = length == 1 ? bytes[0] : bytes[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i += 1) {
        if ((bytes[i] & 0xC0U) != 0x80) {
            return i; /* the end of the text, too */
        }
        *number = *number << 6 | (bytes[i] & 0x3FU);
    }
    return length;
}

size_t
neuron_text_fit(const char *text, size_t columns, size_t *used)
{
    size_t taken = 0;
    size_t at = 0;

    while (text[at] != '\0') {
        uint32_t number = 0;
        size_t length = read_character(text + at, &number);
        int width = wcwidth((wchar_t)number);
        size_t wanted = width < 0 ? 1 : (size_t)width;

        if (taken + wanted > columns) {
            break;
        }
        taken += wanted;
        at += length;
    }
    if (used != NULL) {
        *used = taken;
    }
    return at;
}

size_t
neuron_text_columns(const char *text)
{
    size_t used = 0;

    (void)neuron_text_fit(text, SIZE_MAX, &used);
    return used;
}

void
neuron_text_make_ascii(char *text)
{
    size_t kept = 0;

    for (size_t at = 0; text[at] != '\0'; kept += 1) {
        uint32_t number = 0;

        at += read_character(text + at, &number);
        text[kept] = '?';
        if (number < 0x80) {
            text[kept] = (char)number;
        }
    }
    text[kept] = '\0';
}
