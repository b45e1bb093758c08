/* SPDX-License-Identifier: Apache-2.0 */
/* Padding: what lies outside of the input is a constant, a reflection or the edge. */
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

struct padding {
    const struct neuron_kernel_call *call;
    const void *fill; /* the element that constants are made of */
    size_t element_bytes;
    int64_t strides[NEURON_RANK_LIMIT];  /* of the input */
    int64_t counters[NEURON_RANK_LIMIT]; /* where the row at hand is in the result */
};

/* Where an element of the result comes from along one dimension; -1 where it is a constant. */
static int64_t
find_source(const struct padding *padding, uint32_t dimension, int64_t position)
{
    int64_t dim = padding->call->inputs[0].shape[dimension];
    int64_t source = position - padding->call->attributes->starts[dimension];
    uint32_t mode = padding->call->attributes->mode;

    if (source >= 0 && source < dim) {
        return source;
    }
    if (mode == NEURON_PAD_CONSTANT) {
        return -1;
    }
    if (mode == NEURON_PAD_EDGE || dim == 1) {
        return source < 0 ? 0 : dim - 1;
    }
    int64_t period = 2 * (dim - 1);
    int64_t phase = source % period + (source % period < 0 ? period : 0);
    return phase < dim ? phase : period - phase;
}

/* Fills places of the result with the constant. */
static void
fill(const struct padding *padding, int64_t count, void *to)
{
    struct neuron_strided_move move = {0};

    neuron_strided_move_add(&move, count, 0, 1);
    neuron_strided_move_run(&move, padding->call->output.type, padding->fill, to);
}

/* Makes part of a row, element by element. */
static void
make_elements(const struct padding *padding, const unsigned char *row, int64_t from, int64_t until,
              unsigned char *to)
{
    uint32_t last = padding->call->output.rank - 1;
    int64_t element_bytes = (int64_t)padding->element_bytes;

    for (int64_t i = from; i < until; i += 1) {
        int64_t source = find_source(padding, last, i);

        memcpy(to + i * element_bytes, source < 0 ? padding->fill : row + source * element_bytes,
               padding->element_bytes);
    }
}

static int64_t
bring_between(int64_t number, int64_t least, int64_t most)
{
    if (number < least) {
        return least;
    }
    return number > most ? most : number;
}

/* Makes a row of the result from the row of the input that begins at `position`. */
static void
make_row(const struct padding *padding, int64_t position, void *to)
{
    const struct neuron_kernel_call *call = padding->call;
    uint32_t last = call->output.rank - 1;
    int64_t width = call->output.shape[last];
    int64_t before = call->attributes->starts[last];
    int64_t first = bring_between(before, 0, width);
    int64_t end = bring_between(before + call->inputs[0].shape[last], first, width);
    const unsigned char *row = neuron_element(&call->inputs[0], position);
    unsigned char *result = to;
    int64_t element_bytes = (int64_t)padding->element_bytes;

    make_elements(padding, row, 0, first, result);
    if (end > first) {
        memcpy(result + first * element_bytes, row + (first - before) * element_bytes,
               (size_t)((end - first) * element_bytes));
    }
    make_elements(padding, row, end, width, result);
}

/* Where the row of the input begins that the row at hand is made of; -1 where it is all constant.
 */
static int64_t
find_row(const struct padding *padding)
{
    int64_t position = 0;

    for (uint32_t i = 0; i + 1 < padding->call->output.rank; i += 1) {
        int64_t source = find_source(padding, i, padding->counters[i]);

        if (source < 0) {
            return -1;
        }
        position += source * padding->strides[i];
    }
    return position;
}

/* Goes on to the next row. */
static void
advance(struct padding *padding)
{
    const struct neuron_tensor_view *output = &padding->call->output;

    for (uint32_t i = output->rank - 1; i > 0; i -= 1) {
        padding->counters[i - 1] += 1;
        if (padding->counters[i - 1] < output->shape[i - 1]) {
            return;
        }
        padding->counters[i - 1] = 0;
    }
}

enum neuron_status
neuron_kernel_pad(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const uint64_t zero = 0;
    const struct neuron_tensor_view *output = &call->output;
    struct padding padding = {.call = call,
                              .fill = call->input_count > 1 ? call->inputs[1].data : &zero,
                              .element_bytes = neuron_type_size_bytes(output->type)};

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    int64_t elements = neuron_dims_product(output, 0, output->rank);
    if (output->rank == 0) { /* there is nothing to pad */
        memcpy(output->data, call->inputs[0].data, padding.element_bytes);
        return NEURON_OK;
    }
    if (neuron_view_is_empty(&call->inputs[0])) {
        fill(&padding, elements, output->data);
        return NEURON_OK;
    }
    int64_t width = output->shape[output->rank - 1];
    neuron_dense_strides(&call->inputs[0], padding.strides);
    for (int64_t done = 0; done < elements; done += width) {
        int64_t row = find_row(&padding);
        void *to = neuron_output_element(output, done);

        if (row < 0) {
            fill(&padding, width, to);
        } else {
            make_row(&padding, row, to);
        }
        advance(&padding);
    }
    return NEURON_OK;
}
