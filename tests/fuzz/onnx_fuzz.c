/* SPDX-License-Identifier: Apache-2.0 */
/* A whole ONNX file in memory: imported models hold together and run, refused ones say why. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "frontend/onnx/onnx_import.h"
#include "graph/graph_body.h"
#include "graph_run.h"

enum { LIMIT_BYTES = 1 << 16, FOLDED_BYTES = 1 << 22 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "onnx_fuzz: %s\n", what);
        abort();
    }
}

/* Every constant has all of its bytes, and every node reads what comes before it. */
static void
check_graph(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);
        const volatile unsigned char *constant = value->constant;

        require((value->origin == NEURON_VALUE_CONSTANT) == (constant != NULL),
                "a constant without bytes");
        if (constant != NULL && size_bytes > 0) {
            (void)constant[0];
            (void)constant[size_bytes - 1];
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        for (uint32_t j = 0; j < graph->nodes[i].input_count; j += 1) {
            require(graph->nodes[i].inputs[j] < graph->value_count, "an input that is no value");
        }
    }
}

/* Imports a file with a batch, or without one where it fixes all numbers of rows. */
static enum neuron_status
import(const struct neuron_onnx_bytes *file, struct neuron_graph **graph,
       struct neuron_onnx_report **report, struct neuron_error *error)
{
    const struct neuron_onnx_options options = {.batch = 2};

    enum neuron_status status = neuron_onnx_import_bytes(file, &options, graph, report, error);
    if (status == NEURON_INVALID_ARGUMENT) {
        neuron_onnx_report_destroy(*report);
        *report = NULL;
        status = neuron_onnx_import_bytes(file, NULL, graph, report, error);
    }
    return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    const struct neuron_onnx_bytes file = {bytes, size_bytes, FOLDED_BYTES};
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};

    if (size_bytes > LIMIT_BYTES) {
        return 0;
    }
    enum neuron_status status = import(&file, &graph, &report, &error);
    if (status == NEURON_OK) {
        check_graph(graph);
        graph_run(graph, (uint32_t)size_bytes);
    } else {
        require(error.status == status && error.text[0] != '\0', "a refusal without a reason");
    }
    neuron_graph_destroy(graph);
    neuron_onnx_report_destroy(report);
    return 0;
}
