/* SPDX-License-Identifier: Apache-2.0 */
/* The whole screen, composed from a look at the machine: a function from values to values. */
#ifndef NEURON_TOOLS_TOP_PICTURE_H
#define NEURON_TOOLS_TOP_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "top/canvas.h"
#include "top/top_view.h"

/* What is drawn. */
struct neuron_picture_source {
    const char *machine; /* its name */
    const struct neuron_node_sample *sample;
    const struct neuron_node_rates *rates;
};

/*
 * Composes a picture of exactly `height` rows. What matters most comes first, so that a small
 * screen shows it; the rest is reached by scrolling.
 *
 * view    what the person chose; its scroll is kept within the page, and the rows of its window
 *         are told.
 * canvas  with its width; what it held is freed. The caller clears it, also after a failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_picture_compose(const struct neuron_picture_source *source, struct neuron_top_view *view,
                       uint32_t height, struct neuron_canvas *canvas, struct neuron_error *error);

/*
 * Composes all of it as one page without tabs and keys, as high as it gets. Otherwise as above.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_picture_compose_page(const struct neuron_picture_source *source,
                            struct neuron_canvas *canvas, struct neuron_error *error);

#endif
