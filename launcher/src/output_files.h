/* SPDX-License-Identifier: Apache-2.0 */
/* The files of --output-filename: one for each rank and stream, and one for each stream of all. */
#ifndef NEURON_LAUNCHER_OUTPUT_FILES_H
#define NEURON_LAUNCHER_OUTPUT_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "neuron/status.h"

#include "output_lines.h"

enum neuron_output_stream { NEURON_OUTPUT_STDOUT = 0, NEURON_OUTPUT_STDERR = 1 };

struct neuron_output_files;

/*
 * Makes the folder, with those above it, and in it rank.N.out and rank.N.err for each rank, all.out
 * and all.err. N has as many digits as the last rank's. What files of these names held is gone;
 * other files stay.
 *
 * style  of the lines in all.out and all.err.
 * now    the time of day for these; kept up by the caller until destroy.
 * files  receives new ones, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM when one cannot be made or is no regular file.
 * Files made before that stay.
 */
enum neuron_status
neuron_output_files_create(const char *directory, uint32_t rank_count,
                           const struct neuron_output_style *style, const struct timespec *now,
                           struct neuron_output_files **files, struct neuron_error *error);

/* Adds just these bytes to a rank's file. Nothing more is added to one that failed. */
void
neuron_output_files_put(struct neuron_output_files *files, uint32_t rank,
                        enum neuron_output_stream stream, const char *bytes, size_t size_bytes);

/* The lines of all ranks, which are written by neuron_output_files_flush(). */
struct neuron_output_lines *
neuron_output_files_lines(struct neuron_output_files *files, enum neuron_output_stream stream);

/* Writes the lines of all ranks. */
void
neuron_output_files_flush(struct neuron_output_files *files);

/*
 * Tells of the first write that failed.
 *
 * Returns NEURON_SYSTEM, with a text that names the file; NEURON_OK where none failed.
 */
enum neuron_status
neuron_output_files_check(const struct neuron_output_files *files, struct neuron_error *error);

/* Closes the files. Accepts NULL. */
void
neuron_output_files_destroy(struct neuron_output_files *files);

#endif
