/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A .npy file is "\x93NUMPY", version 1.0, the header's length in two bytes, and the header: a
 * Python dictionary with the keys descr, fortran_order and shape, padded with spaces so that the
 * elements behind it start at a multiple of 64 bytes.
 */
#include "array_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are written as they are");

enum { PREFIX_BYTES = 10, ALIGNMENT_BYTES = 64, HEADER_LIMIT_BYTES = 1024 };

static const char magic[] = "\x93NUMPY\x01";

struct element_type {
    const char *description;
    size_t size_bytes;
};

static const struct element_type element_types[] = {
    [DIGITS_FLOAT32] = {"<f4", 4},
    [DIGITS_INT64] = {"<i8", 8},
    [DIGITS_UINT8] = {"|u1", 1},
};

/* Writes "(20000, 1, 16, 16)", or "(5,)" for one dimension. */
static void
format_shape(const struct digits_array *array, char *text, size_t size_bytes)
{
    size_t length = (size_t)snprintf(text, size_bytes, "(");

    for (uint32_t i = 0; i < array->rank && length < size_bytes; i += 1) {
        length += (size_t)snprintf(text + length, size_bytes - length, "%s%zu", i == 0 ? "" : ", ",
                                   array->dims[i]);
    }
    if (length < size_bytes) {
        snprintf(text + length, size_bytes - length, array->rank == 1 ? ",)" : ")");
    }
}

/* Writes prefix and header, and returns their size in bytes: a multiple of the alignment. */
static size_t
format_header(const struct digits_array *array, char bytes[HEADER_LIMIT_BYTES])
{
    char shape[128];
    char *header = bytes + PREFIX_BYTES;

    format_shape(array, shape, sizeof(shape));
    memset(bytes, ' ', HEADER_LIMIT_BYTES);
    int length = snprintf(header, HEADER_LIMIT_BYTES - PREFIX_BYTES,
                          "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                          element_types[array->type].description, shape);
    size_t size = PREFIX_BYTES + (size_t)length + 1;
    size = (size + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    header[length] = ' ';
    bytes[size - 1] = '\n';
    memcpy(bytes, magic, sizeof(magic)); /* with its final zero: the minor version */
    bytes[8] = (char)((size - PREFIX_BYTES) & 0xFF);
    bytes[9] = (char)((size - PREFIX_BYTES) >> 8);
    return size;
}

bool
digits_array_file_create(const char *path, const struct digits_array *array,
                         struct digits_output_file **file, struct digits_error *error)
{
    char header[HEADER_LIMIT_BYTES];
    size_t header_size = format_header(array, header);
    struct digits_output_file *made = NULL;

    if (!digits_output_file_create(path, &made, error)) {
        return false;
    }
    if (!digits_output_file_write(made, header, header_size, error)) {
        digits_output_file_destroy(made);
        return false;
    }
    *file = made;
    return true;
}

bool
digits_array_file_save(const char *path, const struct digits_array *array,
                       struct digits_error *error)
{
    struct digits_output_file *file = NULL;
    size_t size = array->element_count * element_types[array->type].size_bytes;

    if (!digits_array_file_create(path, array, &file, error)) {
        return false;
    }
    bool is_saved = digits_output_file_write(file, array->elements, size, error) &&
                    digits_output_file_complete(file, error);
    digits_output_file_destroy(file);
    return is_saved;
}

/* Finds what stands behind a key of the header, or NULL. */
static const char *
find_value(const char *header, const char *key)
{
    const char *found = strstr(header, key);

    if (found == NULL) {
        return NULL;
    }
    found += strlen(key);
    return found + strspn(found, " ");
}

static bool
parse_type(const char *header, struct digits_array *array)
{
    const char *value = find_value(header, "'descr':");

    for (int type = DIGITS_FLOAT32; value != NULL && type <= DIGITS_UINT8; type += 1) {
        const char *description = element_types[type].description;
        if (value[0] == '\'' && strncmp(value + 1, description, 3) == 0 && value[4] == '\'') {
            array->type = (enum digits_type)type;
            return true;
        }
    }
    return false;
}

/* Reads "(3, 4)", and multiplies the dimensions up; false for one that overflows. */
static bool
parse_shape(const char *header, struct digits_array *array)
{
    const char *position = find_value(header, "'shape':");
    size_t size = element_types[array->type].size_bytes;

    if (position == NULL || *position != '(') {
        return false;
    }
    position += 1;
    array->rank = 0;
    while (*position >= '0' && *position <= '9') {
        char *end = NULL;
        unsigned long long dim = strtoull(position, &end, 10);
        if (array->rank == DIGITS_RANK_LIMIT || dim > SIZE_MAX / 2 ||
            __builtin_mul_overflow(size, (size_t)dim, &size)) {
            return false;
        }
        array->dims[array->rank] = (size_t)dim;
        array->rank += 1;
        position = end + strspn(end, ", ");
    }
    array->element_count = size / element_types[array->type].size_bytes;
    return *position == ')';
}

static bool
parse_header(const char *path, const char *header, struct digits_array *array,
             struct digits_error *error)
{
    const char *order = find_value(header, "'fortran_order':");

    if (!parse_type(header, array)) {
        digits_error_set(error, "%s: element type is none of float32, int64, uint8", path);
        return false;
    }
    if (order == NULL || strncmp(order, "False", 5) != 0) {
        digits_error_set(error, "%s: not in C order; save it by numpy.ascontiguousarray()", path);
        return false;
    }
    if (!parse_shape(header, array)) {
        digits_error_set(error, "%s: shape does not parse, or has over four dimensions", path);
        return false;
    }
    return true;
}

/* Reads prefix and header up to the elements; `file_size` is that of the whole file. */
static bool
read_header(const char *path, FILE *stream, size_t file_size, struct digits_array *array,
            struct digits_error *error)
{
    unsigned char prefix[PREFIX_BYTES];
    char header[HEADER_LIMIT_BYTES];

    if (fread(prefix, 1, sizeof(prefix), stream) != sizeof(prefix) ||
        memcmp(prefix, magic, sizeof(magic)) != 0) {
        digits_error_set(error, "%s: no .npy file of format version 1.0", path);
        return false;
    }
    size_t header_size = (size_t)prefix[8] | (size_t)prefix[9] << 8;
    if (header_size >= sizeof(header) || fread(header, 1, header_size, stream) != header_size) {
        digits_error_set(error, "%s: header of %zu bytes is cut or too long", path, header_size);
        return false;
    }
    header[header_size] = '\0';
    if (!parse_header(path, header, array, error)) {
        return false;
    }
    size_t size = array->element_count * element_types[array->type].size_bytes;
    if (file_size - PREFIX_BYTES - header_size != size) {
        digits_error_set(error, "%s: has %zu bytes of elements where its shape needs %zu", path,
                         file_size - PREFIX_BYTES - header_size, size);
        return false;
    }
    return true;
}

bool
digits_array_file_load(const char *path, struct digits_array *array, struct digits_error *error)
{
    struct digits_array loaded = {.elements = NULL};
    struct stat status;
    bool is_loaded = false;
    FILE *stream = fopen(path, "rb");

    if (stream == NULL || fstat(fileno(stream), &status) != 0) {
        digits_error_set_system(error, "cannot read", path);
        goto done;
    }
    if (!read_header(path, stream, (size_t)status.st_size, &loaded, error)) {
        goto done;
    }
    size_t size = loaded.element_count * element_types[loaded.type].size_bytes;
    loaded.elements = malloc(size + 1); /* an array without elements has an address too */
    if (loaded.elements == NULL) {
        digits_error_set(error, "cannot read %s: out of memory for %zu bytes", path, size);
        goto done;
    }
    if (fread(loaded.elements, 1, size, stream) != size) {
        digits_error_set(error, "%s: ends early; it was changed while it was read", path);
        goto done;
    }
    *array = loaded;
    loaded.elements = NULL;
    is_loaded = true;
done:
    if (stream != NULL) {
        fclose(stream);
    }
    digits_array_clear(&loaded);
    return is_loaded;
}

void
digits_array_clear(struct digits_array *array)
{
    free(array->elements);
    array->elements = NULL;
}
