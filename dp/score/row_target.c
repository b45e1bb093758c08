/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_target.h"

const char *
neuron_row_quote(const char *text, size_t size_bytes, char *quoted, size_t room_bytes)
{
    size_t length = 0;

    for (size_t i = 0; i < size_bytes && length + 1 < room_bytes; i += 1) {
        unsigned char c = (unsigned char)text[i];

        if (c >= ' ' && c < 0x7F) {
            quoted[length] = text[i];
            length += 1;
        }
    }
    quoted[length] = '\0';
    return quoted;
}
