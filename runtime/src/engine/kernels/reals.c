/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/reals.h"

#include "engine/kernels/strip.h"

static size_t
strip_length(int64_t rest)
{
    return rest < NEURON_STRIP_ELEMENTS ? (size_t)rest : NEURON_STRIP_ELEMENTS;
}

void
neuron_reals_load(const struct neuron_tensor_view *view, int64_t first, int64_t count, double *to)
{
    for (int64_t done = 0; done < count; done += NEURON_STRIP_ELEMENTS) {
        neuron_strip_load_real(view->type, neuron_element(view, first + done), 1,
                               strip_length(count - done), to + done);
    }
}

void
neuron_reals_store(const struct neuron_tensor_view *view, int64_t first, int64_t count,
                   const double *from)
{
    for (int64_t done = 0; done < count; done += NEURON_STRIP_ELEMENTS) {
        neuron_strip_store_real(view->type, neuron_output_element(view, first + done),
                                strip_length(count - done), from + done);
    }
}

int64_t
neuron_view_count(const struct neuron_tensor_view *view)
{
    const struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(&shape, &count);
    return (int64_t)count;
}
