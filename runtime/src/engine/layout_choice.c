/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout_choice.h"

enum { IMAGE_RANK = 4, DEPTHWISE_SHARE = 4 };

bool
neuron_layout_is_image_conv(const struct neuron_graph *graph, const struct neuron_node *node)
{
    const struct neuron_tensor_shape *shape = &graph->values[node->inputs[0]].shape;

    return node->kind == NEURON_OPERATOR_CONV && shape->rank == IMAGE_RANK &&
           shape->type == NEURON_FLOAT32;
}

/* Kernels of 8 bits, where there are any, multiply rows of channels. */
static bool
multiplies_bytes(const struct neuron_node *node, enum neuron_instructions machine)
{
    return machine >= NEURON_INSTRUCTIONS_AVX512_VNNI &&
           node->attributes.precision == NEURON_PRECISION_INT8;
}

/*
 * Depthwise kernels are faster on blocks of channels. One of them is not worth bringing images back
 * and forth, so that a quarter of all convolutions has to be depthwise; nor are any of them beside
 * convolutions of 8 bits, between which images would be brought to and fro each time.
 */
static bool
prefers_blocks(const struct neuron_graph *graph, enum neuron_instructions machine)
{
    uint32_t depthwise = 0;
    uint32_t all = 0;
    bool has_bytes = false;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        if (neuron_layout_is_image_conv(graph, node)) {
            all += 1;
            depthwise += neuron_node_is_depthwise(graph, node) ? 1 : 0;
            has_bytes = has_bytes || multiplies_bytes(node, machine);
        }
    }
    return !has_bytes && depthwise > 0 && (uint64_t)depthwise * DEPTHWISE_SHARE >= all;
}

/* AMX multiplies rows of channels, not blocks of them. */
static bool
wants_rows(const struct neuron_node *node, enum neuron_instructions machine)
{
    return machine >= NEURON_INSTRUCTIONS_AMX &&
           node->attributes.precision != NEURON_PRECISION_FLOAT32;
}

static enum neuron_layout
choose_for_conv(const struct neuron_node *node, bool has_blocks, enum neuron_instructions machine)
{
    if (wants_rows(node, machine)) {
        return NEURON_LAYOUT_ANY;
    }
    switch (node->attributes.algorithm) {
    case NEURON_ALGORITHM_WINOGRAD:
        return NEURON_LAYOUT_WINOGRAD;
    case NEURON_ALGORITHM_BLOCKED:
        return NEURON_LAYOUT_BLOCKED_16;
    case NEURON_ALGORITHM_DIRECT:
    case NEURON_ALGORITHM_PACKED:
        return NEURON_LAYOUT_ANY;
    case NEURON_ALGORITHM_DEFAULT:
    case NEURON_ALGORITHM_END:
        break;
    }
    return has_blocks ? NEURON_LAYOUT_BLOCKED_16 : NEURON_LAYOUT_ANY;
}

void
neuron_layout_choose(const struct neuron_graph *graph, enum neuron_instructions machine,
                     enum neuron_layout *layouts)
{
    /* With narrower vectors, kernels choose blocks (of eight channels) by themselves. */
    bool can_block = machine >= NEURON_INSTRUCTIONS_AVX512;
    bool has_blocks = can_block && prefers_blocks(graph, machine);

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        layouts[i] = has_blocks ? NEURON_LAYOUT_BLOCKED_16 : NEURON_LAYOUT_ANY;
        if (!neuron_layout_is_image_conv(graph, node)) {
            layouts[i] = NEURON_LAYOUT_ANY;
        } else if (can_block) {
            layouts[i] = choose_for_conv(node, has_blocks, machine);
        }
    }
}

/* Says whether images in this layout can be joined: then none ends inside a block. */
static bool
is_whole_in(const dnnl_memory_desc_t *layout, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t wanted = {0};

    return layout->ndims == IMAGE_RANK && layout->padded_dims[1] == layout->dims[1] &&
           dnnl_memory_desc_init_by_tag(&wanted, layout->ndims, layout->dims, layout->data_type,
                                        tag) == dnnl_success &&
           dnnl_memory_desc_equal(&wanted, layout) != 0;
}

dnnl_format_tag_t
neuron_layout_find_joined(const dnnl_memory_desc_t *layouts, uint32_t count, int32_t axis)
{
    static const dnnl_format_tag_t tags[] = {dnnl_nhwc, dnnl_nChw16c, dnnl_nChw8c};

    for (uint32_t i = 0; axis == 1 && i < sizeof(tags) / sizeof(tags[0]); i += 1) {
        uint32_t same = 0;

        while (same < count && is_whole_in(&layouts[same], tags[i])) {
            same += 1;
        }
        if (same == count) {
            return tags[i];
        }
    }
    return dnnl_format_tag_undef;
}
