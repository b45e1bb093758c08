/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/readable_text.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct neuron_readable_text
neuron_count_text(uint64_t count)
{
    struct neuron_readable_text number = {""};
    char digits[NEURON_READABLE_TEXT_BYTES] = "";
    size_t used = 0;

    (void)snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i += 1) {
        if (i > 0 && (length - i) % 3 == 0) {
            number.text[used] = ',';
            used += 1;
        }
        number.text[used] = digits[i];
        used += 1;
    }
    return number;
}

struct neuron_readable_text
neuron_rate_text(double rate)
{
    return neuron_count_text(rate > 0.0 && rate < 1e18 ? (uint64_t)(rate + 0.5) : 0);
}

struct neuron_readable_text
neuron_bytes_text(uint64_t size_bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct neuron_readable_text number = {""};
    double size = (double)size_bytes;
    unsigned unit = 0;

    while (size >= 1024.0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        size /= 1024.0;
        unit += 1;
    }
    (void)snprintf(number.text, sizeof(number.text), "%.*f %s", unit > 0 && size < 99.95 ? 1 : 0,
                   size, units[unit]);
    return number;
}

struct neuron_readable_text
neuron_seconds_text(double seconds)
{
    struct neuron_readable_text number = {""};
    uint64_t whole = seconds > 0.0 && seconds < 1e15 ? (uint64_t)(seconds + 0.5) : 0;

    if (seconds >= 3600.0) {
        (void)snprintf(number.text, sizeof(number.text), "%" PRIu64 " h %" PRIu64 " min",
                       whole / 3600, whole / 60 % 60);
    } else if (seconds >= 120.0) {
        (void)snprintf(number.text, sizeof(number.text), "%" PRIu64 " min %" PRIu64 " s",
                       whole / 60, whole % 60);
    } else if (seconds >= 1.0 || !(seconds > 0.0)) {
        (void)snprintf(number.text, sizeof(number.text), "%.3f s", seconds > 0.0 ? seconds : 0.0);
    } else if (seconds >= 1e-3) {
        (void)snprintf(number.text, sizeof(number.text), "%.*f ms", seconds < 0.1 ? 2 : 1,
                       seconds * 1e3);
    } else {
        (void)snprintf(number.text, sizeof(number.text), "%.0f us", seconds * 1e6);
    }
    return number;
}

struct neuron_readable_text
neuron_share_text(double share)
{
    struct neuron_readable_text number = {""};

    (void)snprintf(number.text, sizeof(number.text), "%.1f %%",
                   isfinite(share) ? share * 100.0 : 0.0);
    return number;
}
