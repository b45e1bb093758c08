/* SPDX-License-Identifier: Apache-2.0 */
#include "wall_time.h"

#include <stdio.h>
#include <time.h>

uint64_t
neuron_wall_time_now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *
neuron_wall_time_format(uint64_t wall_ms, char *text)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    char second[NEURON_WALL_TIME_BYTES - 8] = "";
    struct tm parts = {0};

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
        text[0] = '\0';
        return text;
    }
    (void)snprintf(text, NEURON_WALL_TIME_BYTES, "%s.%03uZ", second, (unsigned)(wall_ms % 1000));
    return text;
}
