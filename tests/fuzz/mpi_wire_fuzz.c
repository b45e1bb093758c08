/* SPDX-License-Identifier: Apache-2.0 */
/* What MPI ranks send: lines of PMI-1, packed help texts. Whatever they hold, fields end. */
#include "help_text.h"
#include "pmi1_message.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 64 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
check_line(const char *line)
{
    struct neuron_pmi1_request request = {0};
    char text[NEURON_PMI1_LINE_BYTES] = "";

    if (!neuron_pmi1_request_parse(line, &request)) {
        return;
    }
    const struct neuron_pmi1_answer answer = {
        .to = request.command, .space = request.space, .value = request.value};
    size_t length = neuron_pmi1_answer_format(&answer, text);
    if (length > 0 && (text[length - 1] != '\n' || strchr(text, '\n') != text + length - 1)) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char text[TEXT_BYTES] = "";
    char *lines = malloc(size_bytes + 1);
    char *rest = lines;

    if (lines == NULL) {
        abort();
    }
    memcpy(lines, bytes, size_bytes);
    lines[size_bytes] = '\0';
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        check_line(line);
    }
    free(lines);
    (void)neuron_help_text_decode(bytes, size_bytes, text, sizeof(text));
    if (memchr(text, '\0', sizeof(text)) == NULL) {
        abort();
    }
    return 0;
}
