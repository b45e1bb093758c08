/* SPDX-License-Identifier: Apache-2.0 */
/* The two 16-bit floating-point types as float32, which holds each of their numbers. */
#ifndef NEURON_HALF_FLOAT_H
#define NEURON_HALF_FLOAT_H

#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* IEEE 754 binary16: 5 bits of exponent, 10 of fraction. Any thread. */
NEURON_API float
neuron_float16_to_float(uint16_t bits);

/* The upper half of a float32. Any thread. */
NEURON_API float
neuron_bfloat16_to_float(uint16_t bits);

/* The nearest number of each type; halves go to the even one, what is too large to infinity. Any
 * thread. */
NEURON_API uint16_t
neuron_float16_of(float number);
NEURON_API uint16_t
neuron_bfloat16_of(float number);

#ifdef __cplusplus
}
#endif

#endif
