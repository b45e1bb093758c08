/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is made of, for those who make programs of it. */
#ifndef NEURON_MODULE_MODEL_BODY_H
#define NEURON_MODULE_MODEL_BODY_H

#include <stdatomic.h>

#include "module/stage_graphs.h"
#include "module/weight_list.h"
#include "neff/neff_file.h"
#include "neuron/model.h"
#include "neuron/npz.h"

/* Weights that came from an npz file. */
struct neuron_given_weights {
    struct neuron_npz *npz;
    struct neuron_npy_array **arrays; /* by number of the weight; NULL for those that stayed */
};

/* Never changes, and is read by any thread. */
struct neuron_model {
    struct neuron_neff_file file;       /* with the graph that runs */
    struct neuron_stage_graphs *stages; /* of the graph that runs; NULL where it is not cut */
    struct neuron_weight_list weights;  /* of the open graph, or of the file's if there is none */
    struct neuron_graph *open_graph;   /* before its weights were folded; NULL when they were not */
    struct neuron_model *origin;       /* of which it has all but the weights; NULL for none */
    struct neuron_given_weights given; /* zeroed without an origin */
    struct neuron_model *smaller;      /* a model for each bucket but the largest, which is this */
    uint32_t smaller_count;
    const struct neuron_graph **graphs; /* of all buckets; NULL for a model without smaller ones */
    atomic_uint holder_count;           /* who has it, and the models it is the origin of */
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

/*
 * Cuts the graph that runs into stages, if it says so.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_model_open_stages(struct neuron_model *model, struct neuron_error *error);

/* The identity of a model whose weights were given: it follows from that of its origin and from the
   bytes of the weights. */
struct neuron_neff_checksum
neuron_model_given_identity(const struct neuron_model *model);

#endif
