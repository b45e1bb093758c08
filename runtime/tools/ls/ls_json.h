/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-ls as one JSON object, whose members docs/neuron-ls.1 lists. */
#ifndef NEURON_TOOLS_LS_JSON_H
#define NEURON_TOOLS_LS_JSON_H

#include "neuron/json_text.h"

#include "ls/ls_view.h"

/*
 * Adds the object, which the caller finishes and destroys.
 *
 * host  the name of the machine.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_add_json(const struct neuron_ls_view *view, const char *host,
                   struct neuron_json_text *text, struct neuron_error *error);

#endif
