/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function that core_tiles.c includes once for each type, as core_peak_loop.h. It takes
 * LOOP_NAME, LOOP_TARGET, and LOOP_STEP, which multiplies two tiles that are given by their number
 * and adds to a third. All tiles hold zeros, which take as long as other numbers.
 */
LOOP_TARGET float
LOOP_NAME(uint64_t rounds, float left, float right)
{
    _tile_loadconfig(&whole_tiles);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    for (uint64_t round = 0; round < rounds; round += 1) {
        for (int i = 0; i < 3; i += 1) {
            LOOP_STEP(0, 4, 6);
            LOOP_STEP(1, 4, 7);
            LOOP_STEP(2, 5, 6);
            LOOP_STEP(3, 5, 7);
        }
    }
    _tile_release();
    return left + right;
}

#undef LOOP_NAME
#undef LOOP_TARGET
#undef LOOP_STEP
