/* SPDX-License-Identifier: Apache-2.0 */
#include "onnx_check.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

enum neuron_status
onnx_import(struct onnx_model *model, int64_t opset, const struct neuron_onnx_options *options,
            struct neuron_graph **graph, struct neuron_onnx_report **report,
            struct neuron_error *error)
{
    onnx_finish(model, opset);
    const struct neuron_onnx_bytes file = {model->file.bytes, model->file.size_bytes,
                                           NEURON_ONNX_FOLDED_COST};
    return neuron_onnx_import_bytes(&file, options, graph, report, error);
}

struct neuron_graph *
onnx_expect_graph(struct onnx_model *model, int64_t opset)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(onnx_import(model, opset, NULL, &graph, NULL, &error), &error);
    onnx_destroy(model);
    return graph;
}

void
onnx_expect_problem(struct onnx_model *model, int64_t opset, const char *operator_name,
                    const char *text)
{
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};

    enum neuron_status status = onnx_import(model, opset, NULL, &graph, &report, &error);
    assert_int_not_equal(status, NEURON_OK);
    assert_null(graph);
    assert_non_null(report);
    const struct neuron_onnx_problem *found = NULL;
    for (uint32_t i = 0; i < neuron_onnx_report_problem_count(report); i += 1) {
        const struct neuron_onnx_problem *problem = neuron_onnx_report_problem(report, i);

        found = strcmp(problem->operator_name, operator_name) == 0 ? problem : found;
    }
    if (found == NULL) {
        (void)fprintf(stderr, "no problem of %s: %s\n", operator_name, error.text);
    }
    assert_non_null(found);
    assert_contains(found->reason, text);
    neuron_onnx_report_destroy(report);
    onnx_destroy(model);
}

void
onnx_expect_output(const struct neuron_graph *graph, uint32_t operator_count, const char *shape)
{
    char text[96] = "";

    assert_int_equal(neuron_graph_output_count(graph), 1);
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_graph_output(graph, 0)->shape, text, sizeof(text)),
        shape);
    assert_int_equal(neuron_graph_operator_count(graph), operator_count);
}
