/* SPDX-License-Identifier: Apache-2.0 */
/* What a program is made of, for those who run it. */
#ifndef NEURON_ENGINE_PROGRAM_BODY_H
#define NEURON_ENGINE_PROGRAM_BODY_H

#include "engine/plan_body.h"
#include "engine/program.h"

struct neuron_program {
    const struct neuron_plan *plan;
    struct neuron_gang *gang; /* of which it is the part of `core`; NULL for a program alone */
    uint32_t core;
    unsigned char *arena; /* of the gang, where there is one */
    struct neuron_charge charge;
    uint64_t charged_bytes;
    dnnl_stream_t stream;
    dnnl_memory_t *memories;     /* by buffer */
    void **addresses;            /* by storage */
    dnnl_exec_arg_t **arguments; /* by step of oneDNN, as the next two by step of our own */
    struct neuron_kernel_call *calls;
    struct neuron_tensor_view **views; /* of the inputs */
    uint32_t *moving;                  /* buffers of the caller's memory */
    uint32_t moving_count;
};

/* Points a program at the memory of a run. */
enum neuron_status
neuron_program_bind(struct neuron_program *program, void *const *inputs, void *const *outputs,
                    struct neuron_error *error);

/* Runs a step of a program that is bound. */
enum neuron_status
neuron_program_run_step(const struct neuron_program *program, uint32_t index,
                        struct neuron_error *error);

/* When a run that begins now has taken too long, by the clock's ticks; UINT64_MAX for never. */
uint64_t
neuron_program_find_deadline_ms(uint64_t timeout_ms);

/* Refuses a run that has taken too long after so many of its steps. */
enum neuron_status
neuron_program_refuse_late(uint32_t done, uint32_t step_count, uint64_t timeout_ms,
                           struct neuron_error *error);

#endif
