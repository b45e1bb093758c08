/* SPDX-License-Identifier: Apache-2.0 */
/* A report as JSON: docs/neuron-top.1 describes the members. */
#ifndef NEURON_TOOLS_TOP_TOP_JSON_H
#define NEURON_TOOLS_TOP_TOP_JSON_H

#include "neuron/json_text.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#include "top/picture.h"

/*
 * Adds one object with all that a look found.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_top_json_add(struct neuron_json_text *text, const struct neuron_topology *topology,
                    const struct neuron_picture_source *source, struct neuron_error *error);

#endif
