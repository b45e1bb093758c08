/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function that core_bandwidth.c includes once for each width, as core_peak_loop.h. It takes
 * LOOP_NAME, LOOP_TARGET and LOOP_VECTOR, reads so many blocks of LOOP_SUMS vectors, and returns a
 * number that depends on all of them.
 */
LOOP_TARGET static float
LOOP_NAME(const void *bytes, size_t size_bytes)
{
    const LOOP_VECTOR *next = bytes;
    const LOOP_VECTOR *end = next + size_bytes / sizeof(*next) / LOOP_SUMS * LOOP_SUMS;
    LOOP_VECTOR sums[LOOP_SUMS] = {{0}};
    LOOP_VECTOR total = {0};

    for (; next < end; next += LOOP_SUMS) {
        for (int i = 0; i < LOOP_SUMS; i += 1) {
            sums[i] += next[i];
        }
    }
    for (int i = 0; i < LOOP_SUMS; i += 1) {
        total += sums[i];
    }
    return total[0];
}

#undef LOOP_NAME
#undef LOOP_TARGET
#undef LOOP_VECTOR
