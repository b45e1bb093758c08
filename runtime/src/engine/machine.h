/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine's cores can do, as far as it decides how a graph is computed. */
#ifndef NEURON_ENGINE_MACHINE_H
#define NEURON_ENGINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/* The instructions that oneDNN uses here; DNNL_MAX_CPU_ISA in the environment allows it fewer. */
enum neuron_instructions
neuron_machine_instructions(void);

/*
 * Says whether this machine has all that a graph was compiled for. It runs in any case.
 *
 * error  receives on "no" what is lacking, and what that means. May be NULL.
 *
 * Returns NEURON_OK for "yes", or NEURON_UNSUPPORTED_MODEL.
 */
enum neuron_status
neuron_machine_check_graph(const struct neuron_graph *graph, struct neuron_error *error);

/* Says whether there are kernels for a precision here. Without, a node is computed in float32. */
bool
neuron_machine_has_precision(enum neuron_precision precision);

/* Writes down the model of the processor, without its instructions: "x86_64 AuthenticAMD 25.17.1".
 */
void
neuron_machine_name_model(char *text, size_t size_bytes);

/*
 * Writes down the kind of processor: equal texts are equally fast at the same kernels.
 * "x86_64 AuthenticAMD 25.17.1 avx512-bf16".
 */
void
neuron_machine_name_processor(char *text, size_t size_bytes);

#endif
