/* SPDX-License-Identifier: Apache-2.0 */
/* How a compiled graph is spread over several cores. */
#ifndef NEURON_GRAPH_CORE_SPLIT_H
#define NEURON_GRAPH_CORE_SPLIT_H

#include <stdint.h>

#include "neuron/status.h"

enum { NEURON_CORE_LIMIT = 64 /* most cores that one model is compiled for */ };

/* The codes stand in files. */
enum neuron_split_kind {
    NEURON_SPLIT_KIND_NONE = 0,     /* all on one core */
    NEURON_SPLIT_KIND_PIPELINE = 1, /* consecutive nodes are a stage, and each has a core */
    NEURON_SPLIT_KIND_WIDE = 2      /* each core does a part of each large node */
};

/* A zeroed one is none. */
struct neuron_core_split {
    enum neuron_split_kind kind;
    uint32_t core_count;                    /* at least 2; 0 for none */
    uint32_t stage_ends[NEURON_CORE_LIMIT]; /* PIPELINE: how many nodes stand up to the end of the
                                               stage of each core */
};

/* Says how many cores a run takes. At least 1. */
uint32_t
neuron_core_split_core_count(const struct neuron_core_split *split);

/* Where the nodes of a stage begin; they end at its entry in `stage_ends`. */
uint32_t
neuron_core_split_stage_begin(const struct neuron_core_split *split, uint32_t stage);

/*
 * Checks a split of anybody against the graph that it is for: a kind that there is, 2 to
 * NEURON_CORE_LIMIT cores; in a pipeline a node at least in each stage, and all nodes in one.
 *
 * Returns NEURON_DAMAGED_MODEL, or NEURON_UNSUPPORTED_MODEL for a kind or a number of cores that
 * this program does not know, with what is to follow the name of the file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_split_check(const struct neuron_core_split *split, uint32_t node_count,
                        struct neuron_error *error);

#endif
