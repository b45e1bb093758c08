/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/compiler.h"

#include <stdio.h>
#include <string.h>

#include "compiler/algorithms.h"
#include "compiler/auto_cast.h"
#include "compiler/calibrate.h"
#include "compiler/compile_graph.h"
#include "compiler/cut.h"
#include "compiler/graph_dump.h"
#include "compiler/pass.h"
#include "engine/machine.h"
#include "graph/graph_body.h"
#include "neff/neff_file.h"

/* Runs the passes, and writes down what each made if there is a folder for it. */
static enum neuron_status
run_passes(struct neuron_graph *graph, const char *folder, struct neuron_error *error)
{
    struct neuron_graph_dump dump = {0};

    if (folder == NULL) {
        return neuron_passes_run(graph, NULL, NULL, error);
    }
    enum neuron_status status = neuron_graph_dump_begin(&dump, folder, error);
    return status == NEURON_OK ? neuron_passes_run(graph, neuron_graph_dump_write, &dump, error)
                               : status;
}

/* Finds what the file is for. */
static enum neuron_status
choose_target(const struct neuron_compiler_options *options, enum neuron_instructions *target,
              struct neuron_error *error)
{
    *target = neuron_machine_instructions();
    if (options->target == NULL || strcmp(options->target, "native") == 0) {
        return NEURON_OK;
    }
    if (!neuron_instructions_find(options->target, target)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "target %.40s: there are native, generic, avx2, avx512, avx512-vnni, "
                           "avx512-bf16 and amx",
                           options->target);
    }
    if (options->optimization_level == NEURON_OPTIMIZATION_LIMIT &&
        *target != neuron_machine_instructions()) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "target %.40s: level 3 measures on this machine, which is %s; compile "
                           "there, or at level 2",
                           options->target,
                           neuron_instructions_name(neuron_machine_instructions()));
    }
    return NEURON_OK;
}

/* Refuses numbers that are none of an option. */
static enum neuron_status
check_options(const struct neuron_compiler_options *options, struct neuron_error *error)
{
    if ((uint32_t)options->auto_cast > NEURON_AUTO_CAST_ALL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "auto_cast %u: there are none, matmult and all",
                           (unsigned)options->auto_cast);
    }
    if ((uint32_t)options->auto_cast_type > NEURON_AUTO_CAST_INT8) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "auto_cast_type %u: there are bf16, fp16 and int8",
                           (unsigned)options->auto_cast_type);
    }
    if (options->optimization_level > NEURON_OPTIMIZATION_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "optimization level %u: there are 1, 2 and 3",
                           options->optimization_level);
    }
    return NEURON_OK;
}

/* Decides how each node is computed. */
static enum neuron_status
choose_for_nodes(struct neuron_graph *graph, const struct neuron_compiler_options *options,
                 struct neuron_error *error)
{
    enum neuron_status status = check_options(options, error);

    if (status == NEURON_OK) {
        status = choose_target(options, &graph->target.instructions, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    neuron_auto_cast(graph, options->auto_cast, options->auto_cast_type);
    if (options->calibration != NULL) {
        status = neuron_calibrate(graph, options->calibration, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (options->optimization_level == NEURON_OPTIMIZATION_LIMIT) {
        return neuron_algorithms_measure(graph, error);
    }
    if (options->optimization_level != 1 &&
        graph->target.instructions >= NEURON_INSTRUCTIONS_AVX512) {
        neuron_algorithms_choose(graph);
    }
    return NEURON_OK;
}

/* The file's own name: without its folder, and without ".neff". */
static void
name_after_file(const char *path, char *name, size_t room_bytes)
{
    const char *slash = strrchr(path, '/');
    const char *own = slash == NULL ? path : slash + 1;
    const char *suffix = strrchr(own, '.');
    size_t length = strlen(own);

    if (suffix != NULL && suffix != own && strcmp(suffix, ".neff") == 0) {
        length = (size_t)(suffix - own);
    }
    (void)snprintf(name, room_bytes, "%.*s", (int)(length < room_bytes ? length : room_bytes), own);
}

/* Spreads a graph, behind which all passes are, over as many cores as the options say. */
static enum neuron_status
spread(struct neuron_graph *graph, const struct neuron_compiler_options *options,
       struct neuron_error *error)
{
    if (options == NULL || options->core_count <= 1) {
        return NEURON_OK;
    }
    if (options->core_count > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a model cannot be compiled for %u cores: give 1 to %d",
                           options->core_count, NEURON_CORE_LIMIT);
    }
    if (options->split == NEURON_SPLIT_WIDE) {
        graph->split = (struct neuron_core_split){.kind = NEURON_SPLIT_KIND_WIDE,
                                                  .core_count = options->core_count};
        return NEURON_OK;
    }
    return neuron_cut_into_stages(graph, options->core_count, error);
}

enum neuron_status
neuron_compile_graph(const struct neuron_graph *graph,
                     const struct neuron_compiler_options *options, struct neuron_graph **compiled,
                     struct neuron_error *error)
{
    const struct neuron_compiler_options defaults = {.model_name = NULL};
    struct neuron_graph *copy = NULL;

    options = options == NULL ? &defaults : options;
    enum neuron_status status = neuron_graph_copy(graph, &copy, error);
    if (status == NEURON_OK) {
        status = run_passes(copy, options->dump_folder, error);
    }
    if (status == NEURON_OK) {
        status = choose_for_nodes(copy, options, error);
    }
    if (status == NEURON_OK) {
        status = spread(copy, options, error);
    }
    if (status != NEURON_OK) {
        neuron_graph_destroy(copy);
        return status;
    }
    *compiled = copy;
    return NEURON_OK;
}

enum neuron_status
neuron_compile(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
               const char *path, struct neuron_error *error)
{
    char file_name[NEURON_NAME_LIMIT_BYTES] = "";
    const char *name = options == NULL ? NULL : options->model_name;
    struct neuron_graph *copy = NULL;

    if (name == NULL) {
        name_after_file(path, file_name, sizeof(file_name));
        name = file_name;
    }
    enum neuron_status status = neuron_compile_graph(graph, options, &copy, error);
    if (status == NEURON_OK) {
        status = neuron_neff_write(copy, name, path, error);
    }
    neuron_graph_destroy(copy);
    return status;
}
