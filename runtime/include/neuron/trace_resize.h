/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors resampled to other extents, in a traced function. */
#ifndef NEURON_TRACE_RESIZE_H
#define NEURON_TRACE_RESIZE_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How elements between those of the input are found. */
enum neuron_resize_method {
    NEURON_RESIZE_NEAREST = 0,
    NEURON_RESIZE_LINEAR = 1,
    NEURON_RESIZE_CUBIC = 2
};

/* Where an element of the result lies in the input; `scale` is extent after by extent before. */
enum neuron_resize_coordinates {
    NEURON_RESIZE_HALF_PIXEL = 0,          /* (x + 1/2) / scale - 1/2 */
    NEURON_RESIZE_PYTORCH_HALF_PIXEL = 1,  /* the same; 0 where the result has one element */
    NEURON_RESIZE_ALIGN_CORNERS = 2,       /* first on first, last on last */
    NEURON_RESIZE_ASYMMETRIC = 3,          /* x / scale */
    NEURON_RESIZE_CROP = 4,                /* first and last on the ends of a region */
    NEURON_RESIZE_HALF_PIXEL_SYMMETRIC = 5 /* as half_pixel, around the middle */
};

/* Which neighbour is the nearest. */
enum neuron_resize_rounding {
    NEURON_RESIZE_ROUND_PREFER_FLOOR = 0,
    NEURON_RESIZE_ROUND_PREFER_CEIL = 1,
    NEURON_RESIZE_FLOOR = 2,
    NEURON_RESIZE_CEIL = 3
};

/* Options of neuron_resize(). What is zeroed is the default of ONNX, but for `cubic`. */
struct neuron_resize_options {
    enum neuron_resize_method method;
    enum neuron_resize_coordinates coordinates;
    enum neuron_resize_rounding rounding; /* nearest */
    float scales[NEURON_RANK_LIMIT];      /* that made `dims`; 0 for the quotient of the extents */
    float cubic;           /* the coefficient of cubic interpolation; ONNX has -0.75 */
    bool excludes_outside; /* neighbours outside of the input weigh nothing; else the edge does */
    bool antialias;        /* linear, cubic: smooths where the result is smaller */
    float extrapolation;   /* crop: of what lies outside of the input */
};

/*
 * Resamples all dimensions of a value.
 *
 * region   crop: float32 [2 * rank], the starts of all dimensions, then their ends, where 0 is the
 *          first element and 1 the last. A zeroed value for all of the input.
 * dims     extents of the result, as many as the input has dimensions.
 * options  NULL for nearest.
 */
NEURON_API struct neuron_value
neuron_resize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value region,
              const int64_t *dims, const struct neuron_resize_options *options);

#ifdef __cplusplus
}
#endif

#endif
