/* SPDX-License-Identifier: Apache-2.0 */
#include "guarded_tensor.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random_numbers.h"

enum { GUARD_BYTES = 64 };

static void
allocate(struct guarded_tensor *tensor, const struct neuron_tensor_shape *shape, size_t before,
         size_t after)
{
    size_t bytes = neuron_tensor_shape_size_bytes(shape);

    *tensor = (struct guarded_tensor){.bytes = bytes, .guard_bytes = {before, after}};
    tensor->block = malloc(before + bytes + after + (before + bytes + after == 0 ? 1 : 0));
    assert_non_null(tensor->block);
    tensor->view = neuron_tensor_view_of(shape, tensor->block + before);
}

/* A distance of some elements. */
static size_t
draw_distance(const struct neuron_tensor_shape *shape, uint64_t *random)
{
    return random_below(random, 17) * neuron_type_size_bytes(shape->type);
}

void
guarded_tensor_create_output(struct guarded_tensor *tensor, const struct neuron_tensor_shape *shape,
                             uint64_t *random)
{
    allocate(tensor, shape, GUARD_BYTES + draw_distance(shape, random), GUARD_BYTES);
}

/* Writes an element: a number of small size, exact in its type. */
static void
write_element(enum neuron_type type, unsigned char *place, uint64_t *random)
{
    uint32_t bits = random_below(random, UINT32_MAX);
    float real = (float)(bits >> 8) / 8388608.0F - 1.0F;
    double wide = (double)real;
    uint16_t half = (uint16_t)((bits & 0x8000U) | 0x3000U | (bits & 0x0FFFU));  /* 1/8 to 2 */
    uint16_t brain = (uint16_t)((bits & 0x8000U) | 0x3E00U | (bits & 0x01FFU)); /* 1/8 to 2 */
    int32_t whole = (int32_t)(bits % 100U);
    int64_t whole_wide = whole;
    unsigned char byte = (unsigned char)(type == NEURON_BOOL ? bits % 2U : bits % 100U);

    switch (type) {
    case NEURON_FLOAT32:
        memcpy(place, &real, sizeof(real));
        break;
    case NEURON_FLOAT64:
        memcpy(place, &wide, sizeof(wide));
        break;
    case NEURON_FLOAT16:
        memcpy(place, &half, sizeof(half));
        break;
    case NEURON_BFLOAT16:
        memcpy(place, &brain, sizeof(brain));
        break;
    case NEURON_INT32:
        memcpy(place, &whole, sizeof(whole));
        break;
    case NEURON_INT64:
        memcpy(place, &whole_wide, sizeof(whole_wide));
        break;
    case NEURON_INT8:
    case NEURON_UINT8:
    case NEURON_BOOL:
    case NEURON_NO_TYPE:
        *place = byte;
        break;
    }
}

void
guarded_tensor_create_input(struct guarded_tensor *tensor, const struct neuron_tensor_shape *shape,
                            uint64_t *random)
{
    size_t size = neuron_type_size_bytes(shape->type);

    allocate(tensor, shape, draw_distance(shape, random), 0);
    memset(tensor->block, 0, tensor->guard_bytes[0]);
    for (size_t i = 0; i < tensor->bytes; i += size) {
        write_element(shape->type, (unsigned char *)tensor->view.data + i, random);
    }
}

void
guarded_tensor_paint(const struct guarded_tensor *tensor, unsigned char byte)
{
    memset(tensor->block, byte, tensor->guard_bytes[0] + tensor->bytes + tensor->guard_bytes[1]);
}

static bool
is_painted(const unsigned char *bytes, size_t count, unsigned char byte)
{
    size_t same = 0;

    while (same < count && bytes[same] == byte) {
        same += 1;
    }
    return same == count;
}

bool
guarded_tensor_is_guarded(const struct guarded_tensor *tensor, unsigned char byte)
{
    const unsigned char *behind = tensor->block + tensor->guard_bytes[0] + tensor->bytes;

    return is_painted(tensor->block, tensor->guard_bytes[0], byte) &&
           is_painted(behind, tensor->guard_bytes[1], byte);
}

void
guarded_tensor_destroy(struct guarded_tensor *tensor)
{
    free(tensor->block);
    *tensor = (struct guarded_tensor){.block = NULL};
}

/* The runs of bytes of a part: how many, how long, and how far from one to the next. */
struct strides {
    int64_t count;
    size_t bytes;
    size_t whole_step;
    size_t piece_step;
    size_t whole_offset;
};

static struct strides
stride(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *piece,
       const struct tensor_part *part)
{
    struct strides strides = {.count = 1};
    size_t inner = neuron_type_size_bytes(whole->type);
    int64_t rest = whole->shape[part->axis] - part->first;
    int64_t extent = rest < piece->shape[part->axis] ? rest : piece->shape[part->axis];

    for (uint32_t i = 0; i < part->axis; i += 1) {
        strides.count *= piece->shape[i];
    }
    for (uint32_t i = part->axis + 1; i < piece->rank; i += 1) {
        inner *= (size_t)piece->shape[i];
    }
    strides.bytes = inner * (size_t)extent;
    strides.whole_step = inner * (size_t)whole->shape[part->axis];
    strides.piece_step = inner * (size_t)piece->shape[part->axis];
    strides.whole_offset = inner * (size_t)part->first;
    return strides;
}

void
tensor_part_take(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *piece,
                 const struct tensor_part *part)
{
    struct strides strides = stride(whole, piece, part);

    for (int64_t i = 0; i < strides.count; i += 1) {
        memcpy((char *)piece->data + strides.piece_step * (size_t)i,
               (const char *)whole->data + strides.whole_offset + strides.whole_step * (size_t)i,
               strides.bytes);
    }
}

void
tensor_part_put(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *piece,
                const struct tensor_part *part)
{
    struct strides strides = stride(whole, piece, part);

    for (int64_t i = 0; i < strides.count; i += 1) {
        memcpy((char *)whole->data + strides.whole_offset + strides.whole_step * (size_t)i,
               (const char *)piece->data + strides.piece_step * (size_t)i, strides.bytes);
    }
}
