/* SPDX-License-Identifier: Apache-2.0 */
#include "job_contact.h"

#include <stdio.h>
#include <string.h>

void
neuron_job_contact_format_keys(const char *const keys[3], char *text)
{
    for (int i = 0; i < 3 * NEURON_JOB_KEY_BYTES; i += 1) {
        unsigned char letter =
            (unsigned char)keys[i / NEURON_JOB_KEY_BYTES][i % NEURON_JOB_KEY_BYTES];

        (void)snprintf(text + 2 * (size_t)i, 3, "%02x", letter);
    }
}

bool
neuron_job_contact_parse_keys(const char *text, char keys[3][NEURON_JOB_KEY_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(text) != NEURON_JOB_KEYS_BYTES - 1 ||
        strspn(text, digits) != NEURON_JOB_KEYS_BYTES - 1) {
        return false;
    }
    for (int i = 0; i < 3 * NEURON_JOB_KEY_BYTES; i += 1) {
        const char *high = strchr(digits, text[(size_t)2 * (size_t)i]);
        const char *low = strchr(digits, text[(size_t)2 * (size_t)i + 1]);

        keys[i / NEURON_JOB_KEY_BYTES][i % NEURON_JOB_KEY_BYTES] =
            (char)((high - digits) * 16 + (low - digits));
    }
    return true;
}
