/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_model.h"

#include "compiler/compiler_args.h"

enum neuron_status
neuron_trace_compile(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                     void *user, const struct neuron_trace_options *options, const char *path,
                     struct neuron_error *error)
{
    struct neuron_compiler_options compiler = {.model_name = NULL};
    struct neuron_graph *graph = NULL;
    enum neuron_status status = NEURON_OK;

    if (options != NULL) {
        status = neuron_compiler_args_parse(options->compiler_args, options->compiler_arg_count,
                                            &compiler, error);
    }
    if (status == NEURON_OK && options != NULL && options->compiler_workdir != NULL) {
        if (compiler.dump_folder != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "--dump-passes %.60s and the work directory %.60s: give one",
                               compiler.dump_folder, options->compiler_workdir);
        }
        compiler.dump_folder = options->compiler_workdir;
    }
    if (status == NEURON_OK) {
        status = neuron_trace(function, signature, user, &graph, error);
    }
    if (status == NEURON_OK) {
        status = neuron_compile(graph, &compiler, path, error);
    }
    neuron_graph_destroy(graph);
    return status;
}
