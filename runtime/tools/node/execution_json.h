/* SPDX-License-Identifier: Apache-2.0 */
/* What the tools tell of runs and models as JSON, in one form. */
#ifndef NEURON_TOOLS_NODE_EXECUTION_JSON_H
#define NEURON_TOOLS_NODE_EXECUTION_JSON_H

#include <stdint.h>

#include "counters/counter_reader.h"
#include "neuron/json_text.h"

/* Adds latencies in seconds by their quantiles (node/node_rates.h); null where nothing ran. */
void
neuron_node_add_latencies(const char *name, const double *seconds, struct neuron_json_text *text);

/* Adds counts by the names of their statuses, of NEURON_COUNTER_STATUSES; those that there were. */
void
neuron_node_add_statuses(const char *name, const uint64_t *counts, struct neuron_json_text *text);

/* Adds the members of a model that say which one it is, to the object that is open. */
void
neuron_node_add_model(const struct neuron_module_sample *module, struct neuron_json_text *text);

#endif
