/* SPDX-License-Identifier: Apache-2.0 */
/* The network at work on a few rows: scores, loss, and slopes of the loss. */
#ifndef DIGITS_NETWORK_H
#define DIGITS_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "layers.h"
#include "weights.h"

/* Everything between images and scores, for DIGITS_LANE_COUNT rows. Weights live elsewhere. */
struct digits_network;

/* What the network made of its rows. */
struct digits_outcome {
    double loss;            /* sum over the rows of -log(probability of the label) */
    uint32_t correct_count; /* rows whose label has the highest score */
};

/* Makes a network for weights of a shape, which is within the bounds. False: no memory. */
bool
digits_network_create(const struct digits_shape *shape, struct digits_network **network,
                      struct digits_error *error);

/* Puts an image, image_side squared values, into a lane below DIGITS_LANE_COUNT. */
void
digits_network_set_image(struct digits_network *network, uint32_t lane, const float *image);

/* Computes the scores of all lanes. */
void
digits_network_forward(struct digits_network *network, const struct digits_weights *weights);

/* Compares the scores of the first lanes with their labels; the other lanes do not count. */
struct digits_outcome
digits_network_compare(struct digits_network *network, const uint8_t *labels, uint32_t row_count);

/* From the last comparison back: the slope of the mean loss by each weight, into `slope`. */
void
digits_network_backward(struct digits_network *network, const struct digits_weights *weights,
                        const struct digits_weights *slope);

/* Destroys a network. Accepts NULL and half-built ones. */
void
digits_network_destroy(struct digits_network *network);

#endif
