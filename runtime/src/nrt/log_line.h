/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a line of the log: a function from an event to text. */
#ifndef NEURON_NRT_LOG_LINE_H
#define NEURON_NRT_LOG_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "nrt/log_options.h"

/* A time in UTC, as people write it. */
struct libnrt_civil_time {
    int64_t year;
    int month; /* from 1 on, and so the day */
    int day;
    int hour;
    int minute;
    int second;
};

/*
 * Computes it from the seconds since 1970, of any sign. What the C library has for that takes a
 * lock, which in a forked child nobody may be there to give back.
 */
void
libnrt_civil_time_of(int64_t seconds, struct libnrt_civil_time *civil);

struct libnrt_event {
    struct timespec time; /* of CLOCK_REALTIME */
    pid_t pid;
    pid_t thread;
    enum libnrt_level level;
    const char *call;
    const char *text;
    const char *status; /* stands at the end as "status=..."; NULL for none */
};

enum { LIBNRT_LINE_BYTES = 1024 }; /* a longer text is cut, the status is not */

/*
 * Writes "2026-11-20T23:10:05.000123Z 4242:4243 ERROR NRT:nrt_load  text status=NRT_INVALID" and a
 * line end. Control characters are escaped, as \n or \x1b, so that an event
 * is one line whatever texts from outside are in it.
 *
 * Returns the number of bytes.
 */
size_t
libnrt_line_format(const struct libnrt_event *event, char line[static LIBNRT_LINE_BYTES]);

#endif
