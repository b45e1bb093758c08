/* SPDX-License-Identifier: Apache-2.0 */
#include "node/zoned_time.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLOCK_BYTES = 32, SECONDS_PER_MINUTE = 60, MINUTES_PER_HOUR = 60 };

void
neuron_zoned_time_format(time_t seconds, char *text, size_t size_bytes)
{
    struct tm local = {0};
    char clock[CLOCK_BYTES] = "";

    text[0] = '\0';
    if (seconds == -1 || localtime_r(&seconds, &local) == NULL ||
        strftime(clock, sizeof(clock), "%Y-%m-%dT%H:%M:%S", &local) == 0) {
        return;
    }
    long minutes = labs(local.tm_gmtoff) / SECONDS_PER_MINUTE;
    (void)snprintf(text, size_bytes, "%s%c%02ld:%02ld", clock, local.tm_gmtoff < 0 ? '-' : '+',
                   minutes / MINUTES_PER_HOUR, minutes % MINUTES_PER_HOUR);
}
