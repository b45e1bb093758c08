/* SPDX-License-Identifier: Apache-2.0 */
/* Stretches of time as the configuration has them: "5s", "500ms", "1m30s". */
#ifndef NEURON_TOOLS_MONITOR_PERIOD_TEXT_H
#define NEURON_TOOLS_MONITOR_PERIOD_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Between two objects. */
static const uint64_t neuron_monitor_least_period_ns = 100000000;
static const uint64_t neuron_monitor_most_period_ns = 86400000000000;

/* What is not below the least and not above the most, and what a reader of messages is to know. */
#define NEURON_MONITOR_PERIOD_RANGE "from 100ms to 24h"

/*
 * Parses numbers, with decimals or without, each with its unit: h, m, s, ms.
 *
 * Returns whether it is such a text, and within the range. `period_ns` is unchanged if not.
 */
bool
neuron_period_parse(const char *text, uint64_t *period_ns);

#endif
