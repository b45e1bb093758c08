/* SPDX-License-Identifier: Apache-2.0 */
/* What nrt_init() asks the machine for, in words and numbers. */
#ifndef NEURON_NRT_MACHINE_H
#define NEURON_NRT_MACHINE_H

#include "nrt/libnrt.h"

/* Logs why the cores could not be had, in the form that the original has. Returns NRT_FAILURE. */
NRT_STATUS
libnrt_refuse_cores(const struct neuron_runtime_options *options, const struct neuron_error *error);

#endif
