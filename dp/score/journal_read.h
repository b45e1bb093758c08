/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the file of a journal, piece by piece. */
#ifndef NEURON_SCORE_JOURNAL_READ_H
#define NEURON_SCORE_JOURNAL_READ_H

#include <stdint.h>

#include "neuron/status.h"
#include "score/journal_reading.h"

/*
 * Reads an open file from its start. Of a file without bytes the state is ABSENT.
 *
 * path       for error texts.
 * reading    zeroed before; destroyed by the caller, also after a failure.
 * end_bytes  receives where the last whole line ends.
 *
 * Returns NEURON_INVALID_ARGUMENT for a file that is no journal, or of another version;
 * NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_read_file(int file, const char *path, struct neuron_journal_reading *reading,
                         uint64_t *end_bytes, struct neuron_error *error);

#endif
