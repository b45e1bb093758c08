/* SPDX-License-Identifier: Apache-2.0 */
/* What the results of a job are made from, as named texts: two of them can be told apart. */
#ifndef NEURON_SCORE_JOB_FINGERPRINT_H
#define NEURON_SCORE_JOB_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* An ordered list of "key: value" lines. One thread at a time. */
struct neuron_job_fingerprint;

/* Makes an empty one, which the caller destroys. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_job_fingerprint_create(struct neuron_job_fingerprint **fingerprint,
                              struct neuron_error *error);

/*
 * Adds a line. Line ends and other control characters in the value are written as \xNN.
 *
 * key  "model", "input images": letters, digits, blanks, '-', '_' and '.'; each once.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_fingerprint_add(struct neuron_job_fingerprint *fingerprint, const char *key,
                           struct neuron_error *error, const char *value, ...) NEURON_PRINTF(4, 5);

/* The text of all lines, each with its line end. Lives until the next change. */
const char *
neuron_job_fingerprint_text(const struct neuron_job_fingerprint *fingerprint);

/* A checksum (XXH3) of the text. */
uint64_t
neuron_job_fingerprint_digest(const struct neuron_job_fingerprint *fingerprint);

/*
 * Compares the text of an earlier one with this.
 *
 * difference  receives what differs first: "model: was a.neff 51f0..., is b.neff 1183...", and
 *             how many more lines differ; cut where it does not fit; empty when nothing differs.
 *
 * Returns how many lines differ.
 */
uint32_t
neuron_job_fingerprint_compare(const struct neuron_job_fingerprint *fingerprint,
                               const char *earlier, char *difference, size_t size_bytes);

/* Destroys it. Accepts NULL. */
void
neuron_job_fingerprint_destroy(struct neuron_job_fingerprint *fingerprint);

#endif
