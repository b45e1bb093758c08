/* SPDX-License-Identifier: Apache-2.0 */
/* Searches numbers for NaN. */
#ifndef NEURON_MODULE_NAN_SCAN_H
#define NEURON_MODULE_NAN_SCAN_H

#include <stdbool.h>

#include "neuron/tensor.h"

/* Says whether a dense tensor holds a NaN. Types that have none hold none. Any thread. */
bool
neuron_tensor_has_nan(const struct neuron_tensor_shape *shape, const void *elements);

#endif
