/* SPDX-License-Identifier: Apache-2.0 */
/* A conformance case, as tests/conformance/case_files.py writes it. */
#ifndef NEURON_CONFORMANCE_CASE_FILE_H
#define NEURON_CONFORMANCE_CASE_FILE_H

#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

enum { CASE_TENSOR_LIMIT = 16, CASE_PATH_BYTES = 512 };

struct case_tensor {
    struct neuron_tensor_spec spec;
    void *bytes;
};

/* How far a result may be from what is expected. */
struct case_tolerance {
    double absolute; /* |result - expected| <= absolute + relative * |expected| */
    double relative;
    double l2; /* of the difference, over that of what is expected; 0 to compare by elements */
};

/* What is read of a case's folder; the model is read by its user. */
struct case_file {
    char model_path[CASE_PATH_BYTES];
    struct case_tolerance tolerance;
    struct case_tensor inputs[CASE_TENSOR_LIMIT];
    uint32_t input_count;
    struct case_tensor outputs[CASE_TENSOR_LIMIT];
    uint32_t output_count;
};

/*
 * Reads the folder of a case.
 *
 * file  receives the case, which the caller closes, also after a failure.
 *
 * Returns NEURON_SYSTEM, NEURON_INVALID_SYNTAX or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
case_file_read(const char *folder, struct case_file *file, struct neuron_error *error);

/* Frees what was read. */
void
case_file_close(struct case_file *file);

#endif
