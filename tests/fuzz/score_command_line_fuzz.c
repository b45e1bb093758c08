/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of neuron-score, one word a line: accepted lines hold together, refused ones say
   why. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/command_line.h"

enum { WORD_LIMIT = 64 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

/* Of several items each has a name, and all have values. */
static void
check_list(const struct neuron_named_list *list)
{
    for (uint32_t i = 0; i < list->count; i += 1) {
        const struct neuron_named_text *item = &list->items[i];

        if (item->value[0] == '\0' || (item->name == NULL && list->count > 1) ||
            (item->name != NULL && item->name[0] == '\0')) {
            abort();
        }
    }
}

static void
check_accepted(const struct neuron_score_options *options)
{
    if (options->request == NEURON_SCORE_SHOW_HELP ||
        options->request == NEURON_SCORE_SHOW_VERSION) {
        return; /* whatever else stood before it */
    }
    check_list(&options->inputs);
    check_list(&options->outputs);
    check_list(&options->columns);
    /* Outputs are verified without the inputs that they were made from. */
    bool needs_inputs = options->request != NEURON_SCORE_VERIFY;
    if (options->model_path == NULL || (needs_inputs && options->inputs.count == 0) ||
        options->outputs.count == 0) {
        abort();
    }
    if (options->first_row > options->end_row || options->checkpoint_ms > UINT32_MAX * 100ULL ||
        !(options->max_error_share >= 0.0 && options->max_error_share <= 1.0) ||
        !(options->audit_share >= 0.0 && options->audit_share <= 1.0)) {
        abort();
    }
    for (uint32_t i = 0; i < options->device_id_count; i += 1) {
        if (options->device_ids[i][0] == '\0') {
            abort();
        }
    }
    for (uint32_t i = 0; i < options->passthrough_count; i += 1) {
        if (options->passthrough[i][0] == '\0') {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *words[WORD_LIMIT + 1] = {NULL};
    char *text = malloc(size_bytes + 1);
    struct neuron_score_options options = {0};
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
    if (neuron_score_options_parse(count, words, &options, &error) == NEURON_OK) {
        check_accepted(&options);
    } else if (error.text[0] == '\0') {
        abort();
    }
    neuron_score_options_destroy(&options);
    free(text);
    return 0;
}
