/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of npy files, as neuron/npy.h has them, and with a word on what numpy has no name for. */
#ifndef NEURON_NPY_NPY_HEADER_H
#define NEURON_NPY_NPY_HEADER_H

#include "neuron/npy.h"

/* What '<V2' is taken for: two bytes without a meaning, as numpy writes bfloat16. */
enum neuron_npy_pairs { NEURON_NPY_PAIRS_ARE_REFUSED = 0, NEURON_NPY_PAIRS_ARE_BFLOAT16 };

/* As neuron_npy_parse(). */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_parse_header(const void *bytes, size_t size_bytes, enum neuron_npy_pairs pairs,
                        struct neuron_npy_description *description, struct neuron_error *error);

#endif
