/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in .npy files, as numpy.save() writes them. */
#ifndef DIGITS_ARRAY_FILE_H
#define DIGITS_ARRAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "output_file.h"

enum { DIGITS_RANK_LIMIT = 4 };

enum digits_type { DIGITS_FLOAT32, DIGITS_INT64, DIGITS_UINT8 };

struct digits_array {
    enum digits_type type;
    uint32_t rank;
    size_t dims[DIGITS_RANK_LIMIT];
    size_t element_count;
    void *elements; /* dense, outermost dimension first */
};

/* Starts a file by the header of an array; its elements are written next. `elements` is unused. */
bool
digits_array_file_create(const char *path, const struct digits_array *array,
                         struct digits_output_file **file, struct digits_error *error);

/*
 * Reads a whole file: format version 1.0, float32, int64 or uint8, at most four dimensions.
 *
 * array  is overwritten; digits_array_clear() frees its elements. Unchanged on failure.
 */
bool
digits_array_file_load(const char *path, struct digits_array *array, struct digits_error *error);

/* Writes a whole file. */
bool
digits_array_file_save(const char *path, const struct digits_array *array,
                       struct digits_error *error);

/* Frees the elements of a loaded array. Accepts a zeroed one. */
void
digits_array_clear(struct digits_array *array);

#endif
