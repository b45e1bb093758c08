/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cc_bench.h"
#include "cc_buckets.h"
#include "cc_command_line.h"
#include "cc_compile.h"
#include "cc_exit.h"
#include "cc_model.h"
#include "cc_print.h"
#include "cc_run.h"
#include "frontend/onnx/onnx_report.h"
#include "neff/neff_file.h"

static int
analyze(const struct neuron_cc_options *options)
{
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};
    int exit_status = EXIT_SUCCESS;

    enum neuron_status status = neuron_cc_import(options, &graph, &report, &error);
    if (report != NULL && neuron_onnx_report_use_count(report) > 0) {
        neuron_cc_print_uses(stdout, report);
    }
    exit_status = neuron_cc_finish_output();
    if (status != NEURON_OK) {
        exit_status = neuron_cc_refuse(options->model_path, report, &error);
    }
    neuron_graph_destroy(graph);
    neuron_onnx_report_destroy(report);
    return exit_status;
}

/* Prints what is in an ONNX file. */
static int
show_onnx(const struct neuron_cc_options *options)
{
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};
    int exit_status = EXIT_SUCCESS;

    if (neuron_cc_import(options, &graph, &report, &error) != NEURON_OK) {
        exit_status = neuron_cc_refuse(options->model_path, report, &error);
    } else {
        neuron_cc_print_graph(stdout, graph, NULL);
        neuron_cc_print_operators(stdout, graph);
        exit_status = neuron_cc_finish_output();
    }
    neuron_graph_destroy(graph);
    neuron_onnx_report_destroy(report);
    return exit_status;
}

/* Prints what is in a compiled file. */
static int
show_neff(const struct neuron_cc_options *options)
{
    struct neuron_neff_file file = {0};
    struct neuron_error error = {0};
    char name[NEURON_NAME_LIMIT_BYTES] = "";

    if (neuron_neff_read(options->model_path, &file, &error) != NEURON_OK) {
        return neuron_cc_fail(&error, EXIT_FAILURE);
    }
    neuron_onnx_copy_printable(name, sizeof(name), file.name);
    (void)printf("name      %s\n", name);
    neuron_cc_print_graph(stdout, file.graph, NULL);
    neuron_cc_print_buckets(stdout, file.graph);
    neuron_cc_print_choices(stdout, file.graph);
    neuron_cc_print_load_order(stdout, file.graph);
    neuron_cc_print_batch(stdout, file.graph);
    neuron_cc_print_operators(stdout, file.graph);
    neuron_neff_close(&file);
    return neuron_cc_finish_output();
}

static int
show_info(const struct neuron_cc_options *options)
{
    return neuron_cc_is_onnx(options->model_path) ? show_onnx(options) : show_neff(options);
}

static int
run(const struct neuron_cc_options *options)
{
    switch (options->request) {
    case NEURON_CC_COMPILE:
        return neuron_cc_compile(options);
    case NEURON_CC_INFO:
        return show_info(options);
    case NEURON_CC_ANALYZE:
        return analyze(options);
    case NEURON_CC_RUN:
        return neuron_cc_run(options);
    case NEURON_CC_BENCH:
        return neuron_cc_bench(options);
    case NEURON_CC_SHOW_HELP:
        (void)fputs(neuron_cc_help, stdout);
        return neuron_cc_finish_output();
    case NEURON_CC_SHOW_VERSION:
        (void)puts("neuron-cc " NEURON_VERSION);
        return neuron_cc_finish_output();
    case NEURON_CC_NOTHING:
        break;
    }
    return NEURON_CC_EXIT_USAGE;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_cc_options options = {0};
    struct neuron_error error = {0};

    enum neuron_status status =
        neuron_cc_options_parse(argument_count, arguments, &options, &error);
    if (status != NEURON_OK) {
        return neuron_cc_fail(&error, status == NEURON_INVALID_SYNTAX ? NEURON_CC_EXIT_USAGE
                                                                      : EXIT_FAILURE);
    }
    int exit_status = run(&options);
    neuron_cc_options_destroy(&options);
    return exit_status;
}
