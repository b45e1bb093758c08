/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a lease server: what is accepted is written back as the same text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/lease_place.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char written[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    struct neuron_lease_place place;
    struct neuron_error error = {0};
    char *text = malloc(size_bytes + 1);

    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    if (neuron_lease_place_parse(text, &place, &error) != NEURON_OK) {
        if (error.text[0] == '\0' || place.addresses[0] != '\0') {
            abort();
        }
    } else if (neuron_lease_place_format(&place, written, &error) != NEURON_OK ||
               strcmp(text, written) != 0) {
        abort();
    }
    free(text);
    return 0;
}
