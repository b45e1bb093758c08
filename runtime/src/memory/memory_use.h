/* SPDX-License-Identifier: Apache-2.0 */
/* What the memory of a device is used for. */
#ifndef NEURON_MEMORY_MEMORY_USE_H
#define NEURON_MEMORY_MEMORY_USE_H

enum neuron_memory_use {
    NEURON_MEMORY_WEIGHTS = 0, /* packed, or where they lie in the file */
    NEURON_MEMORY_ARENA = 1,   /* values between the steps of a run */
    NEURON_MEMORY_STAGES = 2,  /* values between the stages of a pipeline */
    NEURON_MEMORY_BUFFER = 3,  /* tensors that the program allocated */
    NEURON_MEMORY_USES = 4
};

#endif
