/* SPDX-License-Identifier: Apache-2.0 */
/* What an output set holds, for those of its files that write, finish, and check it. */
#ifndef NEURON_SCORE_OUTPUT_SET_BODY_H
#define NEURON_SCORE_OUTPUT_SET_BODY_H

#include <stdint.h>

#include "score/output_layout.h"
#include "score/output_set.h"
#include "score/piece_sum.h"

/* Bytes that were written one behind the other, and of which the disk knows nothing yet. */
struct neuron_unsent_bytes {
    uint64_t start;
    uint64_t end;
};

struct neuron_output_set {
    struct neuron_output_plan plan;
    struct neuron_output_layout layout;
    int *descriptors;                   /* one a file; -1 where it is not open */
    struct neuron_unsent_bytes *unsent; /* one an output */
    struct neuron_summer *summer;
    unsigned char *warm; /* NEURON_WARM_BYTES, for what is read back */
    uint64_t text_sum;   /* of the text that was rendered last */
};

/* What stays in a core's cache between its checksum and its copy to the kernel. */
enum { NEURON_WARM_BYTES = 256 * 1024 };

/* Fails with what the system said of a file: "PATH cannot be WHAT: reason". */
enum neuron_status
neuron_output_fail(const char *path, const char *what, int reason, struct neuron_error *error);

/* Writes all frames of all files. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_write_frames(const struct neuron_output_set *set, struct neuron_error *error);

/* Notes in npz files the checksums that the pieces give their arrays. Returns
 * NEURON_INVALID_ARGUMENT for pieces that are not all rows. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_note_checksums(struct neuron_output_set *set, const struct neuron_output_end *end,
                                 struct neuron_error *error);

/* Computes the sums of rows in files of which neuron_output_kind_is_dense(); others become 0. */
NEURON_MUST_CHECK enum neuron_status
neuron_output_set_sum_dense(const struct neuron_output_set *set, struct neuron_row_range rows,
                            struct neuron_piece_sum *sums, struct neuron_error *error);

#endif
