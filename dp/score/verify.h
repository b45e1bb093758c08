/* SPDX-License-Identifier: Apache-2.0 */
/* Whether finished outputs are still what the journal says was written: --verify. */
#ifndef NEURON_SCORE_VERIFY_H
#define NEURON_SCORE_VERIFY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"
#include "score/output_set.h"

/* What is compared. All of it is borrowed. */
struct neuron_verify_plan {
    struct neuron_output_set *set; /* planned; its published files are opened */
    const struct neuron_journal_contents *contents;
    const uint64_t *text_sum; /* of the csv or jsonl file; NULL where it is not known */
    const volatile sig_atomic_t *stop_signal; /* may be NULL */
};

enum { NEURON_VERIFY_SHOWN = 8, NEURON_VERIFY_TEXT_BYTES = 400 };

struct neuron_verify_result {
    uint64_t rows;
    size_t piece_count; /* that were compared; none where the only file is text */
    size_t bad_piece_count;
    struct neuron_row_range bad[NEURON_VERIFY_SHOWN]; /* the first of them */
    bool frame_differs;     /* the header of a file, or the directory of an npz file */
    bool text_differs;      /* the csv or jsonl file */
    bool text_is_unchecked; /* there is one, and its checksum is not known */
};

/*
 * Computes the checksums of all pieces of npy and npz files anew, and compares headers, the
 * directory of an npz file, and the checksum of a csv or jsonl file.
 *
 * Returns NEURON_INVALID_ARGUMENT where the journal is not that of a finished job, NEURON_PEER_LOST
 * for a file that is missing or of another size, NEURON_SYSTEM, NEURON_CANCELLED or
 * NEURON_OUT_OF_MEMORY. That something differs is no failure: the result tells it. Blocks while it
 * reads the files once.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_verify_outputs(const struct neuron_verify_plan *plan, struct neuron_verify_result *result,
                      struct neuron_error *error);

/* Says whether everything that was compared is as it was. */
bool
neuron_verify_is_same(const struct neuron_verify_result *result);

/* Writes a result as a line without its end: "2 of 31 pieces differ: rows 4096-4607, 8192-8703". */
const char *
neuron_verify_format(const struct neuron_verify_result *result,
                     char text[NEURON_VERIFY_TEXT_BYTES]);

#endif
