/* SPDX-License-Identifier: Apache-2.0 */
#include "case_model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "neuron/compiler.h"
#include "neuron/onnx.h"

/* Writes the first problem as a line of its own, without the path that the error starts with. */
static void
name_problem(const struct neuron_onnx_report *report, struct neuron_error *error)
{
    const uint32_t count = report != NULL ? neuron_onnx_report_problem_count(report) : 0;

    if (count > 0) {
        const struct neuron_onnx_problem *problem = neuron_onnx_report_problem(report, 0);

        neuron_error_set(error, error->status, "%.40s %.40s: %s%s", problem->operator_name,
                         problem->name, problem->reason, count > 1 ? " (and more)" : "");
    }
}

/* Imports the model with the shapes of the inputs, and compiles it to the path. */
static enum neuron_status
compile_model(const struct case_file *file, const char *path, struct neuron_error *error)
{
    struct neuron_onnx_input_shape shapes[CASE_TENSOR_LIMIT] = {0};
    const struct neuron_onnx_options options = {.shapes = shapes, .shape_count = file->input_count};
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;

    for (uint32_t i = 0; i < file->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = &file->inputs[i].spec;

        shapes[i].input = spec->name;
        shapes[i].rank = spec->shape.rank;
        memcpy(shapes[i].dims, spec->shape.dims, sizeof(shapes[i].dims));
    }
    enum neuron_status status =
        neuron_onnx_import(file->model_path, &options, &graph, &report, error);
    if (status == NEURON_OK) {
        status = neuron_compile(graph, NULL, path, error);
    } else {
        name_problem(report, error);
    }
    neuron_onnx_report_destroy(report);
    neuron_graph_destroy(graph);
    return status;
}

enum neuron_status
case_model_load(const struct case_file *file, const char *scratch, struct neuron_model **model,
                struct neuron_error *error)
{
    char path[CASE_PATH_BYTES];
    int length = snprintf(path, sizeof(path), "%s/model-%d.neff", scratch, (int)getpid());

    if (length < 0 || length >= CASE_PATH_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: the path is too long", scratch);
    }
    enum neuron_status status = compile_model(file, path, error);
    if (status == NEURON_OK) {
        status = neuron_model_load(path, model, error);
    }
    (void)unlink(path);
    return status;
}
