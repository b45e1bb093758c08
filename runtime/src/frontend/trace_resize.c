/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_resize.h"

#include <string.h>

#include "frontend/trace_body.h"
#include "graph/resize_mode.h"

struct neuron_value
neuron_resize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value region,
              const int64_t *dims, const struct neuron_resize_options *options)
{
    const struct neuron_resize_options defaults = {.method = NEURON_RESIZE_NEAREST};
    uint32_t rank = neuron_value_shape(trace, input).rank;
    const struct neuron_value inputs[2] = {input, region};
    struct neuron_attributes attributes = {0};

    options = options == NULL ? &defaults : options;
    const struct neuron_resize_mode mode = {.method = options->method,
                                            .coordinates = options->coordinates,
                                            .rounding = options->rounding,
                                            .excludes_outside = options->excludes_outside,
                                            .antialias = options->antialias};
    attributes.mode = neuron_resize_mode_encode(&mode);
    attributes.alpha = options->cubic;
    attributes.low = options->extrapolation;
    memcpy(attributes.scales, options->scales, sizeof(attributes.scales));
    if (rank > 0) {
        memcpy(attributes.dims, dims, rank * sizeof(*dims));
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_RESIZE, &attributes, inputs,
                               region.id == 0 ? 1 : 2);
}
