/* SPDX-License-Identifier: Apache-2.0 */
#include "node/execution_json.h"

#include <stdio.h>

#include "node/node_rates.h"

enum { SECONDS_DECIMALS = 9 };

void
neuron_node_add_latencies(const char *name, const double *seconds, struct neuron_json_text *text)
{
    static const char *const names[NEURON_LATENCY_QUANTILES] = {"p0",  "p1",  "p25", "p50",
                                                                "p75", "p99", "p100"};

    if (seconds[NEURON_LATENCY_P100] == 0) {
        neuron_json_text_add_null(text, name);
        return;
    }
    neuron_json_text_open_object(text, name);
    for (uint32_t i = 0; i < NEURON_LATENCY_QUANTILES; i += 1) {
        neuron_json_text_add_decimal(text, names[i], seconds[i], SECONDS_DECIMALS);
    }
    neuron_json_text_close_object(text);
}

void
neuron_node_add_statuses(const char *name, const uint64_t *counts, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, name);
    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        if (counts[i] > 0) {
            neuron_json_text_add_unsigned(text, neuron_status_name((enum neuron_status)i),
                                          counts[i]);
        }
    }
    neuron_json_text_close_object(text);
}

void
neuron_node_add_model(const struct neuron_module_sample *module, struct neuron_json_text *text)
{
    char uuid[2 * sizeof(module->identity) + 1] = "";

    for (size_t i = 0; i < sizeof(module->identity); i += 1) {
        (void)snprintf(uuid + 2 * i, 3, "%02x", module->identity[i]);
    }
    neuron_json_text_add_string(text, "name", module->name);
    neuron_json_text_add_string(text, "uuid", uuid);
    neuron_json_text_add_unsigned(text, "model_id", module->serial);
    neuron_json_text_add_bool(text, "is_running", module->is_running);
    neuron_json_text_add_unsigned(text, "replica_count", module->replica_count);
    neuron_json_text_add_unsigned(text, "cores_per_replica", module->model_cores);
}
