/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that a model is fed with, from files of any kind: blocks of them as tensors. */
#ifndef NEURON_SCORE_ROW_SOURCE_H
#define NEURON_SCORE_ROW_SOURCE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/command_line.h"
#include "score/job_fingerprint.h"

/*
 * Each input of a model is read from an npy file, a member of an npz file, columns of a csv file or
 * fields of a jsonl file, or from a folder or a pattern of such files, whose rows follow each other
 * in the order of their names. Files that hold no rows are allowed among others.
 *
 * A source reads no more of its files than the blocks that are taken, and what opening needs: the
 * headers, and one pass over text files, which finds where rows begin. Two blocks may be filled at
 * a time. One thread at a time.
 */
struct neuron_row_source;

/* What a model takes. All of it is borrowed, and outlives the source. */
struct neuron_row_source_plan {
    const char *model_path;                  /* for error texts */
    const struct neuron_tensor_spec *inputs; /* of the model, in its order: compiled shapes */
    const bool *is_shared;                   /* which of them all rows share */
    uint32_t input_count;
    const struct neuron_score_options *options; /* inputs, columns, rows */
    const volatile sig_atomic_t *stop_signal;   /* ends a long pass over a file; may be NULL */
};

/* What is wrong with a row of an input that could be read as a file. */
struct neuron_bad_row {
    uint64_t row;     /* of the source */
    uint32_t input;   /* of the model */
    char reason[120]; /* "column age: 'n/a' is no number" */
};

/* Rows of all inputs. The memory is the source's or the block's, until it is released. */
struct neuron_row_block {
    uint64_t first;
    uint64_t count;
    struct neuron_tensor_view *views; /* one an input of the model, shared ones whole */
    struct neuron_bad_row *bad;       /* in ascending order, a row once; their values are 0 */
    size_t bad_count;
    uint64_t read_bytes; /* of files, for this block */
    struct neuron_block_memory *memory;
};

/*
 * Opens all files, finds their rows, and checks that they fit the model.
 *
 * source  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX for a damaged file, NEURON_INVALID_ARGUMENT for one that does not
 * fit, with both shapes, or for inputs that differ in their rows; NEURON_SYSTEM, NEURON_CANCELLED
 * or NEURON_OUT_OF_MEMORY. The text starts with the path. Blocks for the pass over text files.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_source_open(const struct neuron_row_source_plan *plan, struct neuron_row_source **source,
                       struct neuron_error *error);

/* How many rows there are, of those that the options name: 0 is the first of them. */
uint64_t
neuron_row_source_rows(const struct neuron_row_source *source);

/* The bytes of a row in memory, of all inputs that are not shared. */
size_t
neuron_row_source_row_bytes(const struct neuron_row_source *source);

/* How many files are read; a file that serves several inputs counts once. */
uint32_t
neuron_row_source_file_count(const struct neuron_row_source *source);

/* The path and the state of a file when it was opened. They live as long as the source. */
const char *
neuron_row_source_file_path(const struct neuron_row_source *source, uint32_t file);
const struct stat *
neuron_row_source_file_stat(const struct neuron_row_source *source, uint32_t file);

/*
 * Adds what the rows are read from to a fingerprint: of each file its name without folder, size,
 * time of change, header, and a checksum of samples from its whole length; and how it is read
 * (member, columns, rows). Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_source_identify(const struct neuron_row_source *source,
                           struct neuron_job_fingerprint *fingerprint, struct neuron_error *error);

/*
 * Fills a block with rows from `first` on: `count` of them, or less, but at least one, where a file
 * ends. Reads the same number of rows after them ahead.
 *
 * block  zeroed or released before; released by the caller, also after a failure.
 *
 * Returns NEURON_SYSTEM when a file cannot be read or was changed since it was opened,
 * NEURON_INVALID_SYNTAX for damage of a deflated array, or NEURON_OUT_OF_MEMORY. A row of a text
 * file that holds no numbers is none: it is told in the block.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_source_take(struct neuron_row_source *source, uint64_t first, uint64_t count,
                       struct neuron_row_block *block, struct neuron_error *error);

/* Returns NEURON_SYSTEM when a file was changed: rows that were taken may be wrong. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_source_check(const struct neuron_row_source *source, struct neuron_error *error);

/* Lets go of the rows; the memory is kept for the next take. */
void
neuron_row_block_release(struct neuron_row_source *source, struct neuron_row_block *block);

/* Frees what a block holds. Accepts a zeroed one. */
void
neuron_row_block_destroy(struct neuron_row_block *block);

/* Closes everything. Blocks are destroyed before. Accepts NULL. */
void
neuron_row_source_destroy(struct neuron_row_source *source);

#endif
