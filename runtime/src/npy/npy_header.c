/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file starts with a magic, the format version, the length of the header (2 bytes in version 1,
 * 4 bytes later, little endian) and the header: a Python dict literal with exactly the keys
 * "descr", "fortran_order" and "shape", padded with spaces up to a line end. The payload follows.
 */
#include "neuron/npy.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "npy/literal_reader.h"
#include "npy/npy_header.h"
#include "npy/npy_type.h"

enum {
    MAGIC_BYTES = 6,
    VERSION_BYTES = 2,
    ALIGNMENT_BYTES = 64,
    QUOTED_BYTES = 40 /* most of a text from the file that an error repeats */
};

static const char npy_magic[] = "\x93NUMPY";

/* The values of the dict, with a mark for each that was there. */
struct header_fields {
    enum neuron_npy_pairs pairs; /* given */
    bool has_type, has_order, has_shape;
    enum neuron_type type;
    bool is_fortran_order;
    uint32_t rank;
    int64_t dims[NEURON_RANK_LIMIT];
};

static bool
string_equals(struct neuron_literal_string string, const char *text)
{
    return string.length == strlen(text) && memcmp(string.start, text, string.length) == 0;
}

static int
quoted_length(struct neuron_literal_string string)
{
    return string.length < QUOTED_BYTES ? (int)string.length : QUOTED_BYTES;
}

static enum neuron_status
read_type(struct neuron_literal_reader *reader, struct header_fields *fields,
          struct neuron_error *error)
{
    struct neuron_literal_string text = {0};

    if (neuron_literal_is_next(reader, '[') || neuron_literal_is_next(reader, '(')) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a structured type; save one plain array per field instead");
    }
    if (!neuron_literal_read_string(reader, &text)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: 'descr' is no string; save the array again");
    }
    if (text.length >= 2 && text.start[1] == 'O') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "an array of Python objects; convert it with astype('float32')");
    }
    if (fields->pairs == NEURON_NPY_PAIRS_ARE_BFLOAT16 && string_equals(text, "<V2")) {
        fields->type = NEURON_BFLOAT16;
        return NEURON_OK;
    }
    if (text.length >= 2 && text.start[1] == 'V') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "type '%.*s', bytes without a meaning; save bfloat16 as "
                           "astype('float32')",
                           quoted_length(text), text.start);
    }
    enum neuron_type found =
        text.length == 3 ? neuron_npy_type_find(text.start + 1) : NEURON_NO_TYPE;
    if (found == NEURON_NO_TYPE) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "type '%.*s' is not known here; convert it to f4 f8 f2 i1 u1 i4 i8 b1",
                           quoted_length(text), text.start);
    }
    bool is_one_byte = neuron_type_size_bytes(found) == 1;
    if (text.start[0] != '<' && !(is_one_byte && text.start[0] == '|')) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "type '%.*s' is not little endian; convert it with astype('<%.2s')",
                           quoted_length(text), text.start, text.start + 1);
    }
    fields->type = found;
    return NEURON_OK;
}

static enum neuron_status
read_dim(struct neuron_literal_reader *reader, struct header_fields *fields,
         struct neuron_error *error)
{
    int64_t dim = 0;
    enum neuron_literal_integer outcome = neuron_literal_read_integer(reader, &dim);

    if (outcome == NEURON_LITERAL_INTEGER_NEGATIVE) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: dimension %u is negative; save the array again",
                           fields->rank);
    }
    if (outcome == NEURON_LITERAL_INTEGER_TOO_LARGE) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: dimension %u is above 2^63; save the array again",
                           fields->rank);
    }
    if (outcome != NEURON_LITERAL_INTEGER_READ) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: 'shape' is no tuple of integers; save the array again");
    }
    if (fields->rank == NEURON_RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "more than %d dimensions; reshape the array", NEURON_RANK_LIMIT);
    }
    fields->dims[fields->rank] = dim;
    fields->rank += 1;
    return NEURON_OK;
}

/* Reads "(3, 4)", "(5,)" or "()"; "(5)" is no tuple, in Python either. */
static enum neuron_status
read_shape(struct neuron_literal_reader *reader, struct header_fields *fields,
           struct neuron_error *error)
{
    bool has_comma = true;

    if (!neuron_literal_accept(reader, '(')) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: 'shape' is no tuple; save the array again");
    }
    while (has_comma && !neuron_literal_is_next(reader, ')')) {
        enum neuron_status status = read_dim(reader, fields, error);
        if (status != NEURON_OK) {
            return status;
        }
        has_comma = neuron_literal_accept(reader, ',');
    }
    if (!neuron_literal_accept(reader, ')') || (fields->rank == 1 && !has_comma)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: 'shape' is no tuple of integers; save the array again");
    }
    return NEURON_OK;
}

static enum neuron_status
note_key(bool *has_it, const char *key, struct neuron_error *error)
{
    if (*has_it) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: '%s' stands there twice; save the array again", key);
    }
    *has_it = true;
    return NEURON_OK;
}

static enum neuron_status
read_value(struct neuron_literal_reader *reader, struct neuron_literal_string key,
           struct header_fields *fields, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (string_equals(key, "descr")) {
        status = note_key(&fields->has_type, "descr", error);
        return status == NEURON_OK ? read_type(reader, fields, error) : status;
    }
    if (string_equals(key, "shape")) {
        status = note_key(&fields->has_shape, "shape", error);
        return status == NEURON_OK ? read_shape(reader, fields, error) : status;
    }
    if (!string_equals(key, "fortran_order")) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: unknown key '%.*s'; save the array again",
                           quoted_length(key), key.start);
    }
    status = note_key(&fields->has_order, "fortran_order", error);
    if (status == NEURON_OK && !neuron_literal_read_bool(reader, &fields->is_fortran_order)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: 'fortran_order' is neither True nor False; save the "
                           "array again");
    }
    return status;
}

static enum neuron_status
check_complete(const struct header_fields *fields, struct neuron_error *error)
{
    const char *missing = !fields->has_type    ? "descr"
                          : !fields->has_order ? "fortran_order"
                          : !fields->has_shape ? "shape"
                                               : NULL;
    if (missing != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: key '%s' is missing; save the array again", missing);
    }
    return NEURON_OK;
}

static enum neuron_status
read_dict(struct neuron_literal_reader *reader, struct header_fields *fields,
          struct neuron_error *error)
{
    bool has_comma = true;
    bool is_well_formed = neuron_literal_accept(reader, '{');

    while (is_well_formed && has_comma && !neuron_literal_is_next(reader, '}')) {
        struct neuron_literal_string key = {0};

        is_well_formed =
            neuron_literal_read_string(reader, &key) && neuron_literal_accept(reader, ':');
        if (!is_well_formed) {
            break;
        }
        enum neuron_status status = read_value(reader, key, fields, error);
        if (status != NEURON_OK) {
            return status;
        }
        has_comma = neuron_literal_accept(reader, ',');
    }
    if (!is_well_formed || !neuron_literal_accept(reader, '}') ||
        !neuron_literal_is_at_end(reader)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: no Python dict; save the array again");
    }
    return check_complete(fields, error);
}

/* Finds the dict, and where the payload starts. */
static enum neuron_status
find_header(const unsigned char *bytes, size_t size_bytes, struct neuron_literal_reader *reader,
            size_t *payload_offset_bytes, struct neuron_error *error)
{
    size_t start = MAGIC_BYTES + VERSION_BYTES + 2;

    if (size_bytes < MAGIC_BYTES || memcmp(bytes, npy_magic, MAGIC_BYTES) != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           size_bytes == 0 ? "the file is empty; save the array with numpy.save()"
                                           : "not an npy file; save the array with numpy.save()");
    }
    if (size_bytes < start + 2) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "the file ends inside its header; copy or save it again");
    }
    unsigned major = bytes[MAGIC_BYTES];
    unsigned minor = bytes[MAGIC_BYTES + 1];
    if (major < 1 || major > 3 || minor != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "npy format version %u.%u is unknown (1.0, 2.0 and 3.0 are read)", major,
                           minor);
    }
    const unsigned char *length = bytes + MAGIC_BYTES + VERSION_BYTES;
    size_t header_bytes = (size_t)length[0] | (size_t)length[1] << 8;
    if (major > 1) {
        header_bytes |= (size_t)length[2] << 16 | (size_t)length[3] << 24;
        start += 2;
    }
    if (header_bytes > NEURON_NPY_HEADER_LIMIT_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "the header claims %zu bytes, more than the %d that are read",
                           header_bytes, NEURON_NPY_HEADER_LIMIT_BYTES);
    }
    if (header_bytes > size_bytes - start) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "the file ends inside its header; copy or save it again");
    }
    reader->position = (const char *)bytes + start;
    reader->end = reader->position + header_bytes;
    *payload_offset_bytes = start + header_bytes;
    return NEURON_OK;
}

/* Multiplies up all dimensions but those of 0, so that no part of the product overflows either. */
static bool
count_payload_bytes(const struct neuron_tensor_shape *shape, size_t *payload_size_bytes)
{
    size_t product = neuron_type_size_bytes(shape->type);
    bool is_empty = false;

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        if (shape->dims[i] == 0) {
            is_empty = true;
        } else if (__builtin_mul_overflow(product, (size_t)shape->dims[i], &product) ||
                   product > INT64_MAX) {
            return false;
        }
    }
    *payload_size_bytes = is_empty ? 0 : product;
    return true;
}

/* In Fortran order the first dimension runs fastest, which matters from two dimensions on. */
static bool
is_transposed(const struct header_fields *fields)
{
    uint32_t long_dims = 0;

    for (uint32_t i = 0; i < fields->rank; i += 1) {
        long_dims += fields->dims[i] > 1 ? 1 : 0;
    }
    return fields->is_fortran_order && long_dims > 1;
}

enum neuron_status
neuron_npy_parse(const void *bytes, size_t size_bytes, struct neuron_npy_description *description,
                 struct neuron_error *error)
{
    return neuron_npy_parse_header(bytes, size_bytes, NEURON_NPY_PAIRS_ARE_REFUSED, description,
                                   error);
}

enum neuron_status
neuron_npy_parse_header(const void *bytes, size_t size_bytes, enum neuron_npy_pairs pairs,
                        struct neuron_npy_description *description, struct neuron_error *error)
{
    struct neuron_literal_reader reader = {0};
    struct header_fields fields = {.pairs = pairs};
    struct neuron_npy_description found = {0};

    enum neuron_status status =
        find_header(bytes, size_bytes, &reader, &found.payload_offset_bytes, error);
    if (status == NEURON_OK) {
        status = read_dict(&reader, &fields, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (is_transposed(&fields)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "Fortran order; save numpy.ascontiguousarray() of the array");
    }
    found.shape.type = fields.type;
    found.shape.rank = fields.rank;
    memcpy(found.shape.dims, fields.dims, sizeof(fields.dims));
    if (!count_payload_bytes(&found.shape, &found.payload_size_bytes)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged header: the shape is larger than any file; save the array "
                           "again");
    }
    size_t present_bytes = size_bytes - found.payload_offset_bytes;
    if (present_bytes != found.payload_size_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "holds %zu bytes behind the header, but its shape takes %zu; copy or "
                           "save it again",
                           present_bytes, found.payload_size_bytes);
    }
    *description = found;
    return NEURON_OK;
}

/* Writes a shape as Python does: "()", "(5,)", "(3, 4)". */
static void
format_dims(const struct neuron_tensor_shape *shape, char *text, size_t size_bytes)
{
    size_t length = 0;

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        length += (size_t)snprintf(text + length, size_bytes - length, "%s%lld", i == 0 ? "" : ", ",
                                   (long long)shape->dims[i]);
    }
    if (shape->rank == 1) {
        (void)snprintf(text + length, size_bytes - length, ",");
    }
}

enum neuron_status
neuron_npy_format(const struct neuron_tensor_shape *shape, char *bytes, size_t *size_bytes,
                  struct neuron_error *error)
{
    enum { START = MAGIC_BYTES + VERSION_BYTES + 2 };
    char dims[NEURON_RANK_LIMIT * 24] = "";
    const char *code = neuron_npy_type_code(shape->type);

    if (code == NULL || shape->rank > NEURON_RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "npy files have no type %s, or not with %u dimensions",
                           neuron_type_name(shape->type), shape->rank);
    }
    format_dims(shape, dims, sizeof(dims));
    int length = snprintf(bytes + START, NEURON_NPY_WRITTEN_LIMIT_BYTES - START,
                          "{'descr': '%c%s', 'fortran_order': False, 'shape': (%s), }",
                          neuron_type_size_bytes(shape->type) == 1 ? '|' : '<', code, dims);
    /* A header that needs no padding gets 64 bytes of it all the same, as in numpy. */
    size_t used = START + (size_t)length + 1;
    size_t total = used + ALIGNMENT_BYTES - used % ALIGNMENT_BYTES;
    memset(bytes + used - 1, ' ', total - used);
    bytes[total - 1] = '\n';
    memcpy(bytes, npy_magic, MAGIC_BYTES);
    memcpy(bytes + MAGIC_BYTES, "\x01\x00", VERSION_BYTES);
    bytes[START - 2] = (char)((total - START) & 0xFF);
    bytes[START - 1] = (char)((total - START) >> 8);
    *size_bytes = total;
    return NEURON_OK;
}
