/* SPDX-License-Identifier: Apache-2.0 */
/* Files of rows of every kind, and a source that reads them. */
#ifndef NEURON_TESTS_ROW_FILES_H
#define NEURON_TESTS_ROW_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/npz.h"
#include "score/row_source.h"
#include "test_folder.h"

enum { ROW_INPUT_LIMIT = 4 };

/* What a source is opened with. Zeroed it has no inputs. */
struct row_bench {
    struct test_folder folder;
    struct neuron_tensor_spec specs[ROW_INPUT_LIMIT];
    bool is_shared[ROW_INPUT_LIMIT];
    struct neuron_named_text inputs[ROW_INPUT_LIMIT];
    struct neuron_named_text columns[ROW_INPUT_LIMIT];
    char paths[ROW_INPUT_LIMIT][TEST_PATH_BYTES];
    struct neuron_score_options options;
    struct neuron_row_source_plan plan;
};

/* cmocka setup and teardown; `*state` is a struct row_bench without inputs, in a fresh folder. */
int
row_bench_setup(void **state);
int
row_bench_teardown(void **state);

/* Adds an input of the model, with a batch of 8 as dimension 0 where it is not shared. */
void
row_bench_add_input(struct row_bench *bench, const char *name, struct neuron_tensor_shape shape,
                    bool is_shared);

/* The usual one: "x", float32 of `columns` numbers a row. */
void
row_bench_add_vectors(struct row_bench *bench, const char *name, int64_t columns);

/* Adds --input [name=]file, of a file of the folder. Returns the path. */
const char *
row_bench_add_file(struct row_bench *bench, const char *name, const char *file);

/* Adds --columns [name=]list. */
void
row_bench_add_columns(struct row_bench *bench, const char *name, const char *list);

/* Forgets the inputs of the options; those of the model stay. */
void
row_bench_clear_files(struct row_bench *bench);

/* Opens the source; fails the test where that does not work. */
struct neuron_row_source *
row_bench_open(struct row_bench *bench);

/* Fails the test unless opening fails with this status and a text with this part. */
void
row_bench_refuses(struct row_bench *bench, enum neuron_status status, const char *part);

/* Writes a text as a file of the folder. */
void
row_bench_put(const struct row_bench *bench, const char *file, const char *text);

/* Write a tensor as files: deflated with blocks that are stored; text with the digits that tell
   float32 apart. */
void
row_files_put_npy(const struct row_bench *bench, const char *file,
                  const struct neuron_tensor_view *tensor);
void
row_files_put_npz(const struct row_bench *bench, const char *file,
                  const struct neuron_npz_entry *entries, uint32_t count);
void
row_files_put_deflated(const struct row_bench *bench, const char *file, const char *member,
                       const struct neuron_tensor_view *tensor);
void
row_files_put_csv(const struct row_bench *bench, const char *file, const char *header,
                  const struct neuron_tensor_view *tensor);
void
row_files_put_jsonl(const struct row_bench *bench, const char *file, const char *field,
                    const struct neuron_tensor_view *tensor);

#endif
