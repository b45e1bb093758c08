/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/maps_line.h"

/* The value of a digit; at least 16 for what is none. The kernel writes small letters. */
static uint32_t
digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (uint32_t)(digit - '0');
    }
    return digit >= 'a' && digit <= 'f' ? (uint32_t)(digit - 'a') + 10 : 16;
}

/* Reads digits up to a character, behind which it moves. No sign, no prefix, no blank. */
static bool
parse_number(const char **text, uint32_t base, char end, uint64_t *number)
{
    const char *next = *text;

    *number = 0;
    while (digit_value(*next) < base) {
        if (__builtin_mul_overflow(*number, (uint64_t)base, number) ||
            __builtin_add_overflow(*number, (uint64_t)digit_value(*next), number)) {
            return false;
        }
        next += 1;
    }
    if (next == *text || *next != end) {
        return false;
    }
    *text = next + 1;
    return true;
}

/* Reads "rwxp " with '-' for what may not be done, and 's' for shared. */
static bool
parse_permissions(const char **text, struct neuron_maps_line *line)
{
    static const char *const choices[] = {"r-", "w-", "x-", "ps", "  "};
    const char *next = *text;

    for (uint32_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i += 1) {
        if (next[i] != choices[i][0] && next[i] != choices[i][1]) {
            return false;
        }
    }
    line->is_writable = next[1] == 'w';
    line->is_shared = next[3] == 's';
    *text = next + sizeof(choices) / sizeof(choices[0]);
    return true;
}

static bool
parse_device(const char **text, struct neuron_maps_line *line)
{
    uint64_t major = 0;
    uint64_t minor = 0;

    if (!parse_number(text, 16, ':', &major) || !parse_number(text, 16, ' ', &minor) ||
        major > UINT32_MAX || minor > UINT32_MAX) {
        return false;
    }
    line->device_major = (uint32_t)major;
    line->device_minor = (uint32_t)minor;
    return true;
}

bool
neuron_maps_line_parse(const char *line, struct neuron_maps_line *parsed)
{
    struct neuron_maps_line read = {0};
    const char *next = line;

    if (!parse_number(&next, 16, '-', &read.start) || !parse_number(&next, 16, ' ', &read.end) ||
        read.start >= read.end || !parse_permissions(&next, &read) ||
        !parse_number(&next, 16, ' ', &read.offset) || !parse_device(&next, &read) ||
        !parse_number(&next, 10, ' ', &read.inode)) {
        return false;
    }
    while (*next == ' ') {
        next += 1;
    }
    read.path = next;
    *parsed = read;
    return true;
}

static bool
shows_file(const struct neuron_maps_line *line)
{
    return line->inode != 0 && line->path[0] == '/' && !(line->is_writable && line->is_shared);
}

/* Says whether the line goes on where the cover ends, in the same file. */
static bool
goes_on(const struct neuron_maps_cover *cover, const struct neuron_maps_line *line)
{
    return line->device_major == cover->device_major && line->device_minor == cover->device_minor &&
           line->inode == cover->inode &&
           line->offset - cover->offset == line->start - cover->start;
}

bool
neuron_maps_cover_extend(struct neuron_maps_cover *cover, const struct neuron_maps_line *line)
{
    if (line->end <= cover->reached) {
        return true;
    }
    if (line->start > cover->reached || !shows_file(line)) {
        return false;
    }
    if (cover->reached == cover->start) {
        uint64_t skipped = cover->start - line->start;

        if (__builtin_add_overflow(line->offset, skipped, &cover->offset)) {
            return false;
        }
        cover->device_major = line->device_major;
        cover->device_minor = line->device_minor;
        cover->inode = line->inode;
    } else if (!goes_on(cover, line)) {
        return false;
    }
    cover->reached = line->end < cover->end ? line->end : cover->end;
    return true;
}
