/* SPDX-License-Identifier: Apache-2.0 */
/* Orders along one axis: arg_max, arg_min, top_k_indices; and cumulative sums. */
#include <math.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/lane.h"
#include "engine/kernels/strip.h"

/*
 * Loads elements as whole numbers in their order: those of a real are its bits, of which a negative
 * one has all but the sign turned around; both zeros are one, and what is no number is the largest.
 */
static void
load_keys(const struct neuron_lane *lane, int64_t index, size_t count, int64_t *keys)
{
    double strip[NEURON_STRIP_ELEMENTS];

    if (!neuron_type_is_real(lane->view->type)) {
        neuron_lane_load_whole(lane, index, count, keys);
        return;
    }
    neuron_lane_load_real(lane, index, count, strip);
    for (size_t i = 0; i < count; i += 1) {
        double number = strip[i] + 0.0;

        memcpy(&keys[i], &number, sizeof(number));
        keys[i] ^= keys[i] < 0 ? INT64_MAX : 0;
        keys[i] = isnan(number) ? INT64_MAX : keys[i];
    }
}

/* The best key so far, and where it is. */
struct extreme {
    int64_t key;
    int64_t index; /* -1 before the first one */
};

/* Takes the keys of a strip, of which the first is at `first`, into the extreme. */
static void
take_keys(const struct neuron_kernel_call *call, const int64_t *keys, int64_t first, size_t count,
          struct extreme *extreme)
{
    bool is_smallest = call->kind == NEURON_OPERATOR_ARG_MIN;
    bool takes_last = call->attributes->mode == 1;

    for (size_t i = 0; i < count; i += 1) {
        int64_t key = is_smallest ? ~keys[i] : keys[i];
        bool is_better = key > extreme->key || (takes_last && key == extreme->key);

        if (extreme->index < 0 || is_better) {
            *extreme = (struct extreme){key, first + (int64_t)i};
        }
    }
}

enum neuron_status
neuron_kernel_arg(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t lanes = neuron_lane_count(&call->inputs[0], axis);
    int64_t *to = call->output.data;
    int64_t keys[NEURON_STRIP_ELEMENTS];

    (void)error;
    for (int64_t i = 0; i < lanes; i += 1) {
        struct neuron_lane lane = neuron_lane_at(&call->inputs[0], axis, i);
        struct extreme extreme = {.index = -1};

        for (int64_t done = 0; done < lane.count; done += NEURON_STRIP_ELEMENTS) {
            size_t count = neuron_lane_strip(&lane, done);

            load_keys(&lane, done, count, keys);
            take_keys(call, keys, done, count, &extreme);
        }
        to[i] = extreme.index;
    }
    return NEURON_OK;
}

static void
add_up_reals(const struct neuron_lane *from, const struct neuron_lane *to, uint32_t mode)
{
    double sum = 0.0;

    for (int64_t i = 0; i < from->count; i += 1) {
        int64_t index = (mode & NEURON_CUM_SUM_REVERSE) != 0 ? from->count - 1 - i : i;
        double number = 0.0;

        neuron_lane_load_real(from, index, 1, &number);
        double before = sum;
        sum += number;
        neuron_lane_store_real(to, index, 1,
                               (mode & NEURON_CUM_SUM_EXCLUSIVE) != 0 ? &before : &sum);
    }
}

/* Whole numbers wrap around. */
static void
add_up_wholes(const struct neuron_lane *from, const struct neuron_lane *to, uint32_t mode)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < from->count; i += 1) {
        int64_t index = (mode & NEURON_CUM_SUM_REVERSE) != 0 ? from->count - 1 - i : i;
        int64_t number = 0;

        neuron_lane_load_whole(from, index, 1, &number);
        int64_t before = sum;
        sum = (int64_t)((uint64_t)sum + (uint64_t)number);
        neuron_lane_store_whole(to, index, 1,
                                (mode & NEURON_CUM_SUM_EXCLUSIVE) != 0 ? &before : &sum);
    }
}

enum neuron_status
neuron_kernel_cum_sum(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t lanes = neuron_lane_count(&call->output, axis);

    (void)error;
    for (int64_t i = 0; i < lanes; i += 1) {
        struct neuron_lane from = neuron_lane_at(&call->inputs[0], axis, i);
        struct neuron_lane to = neuron_lane_at(&call->output, axis, i);

        if (neuron_type_is_real(call->output.type)) {
            add_up_reals(&from, &to, call->attributes->mode);
        } else {
            add_up_wholes(&from, &to, call->attributes->mode);
        }
    }
    return NEURON_OK;
}

/* The best elements so far, as a heap with the worst of them on top. */
struct heap {
    const int64_t *keys; /* of the whole lane; the larger, the better */
    int64_t *indices;
    int64_t count;
};

/* Says whether one element comes behind another: of equal ones the later. */
static bool
is_worse(const struct heap *heap, int64_t index, int64_t other)
{
    int64_t key = heap->keys[index];
    int64_t other_key = heap->keys[other];

    return key < other_key || (key == other_key && index > other);
}

/* Lets an element sink below worse ones. */
static void
sink(const struct heap *heap, int64_t place)
{
    int64_t *indices = heap->indices;
    int64_t sinking = indices[place];
    int64_t child = 2 * place + 1;

    while (child < heap->count) {
        bool is_right =
            child + 1 < heap->count && is_worse(heap, indices[child + 1], indices[child]);

        child += is_right ? 1 : 0;
        if (!is_worse(heap, indices[child], sinking)) {
            break;
        }
        indices[place] = indices[child];
        place = child;
        child = 2 * place + 1;
    }
    indices[place] = sinking;
}

/* Finds the best of `total` keys, as many as the heap has room for, the best one first. */
static void
sort_best(struct heap *heap, int64_t total)
{
    int64_t wanted = heap->count;

    for (int64_t i = 0; i < wanted; i += 1) {
        heap->indices[i] = i;
    }
    for (int64_t i = wanted / 2; i > 0; i -= 1) {
        sink(heap, i - 1);
    }
    for (int64_t i = wanted; i < total; i += 1) {
        if (is_worse(heap, heap->indices[0], i)) {
            heap->indices[0] = i;
            sink(heap, 0);
        }
    }
    while (heap->count > 1) {
        int64_t worst = heap->indices[0];

        heap->count -= 1;
        heap->indices[0] = heap->indices[heap->count];
        heap->indices[heap->count] = worst;
        sink(heap, 0);
    }
}

/* The keys of a lane, and the indices of its best elements. */
size_t
neuron_kernel_top_k_scratch(const struct neuron_kernel_call *call)
{
    return ((size_t)call->inputs[0].shape[call->attributes->axis] +
            (size_t)call->attributes->dims[0]) *
           sizeof(int64_t);
}

enum neuron_status
neuron_kernel_top_k(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t lanes = neuron_lane_count(&call->output, axis);
    int64_t *keys = call->scratch;
    bool is_smallest = (call->attributes->mode & 1) != 0;

    (void)error;
    for (int64_t i = 0; i < lanes; i += 1) {
        struct neuron_lane from = neuron_lane_at(&call->inputs[0], axis, i);
        struct neuron_lane to = neuron_lane_at(&call->output, axis, i);
        struct heap heap = {.keys = keys, .indices = keys + from.count, .count = to.count};

        for (int64_t done = 0; done < from.count; done += NEURON_STRIP_ELEMENTS) {
            load_keys(&from, done, neuron_lane_strip(&from, done), keys + done);
        }
        for (int64_t j = 0; is_smallest && j < from.count; j += 1) {
            keys[j] = ~keys[j];
        }
        sort_best(&heap, from.count);
        for (int64_t j = 0; j < to.count; j += 1) {
            neuron_lane_store_whole(&to, j, 1, &heap.indices[j]);
        }
    }
    return NEURON_OK;
}
