/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_weights.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"
#include "neuron/model_weights.h"

static const char compiled_end[] = ".neff";

/* How much of a path stands before its ".neff", or all of it. */
static size_t
stem_length(const char *path)
{
    size_t length = strlen(path);
    size_t end = sizeof(compiled_end) - 1;

    return length > end && strcmp(path + length - end, compiled_end) == 0 ? length - end : length;
}

enum neuron_status
neuron_cc_weights_path(const struct neuron_cc_options *options, char **path,
                       struct neuron_error *error)
{
    char *text = NULL;

    *path = NULL;
    if (!options->compiler.weights_apart) {
        return NEURON_OK;
    }
    if (options->compiler.weights_path == NULL) {
        if (asprintf(&text, "%.*s.npz", (int)stem_length(options->output_path),
                     options->output_path) < 0) {
            text = NULL;
        }
    } else {
        text = strdup(options->compiler.weights_path);
    }
    if (text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    if (strcmp(text, options->output_path) == 0) {
        free(text);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.100s is where the compiled file goes: name another one with "
                           "--weights-out",
                           options->output_path);
    }
    *path = text;
    return NEURON_OK;
}

enum neuron_status
neuron_cc_give_weights(const struct neuron_cc_options *options, struct neuron_model **model,
                       struct neuron_error *error)
{
    struct neuron_model *replaced = NULL;

    if (options->weights_path == NULL) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_model_replace_weights(*model, options->weights_path, &replaced, error);
    if (status == NEURON_OK) {
        neuron_model_destroy(*model);
        *model = replaced;
    }
    return status;
}

void
neuron_cc_print_missing_weights(FILE *stream, const struct neuron_graph *graph)
{
    uint64_t size_bytes = 0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (neuron_weight_is_missing(&graph->values[i])) {
            count += 1;
            size_bytes += neuron_tensor_shape_size_bytes(&graph->values[i].shape);
        }
    }
    if (count > 0) {
        (void)fprintf(stream,
                      "apart     %" PRIu32 " weights, %" PRIu64
                      " bytes: give them with --weights FILE.npz\n",
                      count, size_bytes);
    }
}
