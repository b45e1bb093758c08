/* SPDX-License-Identifier: Apache-2.0 */
/* Which output files there are, of which kind, and where in them each row of each output goes. */
#ifndef NEURON_SCORE_OUTPUT_LAYOUT_H
#define NEURON_SCORE_OUTPUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/npy.h"
#include "neuron/npz_layout.h"
#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/output_set.h"

enum neuron_output_kind {
    NEURON_OUTPUT_NPY = 0,
    NEURON_OUTPUT_NPZ = 1,
    NEURON_OUTPUT_CSV = 2,
    NEURON_OUTPUT_JSONL = 3
};

/* A file. Its part file has the size; of csv and jsonl it only holds the rows of each output, one
 * output behind the other. */
struct neuron_output_file {
    enum neuron_output_kind kind;
    char *path;
    char *part_path; /* PATH.part */
    char *text_path; /* PATH.text.part; NULL but for csv and jsonl */
    uint32_t *outputs;
    uint32_t output_count;
    uint64_t size_bytes;
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES]; /* of npy files */
    size_t header_bytes;
    struct neuron_npz_layout *npz; /* NULL but for npz files */
};

/* Where an output goes. */
struct neuron_output_place {
    struct neuron_tensor_shape shape; /* with all rows */
    uint32_t file;
    uint32_t member;  /* position among those of the file */
    uint64_t offset;  /* of its first row */
    size_t row_bytes; /* may be 0 */
    size_t row_values;
};

struct neuron_output_layout {
    struct neuron_output_file *files;
    uint32_t file_count;
    struct neuron_output_place *places; /* one an output */
    uint32_t output_count;
    size_t row_bytes;    /* of all outputs */
    uint64_t size_bytes; /* of all part files */
};

/*
 * Decides all that from the options and the outputs of the model: `--output PATH` takes all
 * outputs that no `--output NAME=PATH` takes. The ending says the kind: .npz, .csv, .jsonl; any
 * other is an npy file.
 *
 * layout  overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns as neuron_output_set_plan().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_layout_create(const struct neuron_output_plan *plan,
                            struct neuron_output_layout *layout, struct neuron_error *error);

/* Says whether the rows of a kind of file stand at fixed places. */
bool
neuron_output_kind_is_dense(enum neuron_output_kind kind);

/* How many frames a file has: what stands in it beside rows. */
uint32_t
neuron_output_frame_count(const struct neuron_output_file *file);

/* A frame; of npz files the last one is the directory. Lives until the next call on this file. */
struct neuron_npz_frame
neuron_output_frame(const struct neuron_output_file *file, uint32_t frame);

/* Frees what a layout holds. Accepts a zeroed one. */
void
neuron_output_layout_destroy(struct neuron_output_layout *layout);

#endif
