/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people read them. A job's own times are those of the monotonic clock. */
#ifndef NEURON_LAUNCHER_WALL_TIME_H
#define NEURON_LAUNCHER_WALL_TIME_H

#include <stddef.h>
#include <stdint.h>

enum { NEURON_WALL_TIME_BYTES = 32 };

/* Milliseconds since 1970. */
uint64_t
neuron_wall_time_now_ms(void);

/* Writes "2026-11-26T21:17:43.123Z" into a text of NEURON_WALL_TIME_BYTES bytes; returns it. */
const char *
neuron_wall_time_format(uint64_t wall_ms, char *text);

#endif
