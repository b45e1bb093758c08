/* SPDX-License-Identifier: Apache-2.0 */
/* A product as oneDNN computes it: the one step of a plan that is made as of any model. */
#ifndef NEURON_BENCH_PRODUCT_PEER_H
#define NEURON_BENCH_PRODUCT_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/kernels/packed_product.h"
#include "neuron/graph.h"
#include "neuron/status.h"

struct neuron_plan;
struct neuron_program;
struct neuron_step_time;

enum product_ending { PRODUCT_PLAIN, PRODUCT_RELU, PRODUCT_GELU, PRODUCT_RESIDUAL };

struct product_shape {
    int64_t depth;
    int64_t columns;
    enum product_ending ending;
};

/* One product, and whether it is a convolution by a kernel of one element. */
struct product_subject {
    struct product_shape shape;
    int64_t rows;
    bool is_window;
    enum neuron_product_code code;
    char name[64];
};

/* What oneDNN runs: one copy of the weights. */
struct product_peer {
    struct neuron_graph *graph;
    struct neuron_graph *compiled;
    struct neuron_plan *plan;
    struct neuron_program *program;
    struct neuron_step_time *times;
};

/*
 * Makes a plan of one product with a bias, whose weights and bias are those of record_weights().
 * The caller destroys it, also after a failure.
 */
NEURON_MUST_CHECK enum neuron_status
product_peer_create(const struct product_subject *subject, struct product_peer *peer,
                    struct neuron_error *error);

void
product_peer_destroy(struct product_peer *peer);

/*
 * Runs it. Returns the time of the step that is the product, in microseconds; negative after a
 * failure.
 *
 * inputs  the left side, and what is added to the result; only read.
 */
double
product_peer_run(const struct product_peer *peer, void *const inputs[2], float *result);

#endif
