/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products by Einstein's convention, in a traced function. */
#ifndef NEURON_TRACE_EINSUM_H
#define NEURON_TRACE_EINSUM_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Multiplies values whose dimensions have letters for names, "bij,bjk->bik", and sums over the
 * letters that the result does not have. "..." stands for any dimensions, which are the same in all
 * terms that have it; a letter twice in a term is its diagonal. Without "->" the result has "...",
 * then the letters that occur once, in their order.
 *
 * Returns an invalid value, and the trace fails, for an equation that does not parse or does not go
 * with the shapes.
 */
NEURON_API struct neuron_value
neuron_einsum(struct neuron_trace *trace, const char *equation, const struct neuron_value *inputs,
              uint32_t input_count);

#ifdef __cplusplus
}
#endif

#endif
