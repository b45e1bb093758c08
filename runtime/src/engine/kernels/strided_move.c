/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/strided_move.h"

#include <string.h>

void
neuron_dense_strides(const struct neuron_tensor_view *view, int64_t *strides)
{
    int64_t stride = 1;

    for (uint32_t i = view->rank; i > 0; i -= 1) {
        strides[i - 1] = stride;
        /* Overflows for a tensor without elements only, of which no stride is used. */
        (void)__builtin_mul_overflow(stride, view->shape[i - 1], &stride);
    }
}

int64_t
neuron_dims_product(const struct neuron_tensor_view *view, uint32_t first, uint32_t end)
{
    int64_t product = 1;

    for (uint32_t i = first; i < end; i += 1) {
        (void)__builtin_mul_overflow(product, view->shape[i], &product);
    }
    return product;
}

bool
neuron_view_is_empty(const struct neuron_tensor_view *view)
{
    for (uint32_t i = 0; i < view->rank; i += 1) {
        if (view->shape[i] == 0) {
            return true;
        }
    }
    return false;
}

void
neuron_strided_move_add(struct neuron_strided_move *move, int64_t count, int64_t from_stride,
                        int64_t to_stride)
{
    if (count == 1) {
        return;
    }
    if (move->loop_count > 0) {
        struct neuron_move_loop *last = &move->loops[move->loop_count - 1];

        if (last->from_stride == from_stride * count && last->to_stride == to_stride * count) {
            *last = (struct neuron_move_loop){last->count * count, from_stride, to_stride};
            return;
        }
    }
    move->loops[move->loop_count] = (struct neuron_move_loop){count, from_stride, to_stride};
    move->loop_count += 1;
}

/* A row of elements; its steps are in bytes. */
struct row {
    int64_t count;
    int64_t from_step;
    int64_t to_step;
};

static void
copy_bytes(const struct row *row, const unsigned char *from, unsigned char *to)
{
    for (int64_t i = 0; i < row->count; i += 1) {
        to[i * row->to_step] = from[i * row->from_step];
    }
}

static void
copy_words(const struct row *row, const unsigned char *from, unsigned char *to)
{
    for (int64_t i = 0; i < row->count; i += 1) {
        memcpy(to + i * row->to_step, from + i * row->from_step, sizeof(uint16_t));
    }
}

static void
copy_longs(const struct row *row, const unsigned char *from, unsigned char *to)
{
    for (int64_t i = 0; i < row->count; i += 1) {
        memcpy(to + i * row->to_step, from + i * row->from_step, sizeof(uint32_t));
    }
}

static void
copy_quads(const struct row *row, const unsigned char *from, unsigned char *to)
{
    for (int64_t i = 0; i < row->count; i += 1) {
        memcpy(to + i * row->to_step, from + i * row->from_step, sizeof(uint64_t));
    }
}

static void
copy_row(const struct row *row, int64_t element_bytes, const unsigned char *from, unsigned char *to)
{
    if (row->from_step == element_bytes && row->to_step == element_bytes) {
        memcpy(to, from, (size_t)(row->count * element_bytes));
    } else if (element_bytes == (int64_t)sizeof(uint32_t)) {
        copy_longs(row, from, to);
    } else if (element_bytes == (int64_t)sizeof(uint64_t)) {
        copy_quads(row, from, to);
    } else if (element_bytes == (int64_t)sizeof(uint16_t)) {
        copy_words(row, from, to);
    } else {
        copy_bytes(row, from, to);
    }
}

enum { TILE = 32 /* rows of the source that stay in the cache while their neighbours are read */ };

/* Copies what the last two loops walk over, a few columns of the result at a time: where the result
   turns rows of the source into columns, each line of the cache is so read once. */
static void
copy_plane(const struct neuron_move_loop *loops, int64_t element_bytes, const unsigned char *from,
           unsigned char *to)
{
    struct row row = {TILE, loops[1].from_stride * element_bytes,
                      loops[1].to_stride * element_bytes};

    for (int64_t done = 0; done < loops[1].count; done += TILE) {
        row.count = loops[1].count - done < TILE ? loops[1].count - done : TILE;
        for (int64_t i = 0; i < loops[0].count; i += 1) {
            copy_row(&row, element_bytes,
                     from + done * row.from_step + i * loops[0].from_stride * element_bytes,
                     to + done * row.to_step + i * loops[0].to_stride * element_bytes);
        }
    }
}

/* Where the loops outside of the last two are. */
struct outer {
    const struct neuron_strided_move *move;
    int64_t element_bytes;
    int64_t counters[NEURON_MOVE_LOOPS];
    const unsigned char *from;
    unsigned char *to;
};

/* Goes on to the next round of the first `loop_count` loops. Returns false after the last one. */
static bool
advance(struct outer *outer, uint32_t loop_count)
{
    for (uint32_t i = loop_count; i > 0; i -= 1) {
        const struct neuron_move_loop *loop = &outer->move->loops[i - 1];
        bool wraps = outer->counters[i - 1] + 1 == loop->count;
        int64_t steps = wraps ? 1 - loop->count : 1;

        outer->counters[i - 1] += steps;
        outer->from += steps * loop->from_stride * outer->element_bytes;
        outer->to += steps * loop->to_stride * outer->element_bytes;
        if (!wraps) {
            return true;
        }
    }
    return false;
}

void
neuron_strided_move_run(const struct neuron_strided_move *move, enum neuron_type type,
                        const void *from, void *to)
{
    int64_t element_bytes = (int64_t)neuron_type_size_bytes(type);
    uint32_t count = move->loop_count;
    struct outer outer = {.move = move, .element_bytes = element_bytes, .from = from, .to = to};

    for (uint32_t i = 0; i < count; i += 1) {
        if (move->loops[i].count == 0) {
            return;
        }
    }
    if (count == 0) {
        memcpy(to, from, (size_t)element_bytes);
        return;
    }
    const struct neuron_move_loop *last = &move->loops[count - 1];
    const struct row row = {last->count, last->from_stride * element_bytes,
                            last->to_stride * element_bytes};
    bool is_plane = count > 1 && last->from_stride > 1;
    do {
        if (is_plane) {
            copy_plane(last - 1, element_bytes, outer.from, outer.to);
        } else {
            copy_row(&row, element_bytes, outer.from, outer.to);
        }
    } while (advance(&outer, is_plane ? count - 2 : count - 1));
}
