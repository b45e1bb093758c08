/* SPDX-License-Identifier: Apache-2.0 */
/* Which layouts a graph is computed in: decided once for the whole of it, when a plan is made. */
#ifndef NEURON_ENGINE_LAYOUT_CHOICE_H
#define NEURON_ENGINE_LAYOUT_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

#include "graph/graph_body.h"

enum neuron_layout {
    NEURON_LAYOUT_ANY,        /* a convolution's kernel chooses; all else follows its inputs */
    NEURON_LAYOUT_BLOCKED_16, /* nChw16c: sixteen channels of a pixel beside each other */
    NEURON_LAYOUT_WINOGRAD    /* the same, and by Winograd's algorithm */
};

/* Says whether a node is a convolution over height and width, on float32. */
bool
neuron_layout_is_image_conv(const struct neuron_graph *graph, const struct neuron_node *node);

/*
 * Chooses a layout for each node: what the compiler chose for it; else what its kind of graph is
 * best computed in.
 *
 * machine  the instructions of this machine.
 * layouts  receives as many as the graph has nodes.
 */
void
neuron_layout_choose(const struct neuron_graph *graph, enum neuron_instructions machine,
                     enum neuron_layout *layouts);

/*
 * Finds the layout, other than the plain one, that images have in common and keep when they are
 * joined: channels side by side, or in whole blocks. dnnl_format_tag_undef when there is none.
 *
 * layouts  of `count` images, at least one.
 */
dnnl_format_tag_t
neuron_layout_find_joined(const dnnl_memory_desc_t *layouts, uint32_t count, int32_t axis);

#endif
