/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_core.h"

#include <inttypes.h>
#include <stdio.h>

#include "neuron/core_set.h"

enum { CORE_TEXT_BYTES = 24 };

/* Writes the first of several cores as a text. */
static enum neuron_status
format_first(const char *visible, char text[CORE_TEXT_BYTES], struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_parse(visible, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    (void)snprintf(text, CORE_TEXT_BYTES, "%" PRIu32, neuron_core_set_at(cores, 0));
    neuron_core_set_destroy(cores);
    return NEURON_OK;
}

enum neuron_status
neuron_cc_claim_core(struct neuron_runtime **runtime, struct neuron_error *error)
{
    struct neuron_runtime_options options = {0};
    char first[CORE_TEXT_BYTES] = "";
    enum neuron_status status = neuron_runtime_options_read(&options, error);

    if (status == NEURON_OK && options.visible_cores != NULL) {
        status = format_first(options.visible_cores, first, error);
        options.visible_cores = first;
    }
    if (status != NEURON_OK) {
        return status;
    }
    options.core_count = options.visible_cores == NULL ? 1 : 0;
    options.group_sizes = NULL;
    return neuron_runtime_create(&options, runtime, error);
}
