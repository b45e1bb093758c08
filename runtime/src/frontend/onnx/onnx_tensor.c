/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontend/onnx/external_data.h"
#include "graph/graph_body.h"

enum { LOCATION_EXTERNAL = 1 };

/* Where the bytes of a tensor lie in a file of its own. */
struct external_place {
    const char *location;
    uint64_t offset;
    uint64_t size_bytes;
};

enum neuron_type
neuron_onnx_type(int32_t code)
{
    static const enum neuron_type types[] = {
        [1] = NEURON_FLOAT32,  [2] = NEURON_UINT8,    [3] = NEURON_INT8,
        [6] = NEURON_INT32,    [7] = NEURON_INT64,    [9] = NEURON_BOOL,
        [10] = NEURON_FLOAT16, [11] = NEURON_FLOAT64, [16] = NEURON_BFLOAT16,
    };

    return code < 0 || code >= (int32_t)(sizeof(types) / sizeof(types[0])) ? NEURON_NO_TYPE
                                                                           : types[code];
}

static enum neuron_status
read_shape(const Neuron__Onnx__Tensor *tensor, struct neuron_tensor_shape *shape,
           struct neuron_error *error)
{
    size_t count = 0;

    *shape = (struct neuron_tensor_shape){.type = neuron_onnx_type(tensor->data_type),
                                          .rank = (uint32_t)tensor->n_dims};
    if (shape->type == NEURON_NO_TYPE) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "has elements of ONNX type %" PRId32 ", of which there are no tensors "
                           "here",
                           tensor->data_type);
    }
    if (tensor->n_dims > NEURON_RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "has %zu dimensions; at most %d",
                           tensor->n_dims, NEURON_RANK_LIMIT);
    }
    for (size_t i = 0; i < tensor->n_dims; i += 1) {
        shape->dims[i] = tensor->dims[i];
    }
    if (!neuron_tensor_shape_element_count(shape, &count)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "has a negative or a huge dimension");
    }
    if (tensor->segment.len > 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "is stored in segments");
    }
    return NEURON_OK;
}

/* Takes memory for bytes that were found to be there. */
static enum neuron_status
allocate(const struct neuron_tensor_shape *shape, void **bytes, struct neuron_error *error)
{
    *bytes = neuron_graph_allocate_constant(shape);
    if (*bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for its %zu bytes",
                           neuron_tensor_shape_size_bytes(shape));
    }
    return NEURON_OK;
}

static enum neuron_status
refuse_count(const struct neuron_tensor_shape *shape, size_t size_bytes, struct neuron_error *error)
{
    char text[96] = "";

    return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                       "is damaged: %s takes %zu bytes, and the file has %zu",
                       neuron_tensor_shape_format(shape, text, sizeof(text)),
                       neuron_tensor_shape_size_bytes(shape), size_bytes);
}

/* Copies dense bytes of the file. */
static enum neuron_status
copy_bytes(const struct neuron_tensor_shape *shape, const void *from, size_t size_bytes,
           void **bytes, struct neuron_error *error)
{
    if (size_bytes != neuron_tensor_shape_size_bytes(shape)) {
        return refuse_count(shape, size_bytes, error);
    }
    enum neuron_status status = allocate(shape, bytes, error);
    if (status == NEURON_OK && size_bytes > 0) {
        memcpy(*bytes, from, size_bytes);
    }
    return status;
}

/* Narrow types stand in the file as int32, one element each: the lower bytes are the element. */
static enum neuron_status
copy_narrow(const Neuron__Onnx__Tensor *tensor, const struct neuron_tensor_shape *shape,
            void **bytes, struct neuron_error *error)
{
    size_t element_bytes = neuron_type_size_bytes(shape->type);

    if (tensor->n_int32_data * element_bytes != neuron_tensor_shape_size_bytes(shape)) {
        return refuse_count(shape, tensor->n_int32_data * element_bytes, error);
    }
    enum neuron_status status = allocate(shape, bytes, error);
    for (size_t i = 0; status == NEURON_OK && i < tensor->n_int32_data; i += 1) {
        memcpy((unsigned char *)*bytes + i * element_bytes, &tensor->int32_data[i], element_bytes);
    }
    return status;
}

static enum neuron_status
copy_typed(const Neuron__Onnx__Tensor *tensor, const struct neuron_tensor_shape *shape,
           void **bytes, struct neuron_error *error)
{
    if (tensor->raw_data.len > 0) {
        return copy_bytes(shape, tensor->raw_data.data, tensor->raw_data.len, bytes, error);
    }
    if (shape->type == NEURON_FLOAT32) {
        return copy_bytes(shape, tensor->float_data, tensor->n_float_data * sizeof(float), bytes,
                          error);
    }
    if (shape->type == NEURON_FLOAT64) {
        return copy_bytes(shape, tensor->double_data, tensor->n_double_data * sizeof(double), bytes,
                          error);
    }
    if (shape->type == NEURON_INT64) {
        return copy_bytes(shape, tensor->int64_data, tensor->n_int64_data * sizeof(int64_t), bytes,
                          error);
    }
    return copy_narrow(tensor, shape, bytes, error);
}

/* Reads a count of bytes from digits. */
static enum neuron_status
parse_number(const char *key, const char *text, uint64_t *number, struct neuron_error *error)
{
    char *end = NULL;

    errno = 0;
    *number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *number > INT64_MAX) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: the %s of its external data is %.40s", key, text);
    }
    return NEURON_OK;
}

/* Unknown keys, such as a checksum, say nothing on where the bytes are. */
static enum neuron_status
find_place(const Neuron__Onnx__Tensor *tensor, struct external_place *place,
           struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < tensor->n_external_data; i += 1) {
        const Neuron__Onnx__Entry *entry = tensor->external_data[i];

        if (strcmp(entry->key, "location") == 0) {
            place->location = entry->value;
        } else if (strcmp(entry->key, "offset") == 0) {
            status = parse_number("offset", entry->value, &place->offset, error);
        } else if (strcmp(entry->key, "length") == 0) {
            status = parse_number("length", entry->value, &place->size_bytes, error);
        }
    }
    if (status == NEURON_OK && (place->location == NULL || place->location[0] == '\0')) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its external data has no location");
    }
    return status;
}

static enum neuron_status
read_external(const Neuron__Onnx__Tensor *tensor, const struct neuron_tensor_shape *shape,
              struct neuron_onnx_source *source, void **bytes, struct neuron_error *error)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    struct external_place place = {.size_bytes = size_bytes};
    int descriptor = -1;

    enum neuron_status status = find_place(tensor, &place, error);
    if (status == NEURON_OK && place.size_bytes != size_bytes) {
        status = refuse_count(shape, place.size_bytes, error);
    }
    if (status == NEURON_OK && size_bytes > source->external_bytes) {
        status = NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                             "is one too many: the external data is larger than a model can be");
    }
    if (status == NEURON_OK) {
        status = neuron_external_data_open(source->folder, place.location, place.offset, size_bytes,
                                           &descriptor, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    status = allocate(shape, bytes, error);
    if (status == NEURON_OK && !neuron_onnx_report_note_file(source->report, descriptor)) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a report");
    }
    if (status == NEURON_OK) {
        status = neuron_external_data_read(descriptor, place.offset, *bytes, size_bytes, error);
        source->external_bytes -= size_bytes;
    }
    (void)close(descriptor);
    return status;
}

/* Any byte but 0 is true in a file; here it is 1. */
static void
settle_bools(const struct neuron_tensor_shape *shape, unsigned char *bytes)
{
    size_t count = shape->type == NEURON_BOOL ? neuron_tensor_shape_size_bytes(shape) : 0;

    for (size_t i = 0; i < count; i += 1) {
        bytes[i] = bytes[i] != 0 ? 1 : 0;
    }
}

enum neuron_status
neuron_onnx_tensor_read(const Neuron__Onnx__Tensor *tensor, struct neuron_onnx_source *source,
                        struct neuron_onnx_constant *constant, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = {0};
    void *bytes = NULL;
    enum neuron_status status = read_shape(tensor, &shape, error);

    if (status == NEURON_OK) {
        status = tensor->data_location == LOCATION_EXTERNAL
                     ? read_external(tensor, &shape, source, &bytes, error)
                     : copy_typed(tensor, &shape, &bytes, error);
    }
    if (status != NEURON_OK) {
        free(bytes);
        return status;
    }
    settle_bools(&shape, bytes);
    *constant = (struct neuron_onnx_constant){.shape = shape, .bytes = bytes};
    return NEURON_OK;
}
