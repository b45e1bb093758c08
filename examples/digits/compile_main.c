/* SPDX-License-Identifier: Apache-2.0 */
/* digits-compile: traces the trained network, and compiles it to a NEFF file. */
#include "neuron/compiler.h"
#include "neuron/trace.h"

#include "command_line.h"
#include "weights.h"

static const char usage[] = "usage: digits-compile --weights FILE --output FILE [--batch N]\n"
                            "\n"
                            "Compiles the network: images [N,1,S,S] in, probabilities [N,10] out.\n"
                            "\n"
                            "  --weights FILE  what digits-train wrote\n"
                            "  --output FILE   the compiled model, a NEFF file\n"
                            "  --batch N       rows of one run (32)\n";

struct compile_job {
    const char *weights_path, *output_path;
    uint64_t batch_rows;
};

/* Makes a trained tensor part of the model. */
static struct neuron_value
constant_of(struct neuron_trace *trace, const struct digits_weights *weights,
            enum digits_tensor_index index)
{
    const struct digits_tensor *tensor = &weights->tensors[index];
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32,
                                      .rank = tensor->rank,
                                      .data = digits_weights_tensor(weights, index)};

    for (uint32_t i = 0; i < tensor->rank; i += 1) {
        view.shape[i] = tensor->dims[i];
    }
    return neuron_constant(trace, &view);
}

/* The network of weights.h, in the words of neuron/trace.h. `user` is the weights. */
static enum neuron_status
trace_network(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct digits_weights *weights = user;
    const struct neuron_conv2d_options padded = {.pads = {1, 1, 1, 1}};
    const struct neuron_pool2d_options halves = {.kernel = {2, 2}, .strides = {2, 2}};
    const struct neuron_gemm_options rows_by_rows = {
        .alpha = 1.0f, .beta = 1.0f, .transpose_b = true};
    struct neuron_value parameters[DIGITS_TENSOR_COUNT];
    struct neuron_value x = inputs[0];

    for (int i = 0; i < DIGITS_TENSOR_COUNT; i += 1) {
        parameters[i] = constant_of(trace, weights, (enum digits_tensor_index)i);
    }
    x = neuron_conv2d(trace, x, parameters[DIGITS_CONVOLUTION_1_WEIGHTS],
                      parameters[DIGITS_CONVOLUTION_1_BIAS], &padded);
    x = neuron_max_pool2d(trace, neuron_relu(trace, x), &halves);
    x = neuron_conv2d(trace, x, parameters[DIGITS_CONVOLUTION_2_WEIGHTS],
                      parameters[DIGITS_CONVOLUTION_2_BIAS], &padded);
    x = neuron_max_pool2d(trace, neuron_relu(trace, x), &halves);
    x = neuron_flatten(trace, x, 1);
    x = neuron_gemm(trace, x, parameters[DIGITS_HIDDEN_WEIGHTS], parameters[DIGITS_HIDDEN_BIAS],
                    &rows_by_rows);
    x = neuron_relu(trace, x);
    x = neuron_gemm(trace, x, parameters[DIGITS_SCORE_WEIGHTS], parameters[DIGITS_SCORE_BIAS],
                    &rows_by_rows);
    outputs[0] = neuron_softmax(trace, x, -1);
    return neuron_trace_status(trace);
}

static enum neuron_status
compile(const struct compile_job *job, struct digits_weights *weights, struct neuron_error *error)
{
    const struct neuron_tensor_view images = {
        .type = NEURON_FLOAT32,
        .rank = 4,
        .shape = {(int64_t)job->batch_rows, 1, weights->shape.image_side,
                  weights->shape.image_side},
    };
    const char *const input_names[] = {"images"};
    const char *const output_names[] = {"probabilities"};
    const struct neuron_trace_signature signature = {.example_inputs = &images,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};
    const struct neuron_compiler_options options = {.model_name = "digits"};
    struct neuron_graph *graph = NULL;

    enum neuron_status status = neuron_trace(trace_network, &signature, weights, &graph, error);
    if (status == NEURON_OK) {
        status = neuron_compile(graph, &options, job->output_path, error);
    }
    neuron_graph_destroy(graph);
    return status;
}

static bool
run(const struct compile_job *job, struct digits_error *error)
{
    struct digits_weights weights = {.values = NULL};
    struct neuron_error reason;
    bool is_done = false;

    if (digits_weights_load(job->weights_path, &weights, error)) {
        is_done = compile(job, &weights, &reason) == NEURON_OK;
        if (!is_done) {
            digits_error_set(error, "%s", reason.text);
        }
    }
    digits_weights_clear(&weights);
    return is_done;
}

int
main(int argc, char **argv)
{
    struct compile_job job = {.batch_rows = 32};
    const struct digits_option options[] = {
        {.name = "--weights", .text = &job.weights_path, .is_required = true},
        {.name = "--output", .text = &job.output_path, .is_required = true},
        {.name = "--batch", .number = &job.batch_rows, .number_least = 1, .number_most = 4096},
    };
    const struct digits_command_line line = {"digits-compile", usage, options,
                                             sizeof(options) / sizeof(options[0])};
    struct digits_error error = {.text = ""};

    enum digits_request request = digits_command_line_parse(&line, argc, argv, &error);
    if (request != DIGITS_RUN) {
        return digits_command_line_end(&line, request, &error);
    }
    if (!run(&job, &error)) {
        return digits_command_line_fail(&line, &error);
    }
    return DIGITS_EXIT_DONE;
}
