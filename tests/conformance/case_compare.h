/* SPDX-License-Identifier: Apache-2.0 */
/* Compares a result with what a case expects. */
#ifndef NEURON_CONFORMANCE_CASE_COMPARE_H
#define NEURON_CONFORMANCE_CASE_COMPARE_H

#include "case_file.h"

/*
 * Floats may differ as the tolerance says (bfloat16 by one unit in its last place, as the
 * collection cuts off where everybody rounds), or be NaN or the same infinity on both sides;
 * integers and bool are equal.
 *
 * result  as many elements as are expected, of the same type.
 *
 * Returns NEURON_NUMERICAL_ERROR, with how many elements differ, and the first one.
 */
NEURON_MUST_CHECK enum neuron_status
case_compare(const struct case_tensor *expected, const void *result,
             const struct case_tolerance *tolerance, struct neuron_error *error);

#endif
