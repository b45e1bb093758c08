/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear under their name whole or not at all. */
#ifndef DIGITS_OUTPUT_FILE_H
#define DIGITS_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* A file that is written as "<path>.part" and renamed when it is complete. */
struct digits_output_file;

/* Opens the part file. `file` receives what digits_output_file_destroy() takes. */
bool
digits_output_file_create(const char *path, struct digits_output_file **file,
                          struct digits_error *error);

/* Writes bytes behind those before. */
bool
digits_output_file_write(struct digits_output_file *file, const void *bytes, size_t size_bytes,
                         struct digits_error *error);

/* Syncs the part file to disk and gives it its name. Nothing is written afterwards. */
bool
digits_output_file_complete(struct digits_output_file *file, struct digits_error *error);

/* Closes the file; removes it when it is not complete. Accepts NULL. */
void
digits_output_file_destroy(struct digits_output_file *file);

#endif
