/* SPDX-License-Identifier: Apache-2.0 */
/* Types, shapes, and views of the caller's memory. */
#ifndef NEURON_TENSOR_H
#define NEURON_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NEURON_RANK_LIMIT = 8,        /* most dimensions of a tensor */
    NEURON_NAME_LIMIT_BYTES = 256 /* a tensor's name with its terminator */
};

/* Element types. Values stand in compiled files and are never reused. */
enum neuron_type {
    NEURON_NO_TYPE = 0,
    NEURON_FLOAT32 = 1,
    NEURON_FLOAT64 = 2,
    NEURON_BFLOAT16 = 3,
    NEURON_FLOAT16 = 4,
    NEURON_INT8 = 5,
    NEURON_UINT8 = 6,
    NEURON_INT32 = 7,
    NEURON_INT64 = 8,
    NEURON_BOOL = 9
};

/* Type and extents. Rank 0 is a scalar: one element. */
struct neuron_tensor_shape {
    enum neuron_type type;
    uint32_t rank;                   /* at most NEURON_RANK_LIMIT */
    int64_t dims[NEURON_RANK_LIMIT]; /* outermost first, each at least 0; the rest is 0 */
};

/*
 * A tensor in memory that somebody else owns: dense, outermost dimension first, native byte order.
 * Views are passed by value or borrowed for a call; they never own.
 */
struct neuron_tensor_view {
    enum neuron_type type;
    uint32_t rank; /* at most NEURON_RANK_LIMIT */
    int64_t shape[NEURON_RANK_LIMIT];
    void *data; /* inputs are only read */
};

/* What a graph or a model says of one of its inputs or outputs. */
struct neuron_tensor_spec {
    char name[NEURON_NAME_LIMIT_BYTES];
    struct neuron_tensor_shape shape;
};

/* Says how many bytes an element takes; 0 for a number that is no type. Any thread. */
NEURON_API size_t
neuron_type_size_bytes(enum neuron_type type);

/* Names a type as ONNX does: "float32". Any thread. */
NEURON_API const char *
neuron_type_name(enum neuron_type type);

/*
 * Counts the elements of a shape. Returns false, and leaves `count` alone, when a dimension is
 * negative, the rank is above the limit, or the bytes do not fit a size_t. Any thread.
 */
NEURON_API bool
neuron_tensor_shape_element_count(const struct neuron_tensor_shape *shape, size_t *count);

/* Says how many bytes a valid shape takes; 0 for one that is not valid. Any thread. */
NEURON_API size_t
neuron_tensor_shape_size_bytes(const struct neuron_tensor_shape *shape);

/* Says whether type, rank and every dimension are the same. Any thread. */
NEURON_API bool
neuron_tensor_shape_equals(const struct neuron_tensor_shape *left,
                           const struct neuron_tensor_shape *right);

/*
 * Writes a shape as "float32[37,3,224,224]" into a text of `size_bytes` bytes, cut where it does
 * not fit, and returns the text. Any thread.
 */
NEURON_API const char *
neuron_tensor_shape_format(const struct neuron_tensor_shape *shape, char *text, size_t size_bytes);

/* Says whether a dense tensor holds a NaN. Types that have none hold none. Any thread. */
NEURON_API bool
neuron_tensor_has_nan(const struct neuron_tensor_shape *shape, const void *elements);

/* The shape of a view. Any thread. */
NEURON_API struct neuron_tensor_shape
neuron_tensor_view_shape(const struct neuron_tensor_view *view);

/* A view of `data` with this shape. Any thread. */
NEURON_API struct neuron_tensor_view
neuron_tensor_view_of(const struct neuron_tensor_shape *shape, void *data);

#ifdef __cplusplus
}
#endif

#endif
