/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets: graphs of one network for different shapes. A run takes the smallest one that its
 * tensors fit into, padded with zeros, and the results are cut to what belongs to the tensors.
 *
 * Which dimensions are padded, and which parts of the results are cut off, follows from how the
 * shapes differ. Dimensions of inputs that are alike in every bucket are one, and are given alike;
 * those of outputs that differ are such a dimension, or a multiple of it.
 */
#ifndef NEURON_GRAPH_BUCKET_H
#define NEURON_GRAPH_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

enum { NEURON_BUCKET_LIMIT = 64 };

/* The graphs, largest first. */
struct neuron_buckets {
    const struct neuron_graph *const *graphs;
    uint32_t count; /* at least 1 */
};

/* How many elements the inputs of a graph have: what makes one bucket larger than another. */
uint64_t
neuron_bucket_elements(const struct neuron_graph *graph);

/*
 * Checks that graphs are buckets of one network: with the same inputs and outputs but for their
 * shapes, no two alike, and so that it can be told which dimensions of an output belong to what.
 *
 * Returns NEURON_INVALID_ARGUMENT with the input or output in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_buckets_check(const struct neuron_buckets *buckets, struct neuron_error *error);

/*
 * Finds the smallest bucket for these inputs, and the shapes of the outputs that belong to them.
 *
 * shapes   one per input.
 * outputs  receives one shape per output. Unchanged on failure, as is the bucket.
 *
 * Returns NEURON_INVALID_ARGUMENT when the inputs fit none; the text gives the largest.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_buckets_choose(const struct neuron_buckets *buckets,
                      const struct neuron_tensor_shape *shapes, uint32_t *bucket,
                      struct neuron_tensor_shape *outputs, struct neuron_error *error);

/* Says whether a dimension of an input differs between buckets. */
bool
neuron_buckets_input_varies(const struct neuron_buckets *buckets, uint32_t input, uint32_t dim);

/* Says whether padding that dimension is proved to change no result: it is the batch of all inputs
   that have one, and every bucket keeps its rows apart. */
bool
neuron_buckets_padding_is_harmless(const struct neuron_buckets *buckets, uint32_t input,
                                   uint32_t dim);

#endif
