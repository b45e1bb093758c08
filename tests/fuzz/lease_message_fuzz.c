/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message between ranks and the lease server: what decodes encodes to itself. */
#include <stdlib.h>
#include <string.h>

#include "score/lease_message.h"

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size_bytes)
{
    struct neuron_lease_message message = {0};
    struct neuron_lease_message again = {0};
    struct neuron_error error = {0};
    unsigned char *encoded = NULL;
    unsigned char *twice = NULL;
    size_t encoded_bytes = 0;
    size_t twice_bytes = 0;

    if (neuron_lease_message_decode(bytes, size_bytes, &message, &error) != NEURON_OK) {
        return 0;
    }
    if (neuron_lease_message_encode(&message, &encoded, &encoded_bytes, &error) != NEURON_OK ||
        neuron_lease_message_decode(encoded, encoded_bytes, &again, &error) != NEURON_OK ||
        neuron_lease_message_encode(&again, &twice, &twice_bytes, &error) != NEURON_OK ||
        twice_bytes != encoded_bytes || memcmp(encoded, twice, twice_bytes) != 0) {
        abort();
    }
    neuron_lease_message_destroy(&message);
    neuron_lease_message_destroy(&again);
    free(encoded);
    free(twice);
    return 0;
}
