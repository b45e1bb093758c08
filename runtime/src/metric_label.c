/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/metric_label.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/json_text.h"

/* Prometheus has the escapes of JSON for quotes and backslashes only. */
bool
neuron_metric_label_print(FILE *stream, const char *value)
{
    struct neuron_json_text text = {0};
    char *plain = strdup(value == NULL ? "" : value);

    for (char *c = plain; c != NULL && *c != '\0'; c += 1) {
        if ((unsigned char)*c < ' ' || *c == '\x7F') {
            *c = ' ';
        }
    }
    if (plain != NULL) {
        neuron_json_text_add_string(&text, NULL, plain);
    }
    bool is_whole = plain != NULL && !text.has_failed;
    if (is_whole) {
        (void)fwrite(text.bytes, 1, text.length, stream);
    }
    neuron_json_text_destroy(&text);
    free(plain);
    return is_whole;
}
