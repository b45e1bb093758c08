/* SPDX-License-Identifier: Apache-2.0 */
#include "case_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024, WORD_BYTES = 128 };

/* A line of case.txt in words: "input float32 2,3 input_0.bin NAME" or "rtol 0.001". */
struct case_line {
    char role[WORD_BYTES];
    char type[WORD_BYTES]; /* or the number of a tolerance */
    char dims[WORD_BYTES];
    char file_name[WORD_BYTES];
    char name[NEURON_NAME_LIMIT_BYTES];
};

static enum neuron_status
join_path(const char *folder, const char *name, char *path, struct neuron_error *error)
{
    int length = snprintf(path, CASE_PATH_BYTES, "%s/%s", folder, name);

    if (length < 0 || length >= CASE_PATH_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s/%s: the path is too long", folder,
                           name);
    }
    return NEURON_OK;
}

static enum neuron_type
type_of_name(const char *name)
{
    for (enum neuron_type type = NEURON_FLOAT32; neuron_type_size_bytes(type) > 0; type += 1) {
        if (strcmp(neuron_type_name(type), name) == 0) {
            return type;
        }
    }
    return NEURON_NO_TYPE;
}

/* "2,3", or "-" for a scalar. */
static bool
parse_dims(const char *text, struct neuron_tensor_shape *shape)
{
    if (strcmp(text, "-") == 0) {
        return true;
    }
    for (char *end = NULL; shape->rank < NEURON_RANK_LIMIT; text = end + 1) {
        shape->dims[shape->rank] = strtoll(text, &end, 10);
        shape->rank += 1;
        if (end == text || *end != ',') {
            return end != text && *end == '\0';
        }
    }
    return false;
}

/* Reads a file of exactly this size. */
static enum neuron_status
read_elements(const char *path, size_t size_bytes, void **bytes, struct neuron_error *error)
{
    FILE *file = fopen(path, "rbe");

    if (file == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    *bytes = malloc(size_bytes + 1);
    size_t read_bytes = *bytes == NULL ? 0 : fread(*bytes, 1, size_bytes + 1, file);
    (void)fclose(file);
    if (*bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory", path);
    }
    if (read_bytes != size_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: has not %zu bytes", path, size_bytes);
    }
    return NEURON_OK;
}

static enum neuron_status
read_tensor(const char *folder, const struct case_line *line, struct case_tensor *tensor,
            struct neuron_error *error)
{
    char path[CASE_PATH_BYTES];
    struct neuron_tensor_shape *shape = &tensor->spec.shape;
    size_t count = 0;

    shape->type = type_of_name(line->type);
    if (shape->type == NEURON_NO_TYPE || !parse_dims(line->dims, shape) ||
        !neuron_tensor_shape_element_count(shape, &count)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: case.txt: no tensor is %s of %s",
                           folder, line->type, line->dims);
    }
    memcpy(tensor->spec.name, line->name, sizeof(line->name));
    enum neuron_status status = join_path(folder, line->file_name, path, error);
    return status == NEURON_OK
               ? read_elements(path, neuron_tensor_shape_size_bytes(shape), &tensor->bytes, error)
               : status;
}

/* Reads one line of one of the kinds. */
static enum neuron_status
read_line(const char *folder, const struct case_line *line, struct case_file *file,
          struct neuron_error *error)
{
    if (strcmp(line->role, "rtol") == 0) {
        file->tolerance.relative = strtod(line->type, NULL);
    } else if (strcmp(line->role, "atol") == 0) {
        file->tolerance.absolute = strtod(line->type, NULL);
    } else if (strcmp(line->role, "l2") == 0) {
        file->tolerance.l2 = strtod(line->type, NULL);
    } else if (strcmp(line->role, "input") == 0 && file->input_count < CASE_TENSOR_LIMIT) {
        file->input_count += 1;
        return read_tensor(folder, line, &file->inputs[file->input_count - 1], error);
    } else if (strcmp(line->role, "output") == 0 && file->output_count < CASE_TENSOR_LIMIT) {
        file->output_count += 1;
        return read_tensor(folder, line, &file->outputs[file->output_count - 1], error);
    } else {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s: case.txt: \"%s\" is unknown, or there are too many", folder,
                           line->role);
    }
    return NEURON_OK;
}

enum neuron_status
case_file_read(const char *folder, struct case_file *file, struct neuron_error *error)
{
    char path[CASE_PATH_BYTES];
    char text[LINE_BYTES];

    *file = (struct case_file){0};
    enum neuron_status status = join_path(folder, "model.onnx", file->model_path, error);
    if (status == NEURON_OK) {
        status = join_path(folder, "case.txt", path, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    FILE *lines = fopen(path, "re");
    if (lines == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    while (status == NEURON_OK && fgets(text, sizeof(text), lines) != NULL) {
        struct case_line line = {0};

        (void)sscanf(text, "%127s %127s %127s %127s %255[^\n]", line.role, line.type, line.dims,
                     line.file_name, line.name);
        status = read_line(folder, &line, file, error);
    }
    (void)fclose(lines);
    return status;
}

void
case_file_close(struct case_file *file)
{
    for (uint32_t i = 0; i < file->input_count; i += 1) {
        free(file->inputs[i].bytes);
    }
    for (uint32_t i = 0; i < file->output_count; i += 1) {
        free(file->outputs[i].bytes);
    }
    *file = (struct case_file){0};
}
