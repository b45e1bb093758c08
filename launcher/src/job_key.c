/* SPDX-License-Identifier: Apache-2.0 */
#include "job_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum neuron_status
neuron_job_key_make(char key[NEURON_JOB_SECRET_DIGITS + 1], struct neuron_error *error)
{
    unsigned char bytes[NEURON_JOB_SECRET_BYTES];
    ssize_t count = -1;

    /* So few come whole or not at all; a signal may only end the wait for the kernel's first. */
    do {
        count = getrandom(bytes, sizeof(bytes), 0);
    } while (count < 0 && errno == EINTR);
    if (count != (ssize_t)sizeof(bytes)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot get random bytes for the job's key: %s",
                           strerrordesc_np(errno));
    }
    for (size_t i = 0; i < sizeof(bytes); i += 1) {
        (void)snprintf(key + 2 * i, 3, "%02x", bytes[i]);
    }
    return NEURON_OK;
}
