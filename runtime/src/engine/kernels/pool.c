/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pooling, in double, which holds every number of the types it takes. The scratch memory holds one
 * plane of the input and one of the result; for indices also the places of the largest.
 */
#include <math.h>

#include "engine/kernels/reals.h"
#include "engine/kernels/window_walk.h"

/* A plane being pooled. */
struct pooling {
    const double *from;
    double *to;
    double *largest; /* of indices, which are then in `to` */
    double power;
};

static void
take_largest(const struct neuron_tap_row *row, void *user)
{
    const struct pooling *pooling = user;
    const double *from = pooling->from + row->element;
    double *to = pooling->to + row->place;

    for (int64_t i = 0; i < row->count; i += 1) {
        to[i] = from[i * row->step] > to[i] ? from[i * row->step] : to[i];
    }
}

/* The first of equal ones, as the taps come in the order of the elements. */
static void
take_index(const struct neuron_tap_row *row, void *user)
{
    const struct pooling *pooling = user;
    const double *from = pooling->from + row->element;
    double *largest = pooling->largest + row->place;
    double *to = pooling->to + row->place;

    for (int64_t i = 0; i < row->count; i += 1) {
        if (from[i * row->step] > largest[i] || to[i] < 0.0) {
            largest[i] = from[i * row->step];
            to[i] = (double)(row->element + i * row->step);
        }
    }
}

static void
take_sum(const struct neuron_tap_row *row, void *user)
{
    const struct pooling *pooling = user;
    const double *from = pooling->from + row->element;
    double *to = pooling->to + row->place;

    for (int64_t i = 0; i < row->count; i += 1) {
        to[i] += from[i * row->step];
    }
}

static void
take_power(const struct neuron_tap_row *row, void *user)
{
    const struct pooling *pooling = user;
    const double *from = pooling->from + row->element;
    double *to = pooling->to + row->place;

    for (int64_t i = 0; i < row->count; i += 1) {
        double number = fabs(from[i * row->step]);

        to[i] += pooling->power == 2.0 ? number * number : pow(number, pooling->power);
    }
}

static neuron_tap_row_fn *
choose_visit(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_MAX_POOL:
        return take_largest;
    case NEURON_OPERATOR_MAX_POOL_INDICES:
        return take_index;
    case NEURON_OPERATOR_LP_POOL:
        return take_power;
    default:
        return take_sum;
    }
}

/* Elements of one direction by which the average at a place is divided. */
static int64_t
count_elements(const struct neuron_window *window, int64_t place, bool counts_padding)
{
    int64_t first = place * window->stride - window->pad_before;
    int64_t end = window->extent + (counts_padding ? window->pad_after : 0);
    int64_t begin = counts_padding ? -window->pad_before : 0;
    int64_t before = first >= begin ? 0 : (begin - first - 1) / window->dilation + 1;
    int64_t count = (end - first - 1) / window->dilation + 1;

    count = count > window->kernel ? window->kernel : count;
    return count - before;
}

/* Divides each sum by the elements of its window. */
static void
divide(const struct neuron_window_walk *walk, bool counts_padding, double *sums)
{
    for (int64_t i = 0; i < walk->places[0] * walk->places[1]; i += 1) {
        double lines =
            (double)(count_elements(&walk->directions[0], i / walk->places[1], counts_padding) *
                     count_elements(&walk->directions[1], i % walk->places[1], counts_padding));

        for (int64_t x = 0; x < walk->places[2]; x += 1) {
            sums[i * walk->places[2] + x] /=
                lines * (double)count_elements(&walk->directions[2], x, counts_padding);
        }
    }
}

/* An index in the plane as one in the whole input. */
static void
settle_indices(const struct neuron_kernel_call *call, const struct neuron_window_walk *walk,
               int64_t plane, double *indices)
{
    bool is_swapped = (call->attributes->mode & NEURON_POOL_COLUMN_MAJOR) != 0;
    int64_t depth = walk->directions[0].extent;
    int64_t height = walk->directions[1].extent;
    int64_t width = walk->directions[2].extent;
    double first = (double)(plane * neuron_window_walk_elements(walk));

    for (int64_t i = 0; i < neuron_window_walk_places(walk); i += 1) {
        int64_t index = (int64_t)indices[i];
        int64_t z = index / (height * width);
        int64_t y = index / width % height;

        index = is_swapped ? (index % width * height + y) * depth + z : index;
        indices[i] = first + (double)index;
    }
}

/* What a place holds before the first tap. */
static double
initial(enum neuron_operator kind)
{
    if (kind == NEURON_OPERATOR_MAX_POOL) {
        return -INFINITY;
    }
    return kind == NEURON_OPERATOR_MAX_POOL_INDICES ? -1.0 : 0.0;
}

/* Makes the result of what the taps gave. */
static void
finish(const struct neuron_kernel_call *call, const struct neuron_window_walk *walk, int64_t plane,
       const struct pooling *pooling)
{
    if (call->kind == NEURON_OPERATOR_AVERAGE_POOL) {
        divide(walk, call->attributes->count_padding, pooling->to);
    } else if (call->kind == NEURON_OPERATOR_MAX_POOL_INDICES) {
        settle_indices(call, walk, plane, pooling->to);
    } else if (call->kind == NEURON_OPERATOR_LP_POOL) {
        for (int64_t i = 0; i < neuron_window_walk_places(walk); i += 1) {
            pooling->to[i] = pooling->power == 2.0 ? sqrt(pooling->to[i])
                                                   : pow(pooling->to[i], 1.0 / pooling->power);
        }
    }
}

size_t
neuron_kernel_pool_scratch(const struct neuron_kernel_call *call)
{
    const struct neuron_window_walk walk = neuron_window_walk_of_pool(call);

    return sizeof(double) *
           (size_t)(neuron_window_walk_elements(&walk) + 2 * neuron_window_walk_places(&walk));
}

enum neuron_status
neuron_kernel_pool(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_window_walk walk = neuron_window_walk_of_pool(call);
    int64_t elements = neuron_window_walk_elements(&walk);
    int64_t places = neuron_window_walk_places(&walk);
    double *from = call->scratch;
    struct pooling pooling = {.from = from,
                              .to = from + elements,
                              .largest = from + elements + places,
                              .power = (double)call->attributes->alpha};

    (void)error;
    for (int64_t i = 0; i < call->output.shape[0] * call->output.shape[1]; i += 1) {
        neuron_reals_load(&call->inputs[0], i * elements, elements, from);
        for (int64_t j = 0; j < places; j += 1) {
            pooling.to[j] = initial(call->kind);
        }
        neuron_window_walk_run(&walk, choose_visit(call->kind), &pooling);
        finish(call, &walk, i, &pooling);
        neuron_reals_store(&call->output, i * places, places, pooling.to);
    }
    return NEURON_OK;
}
