/* SPDX-License-Identifier: Apache-2.0 */
/* From a C function to a compiled model in one call. */
#ifndef NEURON_TRACE_MODEL_H
#define NEURON_TRACE_MODEL_H

#include "neuron/compiler.h"
#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every field may be left zero. Borrowed for the call. */
struct neuron_trace_options {
    const char *compiler_workdir;     /* keeps the graph after each pass, readable; is made */
    const char *const *compiler_args; /* as of neuron-cc compile: "--name", "bert" */
    uint32_t compiler_arg_count;
};

/*
 * Traces a function, and compiles what was recorded to a NEFF file, which neuron_model_load()
 * loads: neuron_trace() and neuron_compile() in one.
 *
 * user     handed to the function. May be NULL.
 * options  May be NULL for all defaults.
 * path     where to write; a file of that name is replaced.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX for a compiler argument that there is not, NEURON_INVALID_ARGUMENT
 * when both the arguments and the options name a folder, NEURON_SYSTEM when the file or the folder
 * cannot be written, and what neuron_trace() returns.
 * Any thread. Blocks while it writes.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_trace_compile(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                     void *user, const struct neuron_trace_options *options, const char *path,
                     struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif
