/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/log_line.h"

#include <stdio.h>
#include <string.h>

enum {
    TIME_BYTES = 40,
    STATUS_BYTES = 64, /* " status=" with the longest name */
    ESCAPED_BYTES = 4, /* "\x1b" */
    NANOSECONDS_OF_MICROSECOND = 1000,
    FIRST_PRINTABLE = 0x20,
    DELETE = 0x7F,
    CONTINUATION_MASK = 0xC0, /* of the second and later bytes of a character in UTF-8 */
    CONTINUATION = 0x80
};

static void
format_time(const struct timespec *time, char text[static TIME_BYTES])
{
    struct tm parts = {0};
    char seconds[TIME_BYTES / 2] = "";

    (void)gmtime_r(&time->tv_sec, &parts);
    (void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text, TIME_BYTES, "%s.%06ldZ", seconds,
                   time->tv_nsec / NANOSECONDS_OF_MICROSECOND);
}

/* Writes one byte of a text as it shall stand in a line; returns its length. */
static size_t
escape(char byte, char escaped[static ESCAPED_BYTES])
{
    static const char hexadecimal[] = "0123456789abcdef";
    static const char short_forms[][2] = {{'\n', 'n'}, {'\t', 't'}, {'\r', 'r'}};
    unsigned char value = (unsigned char)byte;

    if (value >= FIRST_PRINTABLE && value != DELETE) {
        escaped[0] = byte;
        return 1;
    }
    escaped[0] = '\\';
    for (size_t i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i += 1) {
        if (byte == short_forms[i][0]) {
            escaped[1] = short_forms[i][1];
            return 2;
        }
    }
    escaped[1] = 'x';
    escaped[2] = hexadecimal[value >> 4];
    escaped[3] = hexadecimal[value & 0xF];
    return ESCAPED_BYTES;
}

/* Appends a text up to a limit; returns the new length. What is cut ends with a whole character. */
static size_t
append_escaped(char *line, size_t length, size_t limit, const char *text)
{
    for (; *text != '\0'; text += 1) {
        char escaped[ESCAPED_BYTES] = "";
        size_t size = escape(*text, escaped);

        if (length + size > limit) {
            break;
        }
        memcpy(line + length, escaped, size);
        length += size;
    }
    if (((unsigned char)*text & CONTINUATION_MASK) == CONTINUATION) {
        while (length > 0 &&
               ((unsigned char)line[length - 1] & CONTINUATION_MASK) == CONTINUATION) {
            length -= 1;
        }
        length -= length > 0;
    }
    return length;
}

size_t
libnrt_line_format(const struct libnrt_event *event, char line[static LIBNRT_LINE_BYTES])
{
    char time[TIME_BYTES] = "";
    char status[STATUS_BYTES] = "";
    size_t limit = LIBNRT_LINE_BYTES - 2; /* room for a line end and a terminator */

    format_time(&event->time, time);
    if (event->status != NULL) {
        int size = snprintf(status, sizeof(status), " status=%s", event->status);

        limit -= (size_t)size < sizeof(status) ? (size_t)size : sizeof(status) - 1;
    }
    int head = snprintf(line, limit, "%s %d:%d %s %s:%.64s  ", time, (int)event->pid,
                        (int)event->thread, libnrt_level_name(event->level),
                        libnrt_component_name(libnrt_component_of(event->call)), event->call);
    size_t length = append_escaped(line, (size_t)head, limit, event->text);
    int tail = snprintf(line + length, LIBNRT_LINE_BYTES - length, "%s\n", status);
    return length + (size_t)tail;
}
