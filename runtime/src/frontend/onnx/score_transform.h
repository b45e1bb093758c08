/* SPDX-License-Identifier: Apache-2.0 */
/* What a model of ai.onnx.ml makes of its scores. */
#ifndef NEURON_FRONTEND_ONNX_SCORE_TRANSFORM_H
#define NEURON_FRONTEND_ONNX_SCORE_TRANSFORM_H

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/onnx_call.h"
#include "neuron/trace_tabular.h"

/* Reads the attribute "post_transform". */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_score_transform(const struct neuron_onnx_call *call,
                            enum neuron_score_transform *transform);

/* Reads the labels of a classifier from this attribute: integers, one at least. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_score_labels(const struct neuron_onnx_call *call, const char *name,
                         struct neuron_onnx_integers *labels);

#endif
