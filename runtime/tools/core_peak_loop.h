/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function that core_peak.c includes once for each set of instructions, since a compiler
 * decides on these for a function as a whole, and by its type. It has no guard, and takes:
 *
 *   LOOP_NAME    its name
 *   LOOP_TARGET  an attribute, or nothing
 *   LOOP_VECTOR  what one register holds
 *   LOOP_STEP    a function: a sum, and products added to it
 *
 * The loop keeps SUM_COUNT vectors in registers, more than a core can have under way at once, and
 * adds products to each in every round. It returns a number that depends on all of the work, so
 * that none of it is left out.
 */
LOOP_TARGET static float
LOOP_NAME(uint64_t rounds, float left, float right)
{
    LOOP_VECTOR sums[SUM_COUNT];
    const LOOP_VECTOR lefts = (LOOP_VECTOR){0} + left;
    const LOOP_VECTOR rights = (LOOP_VECTOR){0} + right;
    LOOP_VECTOR total = rights;

    for (int i = 0; i < SUM_COUNT; i += 1) {
        sums[i] = rights * (float)i;
    }
    for (uint64_t round = 0; round < rounds; round += 1) {
        for (int i = 0; i < SUM_COUNT; i += 1) {
            sums[i] = LOOP_STEP(sums[i], lefts, rights);
        }
    }
    for (int i = 0; i < SUM_COUNT; i += 1) {
        total += sums[i];
    }
    return total[0];
}

#undef LOOP_NAME
#undef LOOP_TARGET
#undef LOOP_VECTOR
#undef LOOP_STEP
