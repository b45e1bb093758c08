/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/free_descriptors.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Asks for the descriptors, and gives them back. */
static bool
has_free_descriptors(int *descriptors, uint32_t count)
{
    uint32_t opened = 0;
    bool is_enough = true;

    while (is_enough && opened < count) {
        descriptors[opened] = eventfd(0, EFD_CLOEXEC);
        is_enough = descriptors[opened] >= 0;
        opened += is_enough ? 1 : 0;
    }
    int reason = errno;
    while (opened > 0) {
        opened -= 1;
        (void)close(descriptors[opened]);
    }
    errno = reason;
    return is_enough;
}

enum neuron_status
neuron_free_descriptors_check(uint32_t count, const char *purpose, struct neuron_error *error)
{
    int *descriptors = calloc((size_t)count + 1, sizeof(*descriptors));

    if (descriptors == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %s", purpose);
    }
    bool is_enough = has_free_descriptors(descriptors, count);
    int reason = errno;
    free(descriptors);
    if (!is_enough) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot open the %u descriptors that %s take: %s; raise the limit "
                           "(ulimit -n)",
                           count, purpose, strerrordesc_np(reason));
    }
    return NEURON_OK;
}
