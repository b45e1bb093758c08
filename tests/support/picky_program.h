/* SPDX-License-Identifier: Apache-2.0 */
/* A custom program that fails at chosen rows, and counts its runs. */
#ifndef NEURON_TESTS_PICKY_PROGRAM_H
#define NEURON_TESTS_PICKY_PROGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "neuron/custom_program.h"

enum { PICKY_ROWS = 64 };

/* What it does with a row: 0 computes, others fail the run with that status. */
struct picky {
    enum neuron_status rows[PICKY_ROWS];
    uint32_t failures_left[PICKY_ROWS]; /* how often it fails there; UINT32_MAX for ever */
    _Atomic uint32_t runs;
};

/* The only one: functions of custom programs get no user's pointer. */
extern struct picky picky;

/* float32[0] "x" with the numbers of rows, shared float32[1] "bias" -> float32[0] "y": x + bias. */
extern const struct neuron_custom_program picky_program;

/* Forgets all; then the rows of a mask fail for ever, with a status. */
void
picky_refuse(uint64_t mask, enum neuron_status status);

#endif
