/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is written lies apart from all else. */
#ifndef NEURON_DP_TENSOR_OVERLAP_H
#define NEURON_DP_TENSOR_OVERLAP_H

#include "neuron/data_parallel.h"
#include "neuron/status.h"

#include "program_specs.h"

/*
 * Checks that no output shares a byte with an input or another output: cores write and read them at
 * the same time, in no order. Inputs may overlap each other.
 *
 * tensors  as many as the specs have, with shapes whose bytes fit a size_t.
 *
 * Returns NEURON_INVALID_ARGUMENT with the two tensors.
 */
enum neuron_status
neuron_batch_tensors_check_disjoint(const struct neuron_batch_tensors *tensors,
                                    const struct neuron_program_specs *specs,
                                    struct neuron_error *error);

#endif
