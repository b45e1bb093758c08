/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_check.h"

#include <string.h>

#include "check.h"

enum neuron_status
trace_one(neuron_trace_fn *function, const char *inputs, void *user, struct neuron_graph **graph,
          struct neuron_error *error)
{
    struct neuron_tensor_view tensors[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {.example_inputs = tensors, .output_count = 1};

    signature.input_count = parse_tensors(inputs, tensors);
    return neuron_trace(function, &signature, user, graph, error);
}

void
check_shape(neuron_trace_fn *record, const struct operator_choice *choice, const char *inputs,
            const char *expected)
{
    struct operator_arguments arguments = {0};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    char text[128];

    arguments.count = parse_tensors(inputs, arguments.tensors);
    arguments.input_count = arguments.count;
    assert_ok(trace_operator(record, choice, &arguments, &graph, &error), &error);
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_graph_output(graph, 0)->shape, text, sizeof(text)),
        expected);
    neuron_graph_destroy(graph);
}

void
check_refused(neuron_trace_fn *record, const struct operator_choice *choice, const char *inputs,
              const char *name)
{
    struct operator_arguments arguments = {0};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    arguments.count = parse_tensors(inputs, arguments.tensors);
    arguments.input_count = arguments.count;
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_operator(record, choice, &arguments, &graph, &error), &error);
    assert_null(graph);
    if (strcasestr(error.text, name) == NULL) {
        fail_msg("\"%s\" does not name the operator %s", error.text, name);
    }
    for (uint32_t i = 0; i < arguments.count && i < 2; i += 1) {
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&arguments.tensors[i]);
        char text[128];

        neuron_tensor_shape_format(&shape, text, sizeof(text));
        assert_contains(error.text, strchr(text, '['));
    }
}
