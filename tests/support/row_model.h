/* SPDX-License-Identifier: Apache-2.0 */
/* Random models that compute row by row, or nearly: what can be cut along one dimension. */
#ifndef NEURON_TESTS_ROW_MODEL_H
#define NEURON_TESTS_ROW_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/tensor.h"

enum { ROW_MODEL_INPUTS = 4, ROW_MODEL_OUTPUTS = 3, ROW_MODEL_RANK_LIMIT = 5 };

/* What a model is to be like. */
struct row_model_wish {
    int32_t dim;    /* that every tensor but the shared ones has */
    int64_t extent; /* of that dimension; 0 for one of its own for each tensor */
    bool may_mix;   /* rows, which is dimension 0 */
    bool is_deep;   /* with some operators at least, for several cores */
};

/* The same wish and the same random numbers give the same model. */
struct row_model {
    struct row_model_wish wish;
    uint64_t *random;
    uint32_t input_count;
    uint32_t output_count;
    struct neuron_tensor_view inputs[ROW_MODEL_INPUTS];
    bool is_shared[ROW_MODEL_INPUTS];
    bool mixes; /* an operator mixes rows, or its result depends on the place of a row */
};

/* Says which dimension of a tensor of this rank is meant. */
uint32_t
row_model_axis(int32_t dim, uint32_t rank);

/* Draws a model, and traces it. The caller destroys the graph. */
struct neuron_graph *
row_model_trace(struct row_model *model, const struct row_model_wish *wish, uint64_t *random);

#endif
