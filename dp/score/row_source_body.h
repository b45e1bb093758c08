/* SPDX-License-Identifier: Apache-2.0 */
/* What a row source is made of, for those who read more of its files than rows. */
#ifndef NEURON_SCORE_ROW_SOURCE_BODY_H
#define NEURON_SCORE_ROW_SOURCE_BODY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "neuron/npy.h"
#include "neuron/npz.h"
#include "score/row_source.h"
#include "score/row_stream.h"

/* An input that all rows share: an array that is in memory as a whole. */
struct neuron_shared_input {
    uint32_t input;
    const struct neuron_tensor_spec *spec; /* borrowed */
    struct neuron_input_files files;       /* one */
    struct stat status;
    struct neuron_npz *npz; /* NULL for an npy file */
    struct neuron_npy_array *array;
};

/* A file, whoever reads it. */
struct neuron_source_file {
    const char *path;
    const struct stat *status;
};

struct neuron_row_source {
    struct neuron_row_stream *streams;
    uint32_t stream_count;
    struct neuron_shared_input *shared;
    uint32_t shared_count;
    uint32_t input_count;
    uint64_t all_rows;  /* of the files */
    uint64_t first_row; /* of them is row 0 of the source */
    uint64_t rows;
    size_t row_bytes;
    struct neuron_source_file *files; /* each once */
    uint32_t file_count;
};

/* Reads the array of a shared input, whose files are set: an npy or npz file of the whole shape of
   the input. Returns as neuron_row_source_open(). */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_input_open(struct neuron_shared_input *shared,
                         const struct neuron_row_source_plan *plan, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_shared_input_destroy(struct neuron_shared_input *shared);

#endif
