/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them. Functions from values to values; any thread. */
#ifndef NEURON_READABLE_TEXT_H
#define NEURON_READABLE_TEXT_H

#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NEURON_READABLE_TEXT_BYTES = 40 };

/* A number in the text of its own, so that several can stand in one call. */
struct neuron_readable_text {
    char text[NEURON_READABLE_TEXT_BYTES];
};

/* "1,234,567" */
NEURON_API struct neuron_readable_text
neuron_count_text(uint64_t count);

/* The same of a rate, to the nearest whole number; "0" for what is none. */
NEURON_API struct neuron_readable_text
neuron_rate_text(double rate);

/* "512 B", "1.5 KiB", "12.3 GiB" */
NEURON_API struct neuron_readable_text
neuron_bytes_text(uint64_t size_bytes);

/* "850 us", "12.3 ms", "1.234 s", "12 min 3 s", "2 h 5 min" */
NEURON_API struct neuron_readable_text
neuron_seconds_text(double seconds);

/* "99.3 %" */
NEURON_API struct neuron_readable_text
neuron_share_text(double share);

#ifdef __cplusplus
}
#endif

#endif
