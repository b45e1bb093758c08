/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

static uint64_t
mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
    return bits ^ (bits >> 31);
}

static uint64_t
rotate_left(uint64_t bits, unsigned count)
{
    return (bits << count) | (bits >> (64 - count));
}

void
digits_random_start(struct digits_random *random, uint64_t seed, uint64_t sequence)
{
    const uint64_t step = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t bits = mix(mix(seed + step) + sequence);

    for (int i = 0; i < 4; i += 1) {
        bits += step;
        random->state[i] = mix(bits);
    }
}

uint64_t
digits_random_bits(struct digits_random *random)
{
    uint64_t *state = random->state;
    uint64_t bits = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;

    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return bits;
}

uint32_t
digits_random_below(struct digits_random *random, uint32_t limit)
{
    return (uint32_t)(((digits_random_bits(random) >> 32) * limit) >> 32);
}

float
digits_random_between(struct digits_random *random, float low, float high)
{
    /* 24 bits are what a float holds exactly. */
    float part = (float)(digits_random_bits(random) >> 40) / 16777216.0f;

    return low + part * (high - low);
}

float
digits_random_bell(struct digits_random *random)
{
    uint64_t bits = digits_random_bits(random);
    uint64_t sum =
        (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);

    /* Four even numbers in 0..1 have mean 2 and variance 4/12. */
    return ((float)sum / 65535.0f - 2.0f) * 1.7320508f;
}
