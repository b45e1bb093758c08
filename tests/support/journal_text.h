/* SPDX-License-Identifier: Apache-2.0 */
/* Journals as text: lines without checksums to a file's bytes, and these to contents. */
#ifndef NEURON_TESTS_JOURNAL_TEXT_H
#define NEURON_TESTS_JOURNAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "score/journal.h"
#include "score/journal_reading.h"

/* The first lines of a job of 1,000 rows and one output. */
#define JOURNAL_TEXT_HEAD "neuron-score journal 1\nrows 1000 1\nis model: a\nis input x: b\n"

/* Gives every line its checksum. `bytes` has room; returns how many there are. */
size_t
journal_text_seal(const char *lines, char *bytes, size_t size_bytes);

/* Reads bytes as a file; false when they are no journal. Destroyed by the caller in any case. */
bool
journal_text_read(const char *bytes, size_t size_bytes, struct neuron_journal_reading *reading);

/* The same of lines without checksums, which must be a journal. */
void
journal_text_read_lines(const char *lines, struct neuron_journal_reading *reading);

#endif
