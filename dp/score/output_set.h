/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs of a job: unfinished under temporary names, each row at its place, then in place. */
#ifndef NEURON_SCORE_OUTPUT_SET_H
#define NEURON_SCORE_OUTPUT_SET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/command_line.h"
#include "score/row_range.h"

/*
 * An output file is an npy file of one output of the model, an npz file of all of them, or a csv or
 * jsonl file. Until the end the rows stand in a part file, PATH.part, of the full size from the
 * start on, in which the place of each row of each output follows from its number. Of npy and npz
 * files the part file is the file itself; csv and jsonl files are rendered from it at the end.
 *
 * A set of files is opened by every rank, on one host or on several that share the folder. One
 * thread at a time, but for neuron_output_set_sync(), which any thread calls meanwhile.
 */
struct neuron_output_set;

/* All of it is borrowed, and outlives the set. */
struct neuron_output_plan {
    const char *model_path;                   /* for error texts */
    const struct neuron_tensor_spec *outputs; /* of the model, in its order: compiled shapes */
    uint32_t output_count;
    uint64_t rows;                              /* of the job */
    const struct neuron_score_options *options; /* outputs, join key, passthrough */
};

/* The checksums of a piece: what a journal keeps of it. */
struct neuron_piece_sum {
    uint64_t xxh3;  /* XXH3-64 of its bytes */
    uint32_t crc32; /* as zip files use it; 0 where the output is in no npz file */
};

/*
 * Decides which files there will be and where each row goes, without touching the disk.
 *
 * set  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for outputs without a file, files without an output, names that
 * are no file's, a kind that cannot hold what it should, or more bytes than a file may have;
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_plan(const struct neuron_output_plan *plan, struct neuron_output_set **set,
                       struct neuron_error *error);

/* The path of the first file: the journal and what else goes with the job is named after it. */
const char *
neuron_output_set_path(const struct neuron_output_set *set);

/* The bytes that the job needs on disk, and those of one row. */
uint64_t
neuron_output_set_size_bytes(const struct neuron_output_set *set);
size_t
neuron_output_set_row_bytes(const struct neuron_output_set *set);

/* How many outputs there are. */
uint32_t
neuron_output_set_output_count(const struct neuron_output_set *set);

/* The bytes of one row of one output. */
size_t
neuron_output_set_tensor_row_bytes(const struct neuron_output_set *set, uint32_t output);

/* Says whether pieces of an output want a CRC-32, too: those of npz files. */
bool
neuron_output_set_wants_crc32(const struct neuron_output_set *set, uint32_t output);

/*
 * Checks that no file of the set, nor its part file, stands where something else is: a folder, a
 * device, or the file `read`, which is `what` ("the input").
 *
 * Returns NEURON_INVALID_ARGUMENT.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_check(const struct neuron_output_set *set, const struct stat *read,
                        const char *what, struct neuron_error *error);

/*
 * Makes the part files afresh, at their full size, with their headers; what stood there under these
 * names is unlinked, not overwritten, as a process that was stopped may still write to it.
 *
 * stop_signal  ends a long reservation; may be NULL.
 *
 * Returns NEURON_SYSTEM, with the bytes needed and those free for a full disk; NEURON_CANCELLED.
 * No part file is left then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_reserve(struct neuron_output_set *set, const volatile sig_atomic_t *stop_signal,
                          struct neuron_error *error);

/*
 * Opens part files that are there: a job that goes on, or another rank made them.
 *
 * Returns NEURON_PEER_LOST when one is missing or of another size; NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_open(struct neuron_output_set *set, struct neuron_error *error);

/*
 * Writes rows of all outputs, those behind the rows that the sums have seen, and goes on with the
 * sums: a piece is written block by block. Has the disk start on them.
 *
 * views  one an output; dimension 0 is rows.count.
 *
 * Returns NEURON_SYSTEM.
 */
struct neuron_output_sums;
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_write_block(struct neuron_output_set *set, struct neuron_row_range rows,
                              const struct neuron_tensor_view *views,
                              struct neuron_output_sums *sums, struct neuron_error *error);

/* Computes the sums that rows on disk have. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_sum(const struct neuron_output_set *set, struct neuron_row_range rows,
                      struct neuron_piece_sum *sums, struct neuron_error *error);

/* Reads rows of one output back. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_read(const struct neuron_output_set *set, uint32_t output,
                       struct neuron_row_range rows, void *bytes, struct neuron_error *error);

/* Puts on disk what was written by this host. Returns NEURON_SYSTEM. Any thread. Blocks. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_sync(const struct neuron_output_set *set, struct neuron_error *error);

/* A piece that is done, with its sums. */
struct neuron_output_piece {
    struct neuron_row_range rows;
    const struct neuron_piece_sum *sums; /* one an output */
};

/* Where texts come from that pass through; NULL in the end where none do. */
struct neuron_column_reader;

/* What the end of a job knows. All of it is borrowed. */
struct neuron_output_end {
    const struct neuron_output_piece *pieces; /* all rows, disjoint, ascending */
    size_t piece_count;
    struct neuron_column_reader
        *columns; /* join key first, then what passes through; may be NULL */
    const volatile sig_atomic_t *stop_signal; /* may be NULL */
};

/*
 * Makes the part files complete: the directory of npz files; csv and jsonl files, rendered under a
 * temporary name of their own (PATH.text.part). Everything is on disk after it. May be done again
 * from the start, after a death.
 *
 * Returns NEURON_SYSTEM or NEURON_CANCELLED, NEURON_OUT_OF_MEMORY, or NEURON_INVALID_ARGUMENT for
 * pieces that are not all rows.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_complete(struct neuron_output_set *set, const struct neuron_output_end *end,
                           struct neuron_error *error);

/* The XXH3 of the csv or jsonl file as complete() rendered it; 0 where there is none. */
uint64_t
neuron_output_set_text_sum(const struct neuron_output_set *set);

/*
 * Renames what is complete to its final names, syncs the folders, and removes what was temporary.
 * May be done again after a death in the middle: a file whose part file is gone is in place.
 *
 * Returns NEURON_PEER_LOST when neither is there; NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_publish(struct neuron_output_set *set, struct neuron_error *error);

/* Says whether every file is under its final name, with the size that it must have (text: any). */
bool
neuron_output_set_is_published(const struct neuron_output_set *set);

/* Opens the finished files for reading, so that sum() and read() see them; csv and jsonl files
 * cannot be. Returns NEURON_PEER_LOST when one is missing or of another size; NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_open_published(struct neuron_output_set *set, struct neuron_error *error);

/* How many files there are, and the final path of each. */
uint32_t
neuron_output_set_file_count(const struct neuron_output_set *set);
const char *
neuron_output_set_file_path(const struct neuron_output_set *set, uint32_t file);

/* Says whether a file is of a kind whose rows stand at fixed places: npy or npz. */
bool
neuron_output_set_file_is_dense(const struct neuron_output_set *set, uint32_t file);

/* Removes the part files and all that is temporary. */
void
neuron_output_set_discard(struct neuron_output_set *set);

/* Closes the files. Accepts NULL. */
void
neuron_output_set_destroy(struct neuron_output_set *set);

#endif
