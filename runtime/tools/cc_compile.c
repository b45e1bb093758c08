/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_compile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc_buckets.h"
#include "cc_calibration.h"
#include "cc_exit.h"
#include "cc_memory.h"
#include "cc_print.h"
#include "cc_same_file.h"
#include "cc_weights.h"
#include "compiler/compile_graph.h"
#include "compiler/deviation.h"
#include "engine/program.h"
#include "neff/neff_file.h"
#include "neuron/clock.h"

/* A compilation under way. */
struct compilation {
    const struct neuron_cc_options *options;
    struct neuron_compiler_options compiler;
    struct neuron_cc_imports imports;
    const struct neuron_graph *graph; /* the largest that was imported */
    char *weights_path;               /* NULL where weights stay in the file */
    struct neuron_cc_calibration calibration;
    uint64_t taken_ns;
};

enum neuron_status
neuron_cc_import(const struct neuron_cc_options *options, struct neuron_graph **graph,
                 struct neuron_onnx_report **report, struct neuron_error *error)
{
    const struct neuron_onnx_options shapes = {.batch = options->batch,
                                               .shapes = options->shapes,
                                               .shape_count = options->shape_count,
                                               .shared_inputs = options->shared_inputs,
                                               .shared_input_count = options->shared_input_count};

    return neuron_onnx_import(options->model_path, &shapes, graph, report, error);
}

/* Prints how far the compiled graph is from one in float32 alone. */
static enum neuron_status
print_deviation(const struct compilation *compilation, const struct neuron_graph *compiled,
                struct neuron_error *error)
{
    const struct neuron_compiler_options exact_options = {.optimization_level = 1};
    struct neuron_graph *exact = NULL;
    struct neuron_deviation deviation = {0};

    enum neuron_status status =
        neuron_compile_graph(compilation->graph, &exact_options, &exact, error);
    if (status == NEURON_OK) {
        status = neuron_deviation_measure(exact, compiled, compilation->calibration.views,
                                          &deviation, error);
    }
    if (status == NEURON_OK) {
        (void)printf("deviation %.3g at most, %.2g of the length of an output, on ",
                     deviation.largest, deviation.relative);
        if (compilation->calibration.views == NULL) {
            (void)puts("made-up rows");
        } else {
            (void)printf("the %lld rows of --calibrate, to which it is fitted\n",
                         (long long)neuron_cc_calibration_row_count(&compilation->calibration,
                                                                    compilation->graph));
        }
    }
    neuron_graph_destroy(exact);
    return status;
}

/* Says so where the cores of a wide model have nothing to do together. */
static void
note_split(const struct compilation *compilation, const struct neuron_graph *compiled,
           const struct neuron_plan *plan)
{
    bool has_int8 = false;

    for (uint32_t i = 0; i < compiled->node_count; i += 1) {
        has_int8 |= compiled->nodes[i].attributes.precision == NEURON_PRECISION_INT8;
    }
    if (compiled->split.kind == NEURON_SPLIT_KIND_WIDE && !neuron_plan_is_shared_by_cores(plan)) {
        neuron_cc_note(compilation->options->output_path,
                       has_int8 ? "layers of int8 are not cut, and no other is large enough: one "
                                  "core does all of a run; compile it for one, or as a pipeline"
                                : "no layer is large enough to be cut, and one core does all of a "
                                  "run: compile it for one, or as a pipeline");
    }
}

/* Prints what a core needs to run the graph of the compiled file, of buckets the largest, and what
   comes of it where it can run here. */
static enum neuron_status
print_plan(const struct compilation *compilation, const struct neuron_graph *compiled,
           struct neuron_error *error)
{
    struct neuron_plan *plan = NULL;
    struct neuron_error lack = {.text = ""};
    size_t arena_bytes = 0;
    enum neuron_status status = neuron_plan_outline(compiled, &plan, error);

    if (status != NEURON_OK) {
        return status;
    }
    arena_bytes = neuron_plan_arena_bytes(plan);
    (void)printf("arena     %zu bytes a core\n", arena_bytes);
    note_split(compilation, compiled, plan);
    neuron_plan_destroy(plan);
    if (neuron_cc_check_memory(compiled, arena_bytes, &lack) != NEURON_OK) {
        neuron_cc_note(compilation->options->output_path, lack.text);
        return NEURON_OK;
    }
    return compilation->compiler.auto_cast != NEURON_AUTO_CAST_NONE
               ? print_deviation(compilation, compiled, error)
               : NEURON_OK;
}

/* Prints the same for a file without its weights, of what it becomes when it is given those that it
   was compiled with: only then it is folded. */
static enum neuron_status
print_later_plan(const struct compilation *compilation, struct neuron_error *error)
{
    struct neuron_compiler_options whole = compilation->compiler;
    struct neuron_graph *compiled = NULL;

    whole.weights_apart = false;
    whole.dump_folder = NULL;
    enum neuron_status status = neuron_compile_graph(compilation->graph, &whole, &compiled, error);
    if (status == NEURON_OK) {
        status = print_plan(compilation, compiled, error);
    }
    neuron_graph_destroy(compiled);
    return status;
}

/* Prints what stands in the compiled file, beside what was imported. */
static enum neuron_status
print_compiled(const struct compilation *compilation, struct neuron_error *error)
{
    struct neuron_neff_file file = {0};
    enum neuron_status status = neuron_neff_read(compilation->options->output_path, &file, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_cc_note_machine(compilation->options->output_path, file.graph);
    neuron_cc_calibration_note_zeros(&compilation->calibration, compilation->graph,
                                     compilation->options->output_path);
    neuron_cc_print_graph(stdout, file.graph, compilation->graph);
    neuron_cc_print_buckets(stdout, file.graph);
    status = compilation->compiler.weights_apart ? print_later_plan(compilation, error)
                                                 : print_plan(compilation, file.graph, error);
    (void)printf("compiled  in %.2f s\n", (double)compilation->taken_ns / 1e9);
    neuron_neff_close(&file);
    return status;
}

/* Finds where the files go, neither of which is one that is read. */
static enum neuron_status
choose_paths(struct compilation *compilation, struct neuron_error *error)
{
    const struct neuron_cc_options *options = compilation->options;
    const struct neuron_onnx_report *report = compilation->imports.report;
    enum neuron_status status = neuron_cc_weights_path(options, &compilation->weights_path, error);

    if (status == NEURON_OK) {
        status = neuron_cc_check_output(options, report, options->output_path, error);
    }
    if (status == NEURON_OK && compilation->weights_path != NULL) {
        status = neuron_cc_check_output(options, report, compilation->weights_path, error);
    }
    compilation->compiler.weights_path = compilation->weights_path;
    return status;
}

/* Compiles what was imported, to one file or to two. */
static enum neuron_status
compile_imported(struct compilation *compilation, struct neuron_error *error)
{
    const struct neuron_cc_imports *imports = &compilation->imports;

    compilation->graph = neuron_cc_imports_largest(imports);
    enum neuron_status status = choose_paths(compilation, error);
    if (status == NEURON_OK) {
        status = neuron_cc_calibration_open(compilation->options, compilation->graph,
                                            &compilation->calibration, error);
    }
    compilation->compiler.calibration = compilation->calibration.views;
    if (status == NEURON_OK) {
        status = neuron_compile_buckets((const struct neuron_graph *const *)imports->graphs,
                                        imports->count, &compilation->compiler,
                                        compilation->options->output_path, error);
    }
    return status;
}

int
neuron_cc_compile(const struct neuron_cc_options *options)
{
    struct compilation compilation = {.options = options, .compiler = options->compiler};
    struct neuron_error error = {0};
    uint64_t begin_ns = neuron_clock_ns();
    int exit_status = EXIT_SUCCESS;

    enum neuron_status status = neuron_cc_imports_open(options, &compilation.imports, &error);
    if (status != NEURON_OK) {
        exit_status = neuron_cc_refuse(options->model_path, compilation.imports.report, &error);
    } else {
        status = compile_imported(&compilation, &error);
        compilation.taken_ns = neuron_clock_ns() - begin_ns;
        if (status == NEURON_OK) {
            status = print_compiled(&compilation, &error);
        }
        exit_status =
            status == NEURON_OK ? neuron_cc_finish_output() : neuron_cc_fail(&error, EXIT_FAILURE);
    }
    neuron_cc_calibration_close(&compilation.calibration);
    free(compilation.weights_path);
    neuron_cc_imports_close(&compilation.imports);
    return exit_status;
}
