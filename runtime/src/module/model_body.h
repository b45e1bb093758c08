/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is made of, for those who make programs of it. */
#ifndef NEURON_MODULE_MODEL_BODY_H
#define NEURON_MODULE_MODEL_BODY_H

#include "module/stage_graphs.h"
#include "neff/neff_file.h"
#include "neuron/model.h"

/* Never changes, and is read by any thread. */
struct neuron_model {
    struct neuron_neff_file file;
    struct neuron_stage_graphs *stages; /* NULL for a model of one core */
};

/*
 * Makes a model of a compiled graph that comes from no file. It has no identity.
 *
 * graph  the model's from now on, also on failure.
 * name   copied, cut to what a model's name may have.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_model_adopt(struct neuron_graph *graph, const char *name, struct neuron_model **model,
                   struct neuron_error *error);

#endif
