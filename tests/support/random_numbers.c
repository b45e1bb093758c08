/* SPDX-License-Identifier: Apache-2.0 */
#include "random_numbers.h"

uint32_t
random_below(uint64_t *state, uint32_t limit)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t mixed = *state;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((mixed ^ (mixed >> 31)) % limit);
}
