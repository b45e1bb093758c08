/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of one word a line: accepted lines hold together, refused ones say why. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/core_set.h"

#include "command_line.h"

enum { WORD_LIMIT = 64 };

static void
check_accepted(const struct neuron_command_line *line, int count)
{
    const bool has_program = line->action == NEURON_LAUNCH_RUN;

    if (line->placement.ranks_per_device > NEURON_CORE_NUMBER_LIMIT ||
        line->placement.cores_per_rank > NEURON_CORE_NUMBER_LIMIT ||
        line->program_count > (uint32_t)count || (has_program && line->program_count == 0)) {
        abort();
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        const struct neuron_launch_program *program = &line->programs[i];

        if (program->rank_count > NEURON_CORE_NUMBER_LIMIT || program->arguments[0] == NULL ||
            program->assignment_count > (uint32_t)count) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *words[WORD_LIMIT + 1] = {NULL};
    char *text = malloc(size_bytes + 1);
    struct neuron_command_line line;
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
    if (neuron_command_line_parse(count, words, &line, &error) == NEURON_OK) {
        check_accepted(&line, count);
    } else if (error.text[0] == '\0') {
        abort();
    }
    neuron_command_line_destroy(&line);
    free(text);
    return 0;
}
