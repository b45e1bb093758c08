/* SPDX-License-Identifier: Apache-2.0 */
/* The kept limits of a core: what parses is, byte for byte, what is written for it. */
#include "roofline_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The processor of the seeds. */
static const char cpu[] = "x86_64 Somebody 1.2.3 avx2";

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "roofline_text_fuzz: %s\n", what);
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_roofline roofline = {0};
    char again[NEURON_ROOFLINE_TEXT_BYTES] = "";
    char *text = malloc(size_bytes + 1);

    require(text != NULL, "out of memory");
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    if (neuron_roofline_parse(text, cpu, &roofline)) {
        size_t length = neuron_roofline_format(&roofline, cpu, again);

        require(length < sizeof(again) && strlen(again) == length, "the text has another length");
        require(strcmp(again, text) == 0, "the text is written differently");
        for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
            require(roofline.peaks[i].gflops > 0.0, "a core that computes nothing");
        }
        for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
            require(roofline.memory[i].gbps > 0.0, "a core that reads nothing");
        }
    }
    free(text);
    return 0;
}
