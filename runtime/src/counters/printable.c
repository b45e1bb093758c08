/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How many bytes a character has by its first one; 0 for none that begins so. */
static size_t
length_by_first(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 3;
    }
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/* Says whether a character is none that is seen, but moves others: joins them, breaks lines, or
   turns the direction in which they stand, by which a line may be made to read as another. */
static bool
is_format(uint32_t number)
{
    static const uint32_t ranges[][2] = {{0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},
                                         {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
                                         {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i += 1) {
        if (number >= ranges[i][0] && number <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

/* Says whether a number of so many bytes is a character that prints: none in a longer form than it
   needs, no half of a pair, nothing beyond Unicode, no control or format character. */
static bool
is_character(uint32_t number, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool is_control = number < 0x20 || (number >= 0x7F && number < 0xA0);
    bool is_half = number >= 0xD800 && number < 0xE000;

    return number >= least[length] && number <= 0x10FFFF && !is_control && !is_half &&
           !is_format(number);
}

/* How many bytes the printable character at the beginning of a text has; 0 where there is none. */
static size_t
measure_character(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = length_by_first(bytes[0]);
    uint32_t number = length <= 1 ? bytes[0] : bytes[0] & (0x7FU >> length);

    for (size_t i = 1; i < length; i += 1) {
        if ((bytes[i] & 0xC0U) != 0x80) {
            return 0; /* the end of the text, too */
        }
        number = number << 6 | (bytes[i] & 0x3FU);
    }
    return length > 0 && is_character(number, length) ? length : 0;
}

void
neuron_make_printable(char *text, size_t size_bytes)
{
    size_t at = 0;

    text[size_bytes - 1] = '\0';
    while (text[at] != '\0') {
        size_t length = measure_character(text + at);

        if (length == 0) {
            text[at] = '?';
            length = 1;
        }
        at += length;
    }
}
