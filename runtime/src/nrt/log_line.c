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
    CONTINUATION = 0x80,
    SECONDS_OF_MINUTE = 60,
    SECONDS_OF_HOUR = 3600,
    SECONDS_OF_DAY = 86400,
    DAYS_OF_5_MONTHS = 153,
    DAYS_OF_YEAR = 365,
    DAYS_OF_4_YEARS = 1461,
    DAYS_OF_100_YEARS = 36524,
    DAYS_OF_400_YEARS = 146097,
    YEARS_OF_CYCLE = 400,    /* after which the calendar repeats */
    MARCH_OF_YEAR_0 = 719468 /* days from 0000-03-01 to 1970-01-01 */
};

/*
 * Years are counted from March on here, so that the day which only some of them have is their last
 * one.
 */
void
libnrt_civil_time_of(int64_t seconds, struct libnrt_civil_time *civil)
{
    int64_t second = seconds % SECONDS_OF_DAY;
    int64_t days = seconds / SECONDS_OF_DAY + MARCH_OF_YEAR_0;

    if (second < 0) {
        second += SECONDS_OF_DAY;
        days -= 1;
    }
    int64_t cycle = (days < 0 ? days - (DAYS_OF_400_YEARS - 1) : days) / DAYS_OF_400_YEARS;
    int64_t day = days - cycle * DAYS_OF_400_YEARS; /* of the cycle, then of the year, the month */
    /* Without the days that leap years have more, which end 4, 100 and 400 years. */
    int64_t year = (day - day / (DAYS_OF_4_YEARS - 1) + day / DAYS_OF_100_YEARS -
                    day / (DAYS_OF_400_YEARS - 1)) /
                   DAYS_OF_YEAR;
    day -= year * DAYS_OF_YEAR + year / 4 - year / 100;
    /* Five months from March, and from August, have 153 days. */
    int64_t month = (5 * day + 2) / DAYS_OF_5_MONTHS;
    day -= (DAYS_OF_5_MONTHS * month + 2) / 5;
    civil->day = (int)day + 1;
    civil->month = (int)(month < 10 ? month + 3 : month - 9);
    civil->year = cycle * YEARS_OF_CYCLE + year + (civil->month <= 2);
    civil->hour = (int)(second / SECONDS_OF_HOUR);
    civil->minute = (int)(second % SECONDS_OF_HOUR / SECONDS_OF_MINUTE);
    civil->second = (int)(second % SECONDS_OF_MINUTE);
}

static void
format_time(const struct timespec *time, char text[static TIME_BYTES])
{
    struct libnrt_civil_time civil = {.year = 0};

    libnrt_civil_time_of(time->tv_sec, &civil);
    (void)snprintf(text, TIME_BYTES, "%04lld-%02d-%02dT%02d:%02d:%02d.%06ldZ",
                   (long long)civil.year, civil.month, civil.day, civil.hour, civil.minute,
                   civil.second, time->tv_nsec / NANOSECONDS_OF_MICROSECOND);
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
