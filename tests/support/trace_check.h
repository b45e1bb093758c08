/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions on what one operator makes of its inputs' shapes. */
#ifndef NEURON_TESTS_TRACE_CHECK_H
#define NEURON_TESTS_TRACE_CHECK_H

#include "traced_operators.h"

/* Traces a function over inputs given as text, with one output. */
enum neuron_status
trace_one(neuron_trace_fn *function, const char *inputs, void *user, struct neuron_graph **graph,
          struct neuron_error *error);

/* Fails the test unless an operator over these inputs gives this type and shape. */
void
check_shape(neuron_trace_fn *record, const struct operator_choice *choice, const char *inputs,
            const char *expected);

/* Fails the test unless an operator refuses these inputs, and names itself and the first two. */
void
check_refused(neuron_trace_fn *record, const struct operator_choice *choice, const char *inputs,
              const char *name);

#endif
