/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that are the same on every machine. */
#ifndef DIGITS_RANDOM_H
#define DIGITS_RANDOM_H

#include <stdint.h>

/* xoshiro256** of Blackman and Vigna, seeded by splitmix64. */
struct digits_random {
    uint64_t state[4];
};

/* Starts one of 2^64 independent sequences of a seed. */
void
digits_random_start(struct digits_random *random, uint64_t seed, uint64_t sequence);

/* 64 random bits. */
uint64_t
digits_random_bits(struct digits_random *random);

/* A whole number from 0 to limit - 1; `limit` is at least 1. */
uint32_t
digits_random_below(struct digits_random *random, uint32_t limit);

/* Evenly spread from `low` up to, not including, `high`. */
float
digits_random_between(struct digits_random *random, float low, float high);

/*
 * Bell-shaped with mean 0 and deviation 1, and never beyond 3.5: a sum of four even numbers, which
 * unlike the exact curve needs no logarithm and so has the same bits with every libm.
 */
float
digits_random_bell(struct digits_random *random);

#endif
