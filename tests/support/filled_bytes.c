/* SPDX-License-Identifier: Apache-2.0 */
#include "filled_bytes.h"

bool
is_filled(const unsigned char *bytes, size_t count, unsigned char with)
{
    for (size_t i = 0; i < count; i += 1) {
        if (bytes[i] != with) {
            return false;
        }
    }
    return true;
}
