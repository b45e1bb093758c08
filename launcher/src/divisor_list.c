/* SPDX-License-Identifier: Apache-2.0 */
#include "divisor_list.h"

#include <stdio.h>

static const size_t end_bytes = sizeof(", ... or 4294967295");

const char *
neuron_divisor_list_format(uint32_t number, char *text, size_t size_bytes)
{
    size_t length = (size_t)snprintf(text, size_bytes, "1");
    const char *gap = "";

    for (uint32_t i = 2; i <= number / 2; i += 1) {
        if (number % i != 0) {
            continue;
        }
        /* A divisor is no longer than the number, whose room is kept. */
        if (length + 2 * end_bytes > size_bytes) {
            gap = ", ...";
            break;
        }
        length += (size_t)snprintf(text + length, size_bytes - length, ", %u", i);
    }
    if (number > 1) {
        (void)snprintf(text + length, size_bytes - length, "%s or %u", gap, number);
    }
    return text;
}
