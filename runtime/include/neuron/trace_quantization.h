/* SPDX-License-Identifier: Apache-2.0 */
/* Integers that stand for reals in a traced function. */
#ifndef NEURON_TRACE_QUANTIZATION_H
#define NEURON_TRACE_QUANTIZATION_H

#include "neuron/trace_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that neuron/trace.h says of operators holds here. An integer q stands for
 * (q - zero point) * scale. The scale, of float32, is one number, or has one for each place along
 * an axis; the zero point, of the integers' type, is like it. A zeroed zero point stands for 0.
 */

/* Integers, and what they stand for. */
struct neuron_quantized {
    struct neuron_value integers; /* int8 or uint8 */
    struct neuron_value scale;
    struct neuron_value zero_point;
};

/* Rounds float32 to the nearest integer of the zero point's type (uint8 without one), halves to
   even; what is outside of it becomes its end. A negative axis counts from the end. */
NEURON_API struct neuron_value
neuron_quantize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                struct neuron_value zero_point, int32_t axis);

/* The float32 that int8, uint8 or int32 stand for. */
NEURON_API struct neuron_value
neuron_dequantize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value zero_point, int32_t axis);

/* Quantizes float32 to uint8 with the scale that its smallest and largest element, and 0, want. */
NEURON_API struct neuron_quantized
neuron_dynamic_quantize(struct neuron_trace *trace, struct neuron_value input);

/*
 * Matrix product of int8 or uint8, as neuron_matmul(), added up in int32. The left zero point may
 * have one number for each row, the right one for each column.
 */
NEURON_API struct neuron_value
neuron_matmul_integer(struct neuron_trace *trace, struct neuron_value left,
                      struct neuron_value right, struct neuron_value left_zero_point,
                      struct neuron_value right_zero_point);

/* Convolution of int8 or uint8, as neuron_conv(), added up in int32; `options` may be NULL. */
NEURON_API struct neuron_value
neuron_conv_integer(struct neuron_trace *trace, struct neuron_value input,
                    struct neuron_value weights, struct neuron_value input_zero_point,
                    struct neuron_value weights_zero_point,
                    const struct neuron_conv_options *options);

/*
 * Products of what integers stand for, quantized again.
 *
 * result  the scale and the zero point, with its type; its integers are not read.
 * bias    int32 [O], of the scale of the input times that of the weights; a zeroed value for none.
 */
NEURON_API struct neuron_value
neuron_quantized_matmul(struct neuron_trace *trace, const struct neuron_quantized *left,
                        const struct neuron_quantized *right,
                        const struct neuron_quantized *result);
NEURON_API struct neuron_value
neuron_quantized_conv(struct neuron_trace *trace, const struct neuron_quantized *input,
                      const struct neuron_quantized *weights, struct neuron_value bias,
                      const struct neuron_conv_options *options,
                      const struct neuron_quantized *result);

#ifdef __cplusplus
}
#endif

#endif
