/* SPDX-License-Identifier: Apache-2.0 */
#include "output_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char part_suffix[] = ".part";

struct digits_output_file {
    FILE *stream; /* NULL once it is closed */
    char *path;
    char *part_path;
    bool is_complete;
};

bool
digits_output_file_create(const char *path, struct digits_output_file **file,
                          struct digits_error *error)
{
    struct digits_output_file *made = calloc(1, sizeof(*made));
    size_t part_size = strlen(path) + sizeof(part_suffix);

    if (made == NULL || (made->path = strdup(path)) == NULL ||
        (made->part_path = malloc(part_size)) == NULL) {
        digits_error_set(error, "cannot write %s: out of memory", path);
        goto failed;
    }
    snprintf(made->part_path, part_size, "%s%s", path, part_suffix);
    made->stream = fopen(made->part_path, "wb");
    if (made->stream == NULL) {
        digits_error_set_system(error, "cannot write", made->part_path);
        goto failed;
    }
    *file = made;
    return true;
failed:
    digits_output_file_destroy(made);
    return false;
}

bool
digits_output_file_write(struct digits_output_file *file, const void *bytes, size_t size_bytes,
                         struct digits_error *error)
{
    if (fwrite(bytes, 1, size_bytes, file->stream) != size_bytes) {
        digits_error_set_system(error, "cannot write", file->part_path);
        return false;
    }
    return true;
}

bool
digits_output_file_complete(struct digits_output_file *file, struct digits_error *error)
{
    bool is_written = fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;

    if (!is_written) {
        digits_error_set_system(error, "cannot write", file->part_path);
        return false;
    }
    if (rename(file->part_path, file->path) != 0) {
        digits_error_set_system(error, "cannot write", file->path);
        return false;
    }
    file->is_complete = true;
    return true;
}

void
digits_output_file_destroy(struct digits_output_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->stream != NULL) {
        fclose(file->stream);
        if (!file->is_complete) {
            unlink(file->part_path);
        }
    }
    free(file->part_path);
    free(file->path);
    free(file);
}
