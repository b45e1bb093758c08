/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of neuron-monitor: accepted ones have periods in range, refused ones say why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/monitor_config.h"
#include "monitor/period_text.h"

static bool
is_period(uint64_t period_ns)
{
    return period_ns == 0 || (period_ns >= neuron_monitor_least_period_ns &&
                              period_ns <= neuron_monitor_most_period_ns);
}

static void
check_periods(const uint64_t *period_ns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        if (!is_period(period_ns[i])) {
            abort();
        }
    }
}

static void
check(const struct neuron_monitor_config *config)
{
    for (uint32_t i = 0; i < config->selection_count; i += 1) {
        check_periods(config->selections[i].period_ns, NEURON_RUNTIME_GROUPS);
    }
    check_periods(config->system_period_ns, NEURON_METRIC_GROUPS - NEURON_RUNTIME_GROUPS);
    (void)neuron_monitor_config_select(config, "tag");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_monitor_config config = {0};
    struct neuron_error error = {0};

    enum neuron_status status =
        neuron_monitor_config_parse("c", (const char *)bytes, size_bytes, 0, &config, &error);
    if (status == NEURON_OK) {
        check(&config);
    } else if (error.text[0] == '\0' || strchr(error.text, '\n') != NULL ||
               config.selections != NULL) {
        abort();
    }
    neuron_monitor_config_clear(&config);
    return 0;
}
