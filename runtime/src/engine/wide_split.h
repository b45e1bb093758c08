/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a large kernel into parts that several cores do at the same time. */
#ifndef NEURON_ENGINE_WIDE_SPLIT_H
#define NEURON_ENGINE_WIDE_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

#include "engine/lowering.h"

enum { NEURON_WIDE_ARGUMENT_LIMIT = 4 /* source, weights, bias, destination */ };

/* A core's part of a kernel. */
struct neuron_wide_part {
    dnnl_primitive_desc_t description;                      /* owned */
    dnnl_memory_desc_t layouts[NEURON_WIDE_ARGUMENT_LIMIT]; /* by argument of the kernel */
    size_t offsets[NEURON_WIDE_ARGUMENT_LIMIT];             /* into the argument's buffer, bytes */
};

/*
 * Cuts a product or a convolution along a dimension in which its result is one piece of memory for
 * each part, so that nothing has to be put together: along the batch, the rows, or the channels.
 *
 * description  of the whole kernel, whose layouts are chosen.
 * arguments    of the kernel, by name.
 * parts        receives one for each of `part_count` cores, to be destroyed.
 *
 * Returns false for a kernel that is of another kind, too small, or in no layout that can be cut.
 */
bool
neuron_wide_split(const struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
                  const struct neuron_step_argument *arguments, uint32_t argument_count,
                  struct neuron_wide_part *parts, uint32_t part_count);

/*
 * Cuts the extent of a dimension of a layout, where that leaves one piece of memory: all that lies
 * outside of the dimension has an extent of 1, and the cut is between its blocks.
 *
 * begin, end  of the piece.
 * part        receives the layout of the piece, as if it lay alone.
 * offset      receives where the piece begins, in bytes.
 */
bool
neuron_wide_cut_layout(const dnnl_memory_desc_t *whole, int dimension, int64_t begin, int64_t end,
                       dnnl_memory_desc_t *part, size_t *offset);

void
neuron_wide_parts_destroy(struct neuron_wide_part *parts, uint32_t part_count);

#endif
