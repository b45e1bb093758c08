/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/window_walk.h"

/* A walk over one element, into which directions are put from the back. */
static struct neuron_window_walk
begin(void)
{
    const struct neuron_window single = {.extent = 1, .kernel = 1, .stride = 1, .dilation = 1};

    return (struct neuron_window_walk){.directions = {single, single, single}, .places = {1, 1, 1}};
}

struct neuron_window_walk
neuron_window_walk_of_conv(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_shape input = neuron_tensor_view_shape(&call->inputs[0]);
    const struct neuron_tensor_shape weights = neuron_tensor_view_shape(&call->inputs[1]);
    struct neuron_window_walk walk = begin();
    uint32_t first = NEURON_SPATIAL_LIMIT + 2 - input.rank;

    for (uint32_t i = 0; i < input.rank - 2; i += 1) {
        walk.directions[first + i] = neuron_window_of_conv(call->attributes, &input, &weights, i);
        walk.places[first + i] = call->output.shape[2 + i];
    }
    return walk;
}

struct neuron_window_walk
neuron_window_walk_of_conv_transpose(const struct neuron_kernel_call *call)
{
    struct neuron_window_walk walk = neuron_window_walk_of_conv(call);

    for (uint32_t i = 0; i < NEURON_SPATIAL_LIMIT; i += 1) {
        int64_t places = walk.directions[i].extent;

        walk.directions[i].extent = walk.places[i];
        walk.places[i] = places;
    }
    return walk;
}

struct neuron_window_walk
neuron_window_walk_of_pool(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_shape input = neuron_tensor_view_shape(&call->inputs[0]);
    struct neuron_window_walk walk = begin();
    uint32_t first = NEURON_SPATIAL_LIMIT + 2 - input.rank;

    for (uint32_t i = 0; i < input.rank - 2; i += 1) {
        walk.directions[first + i] = neuron_window_of_pool(call->attributes, &input, i);
        walk.places[first + i] = call->output.shape[2 + i];
    }
    return walk;
}

int64_t
neuron_window_walk_elements(const struct neuron_window_walk *walk)
{
    return walk->directions[0].extent * walk->directions[1].extent * walk->directions[2].extent;
}

int64_t
neuron_window_walk_places(const struct neuron_window_walk *walk)
{
    return walk->places[0] * walk->places[1] * walk->places[2];
}

int64_t
neuron_window_walk_taps(const struct neuron_window_walk *walk)
{
    return walk->directions[0].kernel * walk->directions[1].kernel * walk->directions[2].kernel;
}

/* The places from which a tap sees an element. */
struct range {
    int64_t first;
    int64_t end;
};

/* Where the element of place 0 is `offset`, which may lie before the plane or behind it. */
static struct range
find_range(const struct neuron_window *window, int64_t places, int64_t offset)
{
    int64_t last = window->extent - 1 - offset;
    struct range range = {.first = offset >= 0 ? 0 : (-offset - 1) / window->stride + 1,
                          .end = last < 0 ? 0 : last / window->stride + 1};

    range.end = range.end > places ? places : range.end;
    return range;
}

/* One element of the window: what it sees in each direction. */
struct tap {
    int64_t offset[NEURON_SPATIAL_LIMIT]; /* of place 0 */
    struct range range[NEURON_SPATIAL_LIMIT];
    int64_t number;
};

static void
visit_rows(const struct neuron_window_walk *walk, const struct tap *tap, neuron_tap_row_fn *visit,
           void *user)
{
    const struct neuron_window *windows = walk->directions;
    struct neuron_tap_row row = {.tap = tap->number,
                                 .step = windows[2].stride,
                                 .count = tap->range[2].end - tap->range[2].first};

    for (int64_t z = tap->range[0].first; z < tap->range[0].end; z += 1) {
        int64_t plane = (z * windows[0].stride + tap->offset[0]) * windows[1].extent;

        for (int64_t y = tap->range[1].first; y < tap->range[1].end; y += 1) {
            int64_t line = (plane + y * windows[1].stride + tap->offset[1]) * windows[2].extent;

            row.place = (z * walk->places[1] + y) * walk->places[2] + tap->range[2].first;
            row.element = line + tap->range[2].first * windows[2].stride + tap->offset[2];
            visit(&row, user);
        }
    }
}

/* Sets one direction of a tap; false when it sees no element. */
static bool
set_direction(const struct neuron_window_walk *walk, uint32_t direction, int64_t index,
              struct tap *tap)
{
    const struct neuron_window *window = &walk->directions[direction];

    tap->offset[direction] = index * window->dilation - window->pad_before;
    tap->range[direction] = find_range(window, walk->places[direction], tap->offset[direction]);
    return tap->range[direction].first < tap->range[direction].end;
}

/* The first tap of a direction that may see an element; those before end in front of it. */
static int64_t
first_tap(const struct neuron_window_walk *walk, uint32_t direction)
{
    const struct neuron_window *window = &walk->directions[direction];
    int64_t reached = (walk->places[direction] - 1) * window->stride - window->pad_before;

    return reached >= 0 ? 0 : (-reached - 1) / window->dilation + 1;
}

/* One past the last that may. */
static int64_t
end_tap(const struct neuron_window_walk *walk, uint32_t direction)
{
    const struct neuron_window *window = &walk->directions[direction];
    int64_t end = (window->extent - 1 + window->pad_before) / window->dilation + 1;

    return end < window->kernel ? end : window->kernel;
}

/* Visits the taps of one line of the window, the first of which has this number. */
static void
visit_line(const struct neuron_window_walk *walk, struct tap *tap, int64_t first,
           neuron_tap_row_fn *visit, void *user)
{
    for (int64_t x = first_tap(walk, 2); x < end_tap(walk, 2); x += 1) {
        tap->number = first + x;
        if (set_direction(walk, 2, x, tap)) {
            visit_rows(walk, tap, visit, user);
        }
    }
}

/* Visits the taps of one depth. */
static void
visit_plane(const struct neuron_window_walk *walk, struct tap *tap, int64_t z,
            neuron_tap_row_fn *visit, void *user)
{
    const struct neuron_window *windows = walk->directions;

    for (int64_t y = first_tap(walk, 1); y < end_tap(walk, 1); y += 1) {
        if (set_direction(walk, 1, y, tap)) {
            visit_line(walk, tap, (z * windows[1].kernel + y) * windows[2].kernel, visit, user);
        }
    }
}

void
neuron_window_walk_run(const struct neuron_window_walk *walk, neuron_tap_row_fn *visit, void *user)
{
    struct tap tap = {.number = 0};

    for (int64_t z = first_tap(walk, 0); z < end_tap(walk, 0); z += 1) {
        if (set_direction(walk, 0, z, &tap)) {
            visit_plane(walk, &tap, z, visit, user);
        }
    }
}
