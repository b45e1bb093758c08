/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures (top/picture.h) of a machine that nobody took. */
#ifndef NEURON_TESTS_DRAWN_NODE_H
#define NEURON_TESTS_DRAWN_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "top/picture.h"

/* A machine, and two looks at it. */
struct drawn_node {
    struct neuron_topology *topology;
    struct neuron_node_sample before;
    struct neuron_node_sample after;
    struct neuron_node_rates rates;
    struct neuron_picture_source source;
    struct neuron_canvas canvas;
    struct neuron_top_view view;
};

/*
 * Makes a machine, with so many processes of so many cores each: of five one is a launcher with the
 * others below, and of four one is another's, whose counters cannot be read. They are "serve-0",
 * "serve-1", and so on, of the pids 1000, 1001, and so on.
 *
 * Returns it; destroy_drawn_node() frees it. Fails the test when it cannot.
 */
struct drawn_node *
make_drawn_node(uint32_t core_count, uint32_t process_count, uint32_t cores_each);
void
destroy_drawn_node(struct drawn_node *node);

/* Draws it. */
void
draw_node(struct drawn_node *node, uint32_t width, uint32_t height);

/* The picture as a text, without the blanks at the end of its rows; until the next call. */
const char *
picture_text(const struct neuron_canvas *canvas);

/* Prints the picture where NEURON_TEST_SHOW is set. */
void
show_picture(const struct drawn_node *node);

#endif
