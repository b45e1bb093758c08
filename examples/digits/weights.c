/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file, all numbers little-endian:
 *
 *   offset  bytes
 *        0      8  "DIGITSNN"
 *        8      4  version of this form: 1
 *       12      4  image side
 *       16      8  channels of the first and the second convolution
 *       24      4  hidden count
 *       28      4  count of the weights, which follows from the four above
 *       32      4n the weights, float32, tensor by tensor in the order of digits_tensor_index
 *   32 + 4n     8  FNV-1a checksum, 64 bits, of all bytes before it
 */
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output_file.h"
#include "rows.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they are");

enum { FILE_VERSION = 1 };

struct file_header {
    char magic[8];
    uint32_t version;
    struct digits_shape shape;
    uint32_t weight_count;
};
_Static_assert(sizeof(struct file_header) == 32, "the header has no gaps");

static const char magic[8] = {'D', 'I', 'G', 'I', 'T', 'S', 'N', 'N'};

size_t
digits_tensor_input_count(const struct digits_tensor *tensor)
{
    return tensor->count / tensor->dims[0];
}

float *
digits_weights_tensor(const struct digits_weights *weights, enum digits_tensor_index index)
{
    return weights->values + weights->tensors[index].offset;
}

static bool
check_shape(const struct digits_shape *shape, struct digits_error *error)
{
    if (shape->image_side < DIGITS_IMAGE_SIDE_LEAST || shape->image_side > DIGITS_IMAGE_SIDE_MOST) {
        digits_error_set(error, "image side is %u, expected %d to %d", shape->image_side,
                         DIGITS_IMAGE_SIDE_LEAST, DIGITS_IMAGE_SIDE_MOST);
        return false;
    }
    for (int i = 0; i < 2; i += 1) {
        if (shape->channel_counts[i] < 1 || shape->channel_counts[i] > DIGITS_CHANNEL_COUNT_MOST) {
            digits_error_set(error, "convolution %d has %u channels, expected 1 to %d", i + 1,
                             shape->channel_counts[i], DIGITS_CHANNEL_COUNT_MOST);
            return false;
        }
    }
    if (shape->hidden_count < 1 || shape->hidden_count > DIGITS_HIDDEN_COUNT_MOST) {
        digits_error_set(error, "the hidden layer has %u units, expected 1 to %d",
                         shape->hidden_count, DIGITS_HIDDEN_COUNT_MOST);
        return false;
    }
    return true;
}

/* Lays the tensors of a checked shape out one behind the other. The bounds keep all of it small. */
static void
lay_out(struct digits_weights *weights)
{
    const struct digits_shape *shape = &weights->shape;
    uint32_t first = shape->channel_counts[0];
    uint32_t second = shape->channel_counts[1];
    uint32_t side = shape->image_side / 2 / 2;
    uint32_t hidden = shape->hidden_count;
    const struct digits_tensor tensors[DIGITS_TENSOR_COUNT] = {
        [DIGITS_CONVOLUTION_1_WEIGHTS] = {4, {first, 1, 3, 3}, 0, 0},
        [DIGITS_CONVOLUTION_1_BIAS] = {1, {first}, 0, 0},
        [DIGITS_CONVOLUTION_2_WEIGHTS] = {4, {second, first, 3, 3}, 0, 0},
        [DIGITS_CONVOLUTION_2_BIAS] = {1, {second}, 0, 0},
        [DIGITS_HIDDEN_WEIGHTS] = {2, {hidden, second * side * side}, 0, 0},
        [DIGITS_HIDDEN_BIAS] = {1, {hidden}, 0, 0},
        [DIGITS_SCORE_WEIGHTS] = {2, {DIGITS_CLASS_COUNT, hidden}, 0, 0},
        [DIGITS_SCORE_BIAS] = {1, {DIGITS_CLASS_COUNT}, 0, 0},
    };

    weights->count = 0;
    for (int i = 0; i < DIGITS_TENSOR_COUNT; i += 1) {
        struct digits_tensor *tensor = &weights->tensors[i];
        *tensor = tensors[i];
        tensor->offset = weights->count;
        tensor->count = 1;
        for (uint32_t dim = 0; dim < tensor->rank; dim += 1) {
            tensor->count *= tensor->dims[dim];
        }
        weights->count += tensor->count;
    }
}

bool
digits_weights_create(const struct digits_shape *shape, struct digits_weights *weights,
                      struct digits_error *error)
{
    struct digits_weights made = {.shape = *shape};

    if (!check_shape(shape, error)) {
        return false;
    }
    lay_out(&made);
    made.values = calloc(made.count, sizeof(float));
    if (made.values == NULL) {
        digits_error_set(error, "out of memory for %zu weights", made.count);
        return false;
    }
    *weights = made;
    return true;
}

/* Goes on with a checksum; the first one starts from FNV's basis. */
static uint64_t
add_to_checksum(uint64_t checksum, const void *bytes, size_t size_bytes)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < size_bytes; i += 1) {
        checksum = (checksum ^ byte[i]) * UINT64_C(0x100000001B3);
    }
    return checksum;
}

static uint64_t
compute_checksum(const struct file_header *header, const struct digits_weights *weights)
{
    uint64_t checksum = UINT64_C(0xCBF29CE484222325);

    checksum = add_to_checksum(checksum, header, sizeof(*header));
    return add_to_checksum(checksum, weights->values, weights->count * sizeof(float));
}

bool
digits_weights_save(const struct digits_weights *weights, const char *path,
                    struct digits_error *error)
{
    struct digits_output_file *file = NULL;
    struct file_header header = {
        .version = FILE_VERSION, .shape = weights->shape, .weight_count = (uint32_t)weights->count};

    memcpy(header.magic, magic, sizeof(magic));
    uint64_t checksum = compute_checksum(&header, weights);
    if (!digits_output_file_create(path, &file, error)) {
        return false;
    }
    bool is_saved =
        digits_output_file_write(file, &header, sizeof(header), error) &&
        digits_output_file_write(file, weights->values, weights->count * sizeof(float), error) &&
        digits_output_file_write(file, &checksum, sizeof(checksum), error) &&
        digits_output_file_complete(file, error);
    digits_output_file_destroy(file);
    return is_saved;
}

static bool
read_header(const char *path, FILE *stream, struct file_header *header, struct digits_error *error)
{
    if (fread(header, 1, sizeof(*header), stream) != sizeof(*header) ||
        memcmp(header->magic, magic, sizeof(magic)) != 0) {
        digits_error_set(error, "%s: no file of weights; digits-train writes one", path);
        return false;
    }
    if (header->version != FILE_VERSION) {
        digits_error_set(error, "%s: has version %u, this program reads version %d", path,
                         header->version, FILE_VERSION);
        return false;
    }
    return true;
}

/* Reads what stands behind the header into weights of its shape. */
static bool
read_values(const char *path, FILE *stream, const struct file_header *header,
            struct digits_weights *weights, struct digits_error *error)
{
    uint64_t checksum = 0;

    if (weights->count != header->weight_count) {
        digits_error_set(error, "%s: damaged: %u weights where its shape has %zu", path,
                         header->weight_count, weights->count);
        return false;
    }
    if (fread(weights->values, sizeof(float), weights->count, stream) != weights->count ||
        fread(&checksum, 1, sizeof(checksum), stream) != sizeof(checksum) || fgetc(stream) != EOF) {
        digits_error_set(error, "%s: damaged: cut or with more behind its end", path);
        return false;
    }
    if (checksum != compute_checksum(header, weights)) {
        digits_error_set(error, "%s: damaged: the checksum is wrong; train again", path);
        return false;
    }
    return true;
}

bool
digits_weights_load(const char *path, struct digits_weights *weights, struct digits_error *error)
{
    struct digits_weights loaded = {.values = NULL};
    struct digits_error reason = {.text = ""};
    struct file_header header;
    bool is_loaded = false;
    FILE *stream = fopen(path, "rb");

    if (stream == NULL) {
        digits_error_set_system(error, "cannot read", path);
        return false;
    }
    if (!read_header(path, stream, &header, error)) {
        goto done;
    }
    if (!digits_weights_create(&header.shape, &loaded, &reason)) {
        digits_error_set(error, "%s: damaged: %.160s", path, reason.text);
        goto done;
    }
    if (read_values(path, stream, &header, &loaded, error)) {
        *weights = loaded;
        loaded.values = NULL;
        is_loaded = true;
    }
done:
    fclose(stream);
    digits_weights_clear(&loaded);
    return is_loaded;
}

void
digits_weights_clear(struct digits_weights *weights)
{
    free(weights->values);
    weights->values = NULL;
}
