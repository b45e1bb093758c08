/* SPDX-License-Identifier: Apache-2.0 */
/* The report of an import, while it is written. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_REPORT_H
#define NEURON_FRONTEND_ONNX_ONNX_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/onnx.h"

/* Makes an empty report; NULL when there is no memory. */
struct neuron_onnx_report *
neuron_onnx_report_create(void);

/* Notes a problem. Texts are cut to what fits, and what is not printable becomes a '?'. */
void
neuron_onnx_report_refuse(struct neuron_onnx_report *report, const char *name,
                          const char *operator_name, int64_t opset, const char *reason);

/* Says how many problems there were, those above the limit included. */
uint32_t
neuron_onnx_report_total(const struct neuron_onnx_report *report);

/* The entry of an operator, which is made where it is missing. Valid until the next call. */
struct neuron_onnx_operator_use *
neuron_onnx_report_use_of(struct neuron_onnx_report *report, const char *domain,
                          const char *operator_name);

/* Notes an open file beside the model that the import reads; false when there is no memory. */
NEURON_MUST_CHECK bool
neuron_onnx_report_note_file(struct neuron_onnx_report *report, int descriptor);

/* Says whether a path leads to one of those files, whatever it is called. */
bool
neuron_onnx_report_has_file(const struct neuron_onnx_report *report, const char *path);

/* Copies a text from a file: cut to the room, with '?' for what is not printable ASCII. */
void
neuron_onnx_copy_printable(char *to, size_t room_bytes, const char *from);

#endif
