/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of neuron-cc, one word a line: accepted lines hold together, refused ones say why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cc_command_line.h"

enum { WORD_LIMIT = 64 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
check_accepted(const struct neuron_cc_options *options)
{
    if (options->request == NEURON_CC_SHOW_HELP || options->request == NEURON_CC_SHOW_VERSION) {
        return; /* whatever else stood before it */
    }
    if (options->batch < 0 ||
        (options->request == NEURON_CC_COMPILE && options->output_path == NULL)) {
        abort();
    }
    if (options->request == NEURON_CC_RUN && options->output_folder == NULL) {
        abort();
    }
    for (uint32_t i = 0; i < options->array_file_count; i += 1) {
        const struct neuron_cc_array_file *file = &options->array_files[i];
        /* The rows of a calibration may leave the name of the one input out. */
        bool is_named = file->input[0] != '\0' || options->request == NEURON_CC_COMPILE;

        if (!is_named || file->path[0] == '\0') {
            abort();
        }
    }
    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        if (options->shapes[i].rank < 1 || options->shapes[i].rank > NEURON_RANK_LIMIT ||
            options->shapes[i].dims[0] < 1 || options->shapes[i].input[0] == '\0') {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *words[WORD_LIMIT + 1] = {NULL};
    char *text = malloc(size_bytes + 1);
    struct neuron_cc_options options = {0};
    struct neuron_error error = {0};
    char *rest = NULL;
    int count = 1;

    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    words[0] = text;
    for (char *word = strtok_r(text, "\n", &rest); word != NULL && count < WORD_LIMIT;
         word = strtok_r(NULL, "\n", &rest)) {
        words[count] = word;
        count += 1;
    }
    if (neuron_cc_options_parse(count, words, &options, &error) == NEURON_OK) {
        check_accepted(&options);
    } else if (error.text[0] == '\0') {
        abort();
    }
    neuron_cc_options_destroy(&options);
    free(text);
    return 0;
}
