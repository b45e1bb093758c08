/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/holder_signs.h"

uint32_t
neuron_sign_length(uint32_t holder_count)
{
    uint32_t length = 1;

    for (uint64_t room = NEURON_SIGN_LETTERS; room < holder_count; room *= NEURON_SIGN_LETTERS) {
        length += 1;
    }
    return length;
}

const char *
neuron_sign_format(uint32_t holder, uint32_t length, char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    text[length] = '\0';
    for (uint32_t i = length; i > 0; i -= 1) {
        text[i - 1] = letters[holder % NEURON_SIGN_LETTERS];
        holder /= NEURON_SIGN_LETTERS;
    }
    return text;
}
