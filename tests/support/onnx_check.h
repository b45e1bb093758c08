/* SPDX-License-Identifier: Apache-2.0 */
/* Imports of models that were built in memory, and assertions on what comes of them. */
#ifndef NEURON_TESTS_ONNX_CHECK_H
#define NEURON_TESTS_ONNX_CHECK_H

#include "frontend/onnx/onnx_import.h"
#include "onnx_builder.h"

/* Imports a model of this opset with these options; `report` may be NULL. */
enum neuron_status
onnx_import(struct onnx_model *model, int64_t opset, const struct neuron_onnx_options *options,
            struct neuron_graph **graph, struct neuron_onnx_report **report,
            struct neuron_error *error);

/* Imports a model, which it destroys; fails the test where that does not work. */
struct neuron_graph *
onnx_expect_graph(struct onnx_model *model, int64_t opset);

/* Fails the test unless the import, of a model that it destroys, refuses it with a problem of this
   operator that contains this text. */
void
onnx_expect_problem(struct onnx_model *model, int64_t opset, const char *operator_name,
                    const char *text);

/* Fails the test unless the graph has so many operators, and its only output this shape. */
void
onnx_expect_output(const struct neuron_graph *graph, uint32_t operator_count, const char *shape);

#endif
