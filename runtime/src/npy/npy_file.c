/* SPDX-License-Identifier: Apache-2.0 */
#include "npy/npy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* Magic, version and length come before the header. */
    START_LIMIT_BYTES = NEURON_NPY_HEADER_LIMIT_BYTES + 16,
    PAYLOAD_ALIGNMENT = 64
};

static enum neuron_status
open_file(const char *path, int *file, size_t *size_bytes, struct neuron_error *error)
{
    struct stat status;
    /* Not blocking, as opening a pipe would; it is refused below. */
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (opened < 0 || fstat(opened, &status) != 0) {
        int reason = errno;

        if (opened >= 0) {
            (void)close(opened);
        }
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", path,
                           strerrordesc_np(reason));
    }
    if (!S_ISREG(status.st_mode)) {
        (void)close(opened);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; save the array as an npy file", path);
    }
    *file = opened;
    *size_bytes = (size_t)status.st_size;
    return NEURON_OK;
}

static enum neuron_status
read_at(int file, void *bytes, size_t size_bytes, size_t offset, struct neuron_error *error)
{
    unsigned char *next = bytes;

    while (size_bytes > 0) {
        ssize_t taken = pread(file, next, size_bytes, (off_t)offset);

        if (taken < 0 && errno == EINTR) {
            continue;
        }
        if (taken < 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot be read: %s", strerrordesc_np(errno));
        }
        if (taken == 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "got shorter while it was read; try again when it is complete");
        }
        next += taken;
        offset += (size_t)taken;
        size_bytes -= (size_t)taken;
    }
    return NEURON_OK;
}

static enum neuron_status
read_header(int file, size_t size_bytes, struct neuron_npy_description *description,
            struct neuron_error *error)
{
    size_t start_bytes = size_bytes < START_LIMIT_BYTES ? size_bytes : START_LIMIT_BYTES;
    unsigned char *start = malloc(start_bytes + 1);

    if (start == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its header");
    }
    enum neuron_status status = read_at(file, start, start_bytes, 0, error);
    if (status == NEURON_OK) {
        status = neuron_npy_parse(start, size_bytes, description, error);
    }
    free(start);
    return status;
}

/* Fills the array. Reasons are texts to follow the name of the file, here and above. */
static enum neuron_status
read_array(int file, size_t size_bytes, struct neuron_npy_array *array, struct neuron_error *error)
{
    struct neuron_npy_description description = {0};
    enum neuron_status status = read_header(file, size_bytes, &description, error);

    if (status != NEURON_OK) {
        return status;
    }
    size_t payload_bytes = description.payload_size_bytes;
    /* No overflow: the payload lies in a file, whose size fits an off_t. */
    array->payload = aligned_alloc(PAYLOAD_ALIGNMENT, payload_bytes + PAYLOAD_ALIGNMENT -
                                                          payload_bytes % PAYLOAD_ALIGNMENT);
    if (array->payload == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its %zu bytes",
                           payload_bytes);
    }
    array->owned = array->payload;
    array->shape = description.shape;
    return read_at(file, array->payload, payload_bytes, description.payload_offset_bytes, error);
}

enum neuron_status
neuron_npy_array_load(const char *path, struct neuron_npy_array **array, struct neuron_error *error)
{
    struct neuron_npy_array *loaded = calloc(1, sizeof(*loaded));
    struct neuron_error reason = {0};
    size_t size_bytes = 0;
    int file = -1;

    if (loaded == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for an array", path);
    }
    enum neuron_status status = open_file(path, &file, &size_bytes, error);
    if (status != NEURON_OK) {
        neuron_npy_array_destroy(loaded);
        return status;
    }
    status = read_array(file, size_bytes, loaded, &reason);
    (void)close(file);
    if (status != NEURON_OK) {
        neuron_npy_array_destroy(loaded);
        return NEURON_FAIL(error, status, "%s: %s", path, reason.text);
    }
    *array = loaded;
    return NEURON_OK;
}

struct neuron_tensor_view
neuron_npy_array_view(const struct neuron_npy_array *array)
{
    return neuron_tensor_view_of(&array->shape, array->payload);
}

void
neuron_npy_array_destroy(struct neuron_npy_array *array)
{
    if (array == NULL) {
        return;
    }
    free(array->owned);
    free(array);
}

enum neuron_status
neuron_npy_write(const struct neuron_tensor_view *tensor, struct neuron_whole_file *file,
                 struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(tensor);
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES];
    size_t header_bytes = 0;
    enum neuron_status status = neuron_npy_format(&shape, header, &header_bytes, error);

    if (status == NEURON_OK) {
        status = neuron_whole_file_write(file, header, header_bytes, 0, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_write(file, tensor->data, neuron_tensor_shape_size_bytes(&shape),
                                         header_bytes, error);
    }
    return status == NEURON_OK ? neuron_whole_file_settle(file, error) : status;
}

enum neuron_status
neuron_npy_save(const struct neuron_tensor_view *tensor, const char *path,
                struct neuron_error *error)
{
    struct neuron_whole_file file = {0};
    enum neuron_status status = neuron_whole_file_open(&file, path, error);

    if (status == NEURON_OK) {
        status = neuron_npy_write(tensor, &file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&file, error);
    }
    neuron_whole_file_close(&file);
    return status;
}
