/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people write them: "30", "0.5", ".5". */
#ifndef NEURON_SECONDS_TEXT_H
#define NEURON_SECONDS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads a number of seconds, with three decimals that count, of up to three years.
 *
 * time_ms  receives milliseconds. Unchanged where the text is no such number.
 *
 * Says whether it is one. Any thread.
 */
NEURON_API bool
neuron_seconds_parse(const char *text, uint64_t *time_ms);

#ifdef __cplusplus
}
#endif

#endif
