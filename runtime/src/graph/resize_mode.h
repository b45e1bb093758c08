/* SPDX-License-Identifier: Apache-2.0 */
/* The mode of a resize, as one number that stands in compiled files. */
#ifndef NEURON_GRAPH_RESIZE_MODE_H
#define NEURON_GRAPH_RESIZE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/trace_resize.h"

struct neuron_resize_mode {
    enum neuron_resize_method method;           /* bits 0 and 1 */
    enum neuron_resize_coordinates coordinates; /* bits 2 to 4 */
    enum neuron_resize_rounding rounding;       /* bits 5 and 6 */
    bool excludes_outside;                      /* bit 7 */
    bool antialias;                             /* bit 8 */
};

uint32_t
neuron_resize_mode_encode(const struct neuron_resize_mode *mode);

/* Any number gives a mode, whose method and coordinates may be none that exist. */
struct neuron_resize_mode
neuron_resize_mode_decode(uint32_t number);

/* Says whether an axis comes out as it is. */
bool
neuron_resize_keeps_axis(const struct neuron_resize_mode *mode, int64_t before, int64_t after,
                         float scale);

#endif
