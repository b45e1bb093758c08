/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between hosts: what is accepted is encoded back into the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "job_message.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_job_message message;
    struct neuron_error error = {0};
    size_t encoded_bytes = 0;
    void *encoded = NULL;

    if (neuron_job_message_decode(bytes, size_bytes, &message, &error) != NEURON_OK) {
        if (error.text[0] == '\0') {
            abort();
        }
    } else if (neuron_job_message_encode(&message, &encoded, &encoded_bytes, &error) != NEURON_OK ||
               encoded_bytes != size_bytes || memcmp(encoded, bytes, size_bytes) != 0) {
        abort();
    }
    free(encoded);
    neuron_job_message_clear(&message);
    return 0;
}
