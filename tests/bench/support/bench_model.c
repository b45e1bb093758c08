/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_model.h"

#include <stdlib.h>
#include <unistd.h>

struct neuron_value
record_weights(struct neuron_trace *trace, struct neuron_tensor_view view)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&view);
    struct neuron_value value = {0};
    size_t count = neuron_tensor_shape_size_bytes(&shape) / sizeof(float);
    float *numbers = calloc(count, sizeof(*numbers));

    if (numbers == NULL) {
        return value;
    }
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = (float)(i % 17) / 170.0F - 0.04F;
    }
    view.data = numbers;
    value = neuron_constant(trace, &view);
    free(numbers);
    return value;
}

static enum neuron_status
compile_to(neuron_trace_fn *function, const struct neuron_trace_signature *signature, void *user,
           const struct neuron_compiler_options *options, char *path, struct neuron_error *error)
{
    struct neuron_graph *graph = NULL;
    int file = mkstemp(path);

    if (file < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make a file such as %s", path);
    }
    (void)close(file);
    enum neuron_status status = neuron_trace(function, signature, user, &graph, error);
    if (status == NEURON_OK) {
        status = neuron_compile(graph, options, path, error);
    }
    neuron_graph_destroy(graph);
    return status;
}

enum neuron_status
compile_bench_model(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                    void *user, char *path, struct neuron_error *error)
{
    return compile_to(function, signature, user, NULL, path, error);
}

enum neuron_status
load_bench_model_with(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                      void *user, const struct neuron_compiler_options *options,
                      struct neuron_model **model, struct neuron_error *error)
{
    char path[] = BENCH_MODEL_PATH;
    enum neuron_status status = compile_to(function, signature, user, options, path, error);

    if (status == NEURON_OK) {
        status = neuron_model_load(path, model, error);
    }
    (void)unlink(path);
    return status;
}

enum neuron_status
load_bench_model(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                 void *user, struct neuron_model **model, struct neuron_error *error)
{
    return load_bench_model_with(function, signature, user, NULL, model, error);
}
