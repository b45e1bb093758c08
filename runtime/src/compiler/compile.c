/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/compiler.h"

#include <stdio.h>
#include <string.h>

#include "compiler/choices.h"
#include "compiler/compile_buckets.h"
#include "compiler/compile_graph.h"
#include "compiler/cut.h"
#include "compiler/graph_dump.h"
#include "compiler/pass.h"
#include "compiler/run_size.h"
#include "compiler/weights_file.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "graph/weight.h"
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
    if (options->core_count <= 1) {
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

/* Refuses options that do not go together. */
static enum neuron_status
check_combination(const struct neuron_compiler_options *options, struct neuron_error *error)
{
    if (options->core_count > 1 && options->weights_apart) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a model for several cores has its weights in its file: compile it for "
                           "one core, or leave the weights in");
    }
    if (options->core_count > 1 && (options->lazy_load || options->async_load)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a model for several cores is loaded at once: compile it for one core, "
                           "or neither lazy nor async");
    }
    if (options->weights_apart && options->calibration != NULL) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "a model without its weights cannot be calibrated: leave the weights in, "
            "or let each run measure");
    }
    if (options->weights_apart && options->optimization_level == NEURON_OPTIMIZATION_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "level 3 measures with the weights: leave them in the file, or compile "
                           "at level 2");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_compile_graph(const struct neuron_graph *graph,
                     const struct neuron_compiler_options *options, struct neuron_graph **compiled,
                     struct neuron_error *error)
{
    const struct neuron_compiler_options defaults = {.model_name = NULL};
    struct neuron_graph *copy = NULL;

    options = options == NULL ? &defaults : options;
    enum neuron_status status = check_combination(options, error);
    if (status == NEURON_OK) {
        status = neuron_run_size_check(graph, error);
    }
    if (status == NEURON_OK) {
        status = neuron_graph_copy(graph, &copy, error);
    }
    if (status == NEURON_OK && options->weights_apart && neuron_weight_mark_all(copy) == 0) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "no weight of the graph has a name, by which it could be given later; "
                             "leave the weights in the file");
    }
    if (status == NEURON_OK) {
        copy->load_order = (struct neuron_load_order){.is_lazy = options->lazy_load,
                                                      .is_async = options->async_load};
    }
    if (status == NEURON_OK) {
        status = run_passes(copy, options->dump_folder, error);
    }
    if (status == NEURON_OK) {
        status = neuron_graphs_find_shared_inputs(&copy, 1, error);
    }
    if (status == NEURON_OK) {
        status = neuron_choices_make(copy, options, error);
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

/* Writes the file, and first beside its place the weights that are not in it. */
static enum neuron_status
write_files(const struct neuron_graph *graph, const char *name, const char *weights_path,
            const char *path, struct neuron_error *error)
{
    struct neuron_whole_file weights = {0};
    enum neuron_status status = NEURON_OK;

    if (weights_path != NULL) {
        status = neuron_whole_file_open(&weights, weights_path, error);
        if (status == NEURON_OK) {
            status = neuron_weights_write(graph, &weights, error);
        }
    }
    if (status == NEURON_OK) {
        status = neuron_neff_write(graph, name, path, error);
    }
    if (status == NEURON_OK && weights_path != NULL) {
        status = neuron_whole_file_publish(&weights, error);
    }
    neuron_whole_file_close(&weights);
    return status;
}

enum neuron_status
neuron_compile(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
               const char *path, struct neuron_error *error)
{
    return neuron_compile_buckets(&graph, 1, options, path, error);
}

enum neuron_status
neuron_compile_buckets(const struct neuron_graph *const *graphs, uint32_t count,
                       const struct neuron_compiler_options *options, const char *path,
                       struct neuron_error *error)
{
    char file_name[NEURON_NAME_LIMIT_BYTES] = "";
    const char *name = options == NULL ? NULL : options->model_name;
    struct neuron_graph *copy = NULL;

    if (name == NULL) {
        name_after_file(path, file_name, sizeof(file_name));
        name = file_name;
    }
    enum neuron_status status = neuron_compile_bucket_graphs(graphs, count, options, &copy, error);
    if (status == NEURON_OK) {
        bool is_apart = options != NULL && options->weights_apart;

        status = write_files(copy, name, is_apart ? options->weights_path : NULL, path, error);
    }
    neuron_graph_destroy(copy);
    return status;
}
