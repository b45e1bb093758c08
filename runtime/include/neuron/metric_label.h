/* SPDX-License-Identifier: Apache-2.0 */
/* Values of labels in Prometheus' text format. */
#ifndef NEURON_METRIC_LABEL_H
#define NEURON_METRIC_LABEL_H

#include <stdbool.h>
#include <stdio.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Prints a text in quotes, with what has to be escaped. Control characters become blanks, bytes
 * that are no UTF-8 become U+FFFD each.
 *
 * value  NULL for an empty one.
 *
 * Returns false when memory runs out; nothing is printed then. One thread at a time for a stream.
 */
NEURON_API NEURON_MUST_CHECK bool
neuron_metric_label_print(FILE *stream, const char *value);

#ifdef __cplusplus
}
#endif

#endif
