/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_buckets.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_report.h"
#include "graph/bucket.h"

/* Imports the network once: with the shapes of all buckets, and then those of this one. */
static enum neuron_status
import_bucket(const struct neuron_cc_options *options, uint32_t index,
              struct neuron_cc_imports *imports, struct neuron_error *error)
{
    const struct neuron_cc_bucket none = {.shapes = NULL};
    const struct neuron_cc_bucket *bucket =
        options->bucket_count == 0 ? &none : &options->buckets[index];
    uint32_t count = options->shape_count + bucket->shape_count;
    struct neuron_onnx_input_shape *shapes = calloc((size_t)count + 1, sizeof(*shapes));

    if (shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the shapes of inputs");
    }
    memcpy(shapes, options->shapes, options->shape_count * sizeof(*shapes));
    if (bucket->shape_count > 0) {
        memcpy(shapes + options->shape_count, bucket->shapes,
               bucket->shape_count * sizeof(*shapes));
    }
    const struct neuron_onnx_options given = {.batch = bucket->batch == 0 ? options->batch
                                                                          : bucket->batch,
                                              .shapes = shapes,
                                              .shape_count = count,
                                              .shared_inputs = options->shared_inputs,
                                              .shared_input_count = options->shared_input_count,
                                              .keeps_weights = options->compiler.weights_apart};
    neuron_onnx_report_destroy(imports->report);
    imports->report = NULL;
    enum neuron_status status = neuron_onnx_import(
        options->model_path, &given, &imports->graphs[index], &imports->report, error);
    imports->count += status == NEURON_OK ? 1 : 0;
    free(shapes);
    return status;
}

enum neuron_status
neuron_cc_imports_open(const struct neuron_cc_options *options, struct neuron_cc_imports *imports,
                       struct neuron_error *error)
{
    uint32_t count = options->bucket_count == 0 ? 1 : options->bucket_count;
    enum neuron_status status = NEURON_OK;

    *imports = (struct neuron_cc_imports){.graphs = calloc(count, sizeof(struct neuron_graph *))};
    if (imports->graphs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the model");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = import_bucket(options, i, imports, error);
    }
    return status;
}

const struct neuron_graph *
neuron_cc_imports_largest(const struct neuron_cc_imports *imports)
{
    const struct neuron_graph *largest = imports->graphs[0];

    for (uint32_t i = 1; i < imports->count; i += 1) {
        if (neuron_bucket_elements(imports->graphs[i]) > neuron_bucket_elements(largest)) {
            largest = imports->graphs[i];
        }
    }
    return largest;
}

void
neuron_cc_imports_close(struct neuron_cc_imports *imports)
{
    for (uint32_t i = 0; i < imports->count; i += 1) {
        neuron_graph_destroy(imports->graphs[i]);
    }
    free(imports->graphs);
    neuron_onnx_report_destroy(imports->report);
    *imports = (struct neuron_cc_imports){0};
}

static void
print_bucket(FILE *stream, const struct neuron_graph *graph)
{
    (void)fputs("bucket   ", stream);
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        char name[NEURON_NAME_LIMIT_BYTES] = "";
        char shape[96] = "";

        neuron_onnx_copy_printable(name, sizeof(name), graph->inputs[i].spec.name);
        (void)fprintf(
            stream, " %s %s", name,
            neuron_tensor_shape_format(&graph->inputs[i].spec.shape, shape, sizeof(shape)));
    }
    (void)fputc('\n', stream);
}

static void
print_padding(FILE *stream, const struct neuron_buckets *buckets, uint32_t input)
{
    const struct neuron_tensor_spec *spec = &buckets->graphs[0]->inputs[input].spec;
    char name[NEURON_NAME_LIMIT_BYTES] = "";

    neuron_onnx_copy_printable(name, sizeof(name), spec->name);
    for (uint32_t i = 0; i < spec->shape.rank; i += 1) {
        if (neuron_buckets_input_varies(buckets, input, i)) {
            (void)fprintf(stream, "padding   dimension %u of %s: %s\n", i, name,
                          neuron_buckets_padding_is_harmless(buckets, input, i)
                              ? "changes no result"
                              : "zeros that the model may mix in, unless it takes a mask");
        }
    }
}

void
neuron_cc_print_buckets(FILE *stream, const struct neuron_graph *graph)
{
    const struct neuron_graph *graphs[NEURON_BUCKET_LIMIT] = {graph};
    const struct neuron_buckets buckets = {.graphs = graphs, .count = graph->bucket_count + 1};

    if (graph->bucket_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < graph->bucket_count; i += 1) {
        graphs[i + 1] = graph->buckets[i];
    }
    for (uint32_t i = 0; i < buckets.count; i += 1) {
        print_bucket(stream, graphs[i]);
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        print_padding(stream, &buckets, i);
    }
}
