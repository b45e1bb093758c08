/* SPDX-License-Identifier: Apache-2.0 */
/* A core with round numbers. */
#ifndef NEURON_TESTS_SAMPLE_ROOFLINE_H
#define NEURON_TESTS_SAMPLE_ROOFLINE_H

#include "roofline.h"

/* 100 GFLOP/s of float32, 200 of bf16, 400 of int8; 100 GB/s from 1 MB of L2, 50 from 16 MB of L3,
   and 10 from memory. */
extern const struct neuron_roofline sample_roofline;

#endif
