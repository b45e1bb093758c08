/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_exit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc_print.h"
#include "engine/machine.h"
#include "frontend/onnx/onnx_report.h"

int
neuron_cc_fail(const struct neuron_error *error, int exit_status)
{
    (void)fprintf(stderr, "neuron-cc: %s\n", error->text);
    return exit_status;
}

int
neuron_cc_refuse(const char *path, const struct neuron_onnx_report *report,
                 const struct neuron_error *error)
{
    /* The error holds the first one. */
    if (report == NULL || neuron_onnx_report_problem_count(report) < 2) {
        return neuron_cc_fail(error, EXIT_FAILURE);
    }
    (void)fprintf(stderr, "neuron-cc: %s: %" PRIu32 " parts cannot be imported:\n", path,
                  neuron_onnx_report_total(report));
    neuron_cc_print_problems(stderr, report);
    return EXIT_FAILURE;
}

void
neuron_cc_note(const char *path, const char *text)
{
    (void)fprintf(stderr, "neuron-cc: note: %s: %s\n", path, text);
}

void
neuron_cc_note_machine(const char *path, const struct neuron_graph *graph)
{
    struct neuron_error lack = {.text = ""};

    if (neuron_machine_check_graph(graph, &lack) != NEURON_OK) {
        neuron_cc_note(path, lack.text);
    }
}

int
neuron_cc_finish_output(void)
{
    if (fflush(stdout) == EOF || ferror(stdout) != 0) {
        (void)fprintf(stderr, "neuron-cc: standard output cannot be written: %s\n",
                      strerrordesc_np(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
