/* SPDX-License-Identifier: Apache-2.0 */
/* Times that mean the same wherever they are read. */
#ifndef NEURON_TOOLS_NODE_ZONED_TIME_H
#define NEURON_TOOLS_NODE_ZONED_TIME_H

#include <stddef.h>
#include <time.h>

/* Writes a time since 1970 by the clock on the wall, with how far that is from UTC:
   "2026-11-20T23:10:05+00:00"; nothing for -1, which is no time. Any thread. */
void
neuron_zoned_time_format(time_t seconds, char *text, size_t size_bytes);

#endif
