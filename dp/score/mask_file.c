/* SPDX-License-Identifier: Apache-2.0 */
#include "score/mask_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/npy.h"
#include "score/new_file.h"

/* Puts so many rows that did not fail. */
static void
put_good_rows(struct neuron_new_file *file, uint64_t count)
{
    static const char zeros[NEURON_NEW_FILE_ROOM_BYTES] = {0};

    while (count > 0) {
        size_t piece = count < sizeof(zeros) ? (size_t)count : sizeof(zeros);

        neuron_new_file_put(file, zeros, piece);
        count -= piece;
    }
}

static void
put_rows(struct neuron_new_file *file, uint64_t rows, const struct neuron_row_failure *failures,
         size_t failure_count)
{
    const char failed = 1;
    uint64_t next = 0;

    for (size_t i = 0; i < failure_count; i += 1) {
        put_good_rows(file, failures[i].row - next);
        neuron_new_file_put(file, &failed, 1);
        next = failures[i].row + 1;
    }
    put_good_rows(file, rows - next);
}

enum neuron_status
neuron_mask_file_write(const char *path, uint64_t rows, const struct neuron_row_failure *failures,
                       size_t failure_count, struct neuron_error *error)
{
    const struct neuron_tensor_shape shape = {
        .type = NEURON_BOOL, .rank = 1, .dims = {(int64_t)rows}};
    struct neuron_new_file file = {.descriptor = -1};
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t header_bytes = 0;
    size_t length = strlen(path);
    enum neuron_status status = neuron_npy_format(&shape, header, &header_bytes, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (length == 0 || path[length - 1] == '/') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "mask '%s' names no file; name one, as in mask.npy", path);
    }
    char *part_path = malloc(length + sizeof(".part"));
    if (part_path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to write %s", path);
    }
    (void)snprintf(part_path, length + sizeof(".part"), "%s.part", path);
    status = neuron_new_file_open(&file, path, part_path, error);
    if (status == NEURON_OK) {
        neuron_new_file_put(&file, header, header_bytes);
        put_rows(&file, rows, failures, failure_count);
        status = neuron_new_file_settle(&file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_new_file_publish(&file, error);
    }
    neuron_new_file_close(&file);
    free(part_path);
    return status;
}
