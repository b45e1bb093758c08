/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_calibration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc_exit.h"
#include "engine/kernels/reals.h"
#include "frontend/onnx/onnx_report.h"
#include "graph/graph_body.h"

/* Finds the rows that were given for an input: by its name, or the only ones for the only input. */
static const struct neuron_tensor_view *
find_rows(const struct neuron_cc_options *options, const struct neuron_graph *graph,
          const struct neuron_cc_arrays *arrays, const char *name)
{
    for (uint32_t i = 0; i < options->array_file_count; i += 1) {
        const char *input = options->array_files[i].input;

        if (strcmp(input, name) == 0 ||
            (input[0] == '\0' && options->array_file_count == 1 && graph->input_count == 1)) {
            return &arrays->views[i];
        }
    }
    return NULL;
}

/* Refuses a file for an input that there is not. One without a name is for the only input. */
static enum neuron_status
check_names(const struct neuron_cc_options *options, const struct neuron_graph *graph,
            struct neuron_error *error)
{
    for (uint32_t i = 0; i < options->array_file_count; i += 1) {
        const char *name = options->array_files[i].input;
        uint32_t input = 0;

        while (input < graph->input_count && strcmp(graph->inputs[input].spec.name, name) != 0) {
            input += 1;
        }
        if (input == graph->input_count && name[0] != '\0') {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "--calibrate: there is no input %.60s; see neuron-cc info", name);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_cc_calibration_open(const struct neuron_cc_options *options,
                           const struct neuron_graph *graph,
                           struct neuron_cc_calibration *calibration, struct neuron_error *error)
{
    *calibration = (struct neuron_cc_calibration){.views = NULL};
    if (options->array_file_count == 0) {
        return NEURON_OK;
    }
    enum neuron_status status = check_names(options, graph, error);
    if (status == NEURON_OK) {
        status = neuron_cc_arrays_load(options, &calibration->arrays, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    calibration->views = calloc((size_t)graph->input_count + 1, sizeof(*calibration->views));
    if (calibration->views == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for rows");
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        const char *name = graph->inputs[i].spec.name;
        const struct neuron_tensor_view *rows =
            find_rows(options, graph, &calibration->arrays, name);

        if (rows == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "--calibrate: there are no rows for the input %.60s; give "
                               "--calibrate NAME=FILE.npy for each input",
                               name);
        }
        calibration->views[i] = *rows;
    }
    return NEURON_OK;
}

/* Whole numbers may well be zeros alone: a mask, or the kinds of words. */
static bool
is_zeros_of_reals(const struct neuron_tensor_view *view)
{
    int64_t count = neuron_view_count(view);
    bool is_zeros = view->type == NEURON_FLOAT32 || view->type == NEURON_FLOAT64 ||
                    view->type == NEURON_FLOAT16 || view->type == NEURON_BFLOAT16;

    for (int64_t i = 0; is_zeros && i < count; i += 1) {
        double number = 0.0;

        neuron_reals_load(view, i, 1, &number);
        is_zeros = number == 0.0;
    }
    return is_zeros;
}

void
neuron_cc_calibration_note_zeros(const struct neuron_cc_calibration *calibration,
                                 const struct neuron_graph *graph, const char *path)
{
    for (uint32_t i = 0; calibration->views != NULL && i < graph->input_count; i += 1) {
        if (is_zeros_of_reals(&calibration->views[i])) {
            char name[NEURON_NAME_LIMIT_BYTES] = "";
            char text[NEURON_ERROR_TEXT_BYTES] = "";

            neuron_onnx_copy_printable(name, sizeof(name), graph->inputs[i].spec.name);
            (void)snprintf(
                text, sizeof(text),
                "all rows of --calibrate for the input %.60s are zeros, which say nothing "
                "of how large its numbers become: give rows as runs have them",
                name);
            neuron_cc_note(path, text);
        }
    }
}

int64_t
neuron_cc_calibration_row_count(const struct neuron_cc_calibration *calibration,
                                const struct neuron_graph *graph)
{
    uint32_t input = 0;

    while (input < graph->input_count &&
           (graph->inputs[input].is_shared || graph->inputs[input].spec.shape.rank == 0)) {
        input += 1;
    }
    return calibration->views == NULL || input == graph->input_count
               ? 0
               : calibration->views[input].shape[0];
}

void
neuron_cc_calibration_close(struct neuron_cc_calibration *calibration)
{
    free(calibration->views);
    neuron_cc_arrays_close(&calibration->arrays);
    calibration->views = NULL;
}
