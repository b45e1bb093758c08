/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is read, not mapped: whoever cuts it off meanwhile makes it a damaged file, and not a
 * signal. The bytes are dropped once the messages have copies.
 */
#include "frontend/onnx/onnx_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/onnx/onnx_nesting.h"

enum neuron_status
neuron_onnx_file_parse(const void *bytes, size_t size_bytes, struct neuron_onnx_file *file,
                       struct neuron_error *error)
{
    if (size_bytes > INT32_MAX) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is larger than the 2 GiB that an ONNX file can have; save its weights "
                           "as external data");
    }
    enum neuron_onnx_nesting nesting = neuron_onnx_nesting_check(bytes, size_bytes);
    if (nesting != NEURON_ONNX_NESTING_FINE) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           nesting == NEURON_ONNX_NESTING_TOO_DEEP
                               ? "is damaged: its graphs stand deeper inside each other than 8"
                               : "is no ONNX file, or is damaged: it does not parse");
    }
    neuron_onnx_memory_limit(&file->memory, size_bytes);
    file->folder = -1;
    file->size_bytes = size_bytes;
    file->model = neuron__onnx__model__unpack(&file->memory.allocator, size_bytes, bytes);
    if (file->model == NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           file->memory.was_refused
                               ? "is damaged: it would take far more memory than its size explains"
                               : "is no ONNX file, or is damaged: it does not parse");
    }
    if (file->model->graph == NULL) {
        neuron_onnx_file_close(file);
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is no ONNX file: it has no graph");
    }
    return NEURON_OK;
}

/* Reads a whole file of a known size. */
static enum neuron_status
read_bytes(int descriptor, unsigned char *bytes, size_t size_bytes, struct neuron_error *error)
{
    size_t done = 0;

    while (done < size_bytes) {
        ssize_t count = read(descriptor, bytes + done, size_bytes - done);

        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot be read: %s", strerrordesc_np(errno));
        }
        if (count == 0) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "became shorter while it was read");
        }
        done += (size_t)count;
    }
    return NEURON_OK;
}

static enum neuron_status
parse_descriptor(int descriptor, struct neuron_onnx_file *file, struct neuron_error *error)
{
    struct stat facts = {0};

    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "is no regular file");
    }
    if (facts.st_size > INT32_MAX) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is larger than the 2 GiB that an ONNX file can have; save its weights "
                           "as external data");
    }
    size_t size_bytes = (size_t)facts.st_size;
    unsigned char *bytes = malloc(size_bytes + 1);
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for its %zu bytes",
                           size_bytes);
    }
    enum neuron_status status = read_bytes(descriptor, bytes, size_bytes, error);
    if (status == NEURON_OK) {
        status = neuron_onnx_file_parse(bytes, size_bytes, file, error);
    }
    free(bytes);
    return status;
}

/* Opens the folder that a file stands in; -1 with errno when that does not work. */
static int
open_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = NULL;

    if (slash == NULL) {
        return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    folder = strndup(path, (size_t)(slash - path) + 1);
    if (folder == NULL) {
        return -1;
    }
    int descriptor = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    return descriptor;
}

enum neuron_status
neuron_onnx_file_read(const char *path, struct neuron_onnx_file *file, struct neuron_error *error)
{
    /* A pipe of that name would keep a plain open() waiting. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (descriptor < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot be opened: %s", strerrordesc_np(errno));
    }
    enum neuron_status status = parse_descriptor(descriptor, file, error);
    (void)close(descriptor);
    if (status != NEURON_OK) {
        return status;
    }
    file->folder = open_folder(path);
    if (file->folder < 0) {
        int reason = errno;

        neuron_onnx_file_close(file);
        return NEURON_FAIL(error, NEURON_SYSTEM, "its folder cannot be opened: %s",
                           strerrordesc_np(reason));
    }
    return NEURON_OK;
}

void
neuron_onnx_file_close(struct neuron_onnx_file *file)
{
    if (file->model != NULL) {
        neuron__onnx__model__free_unpacked(file->model, &file->memory.allocator);
        file->model = NULL;
    }
    if (file->folder >= 0) {
        (void)close(file->folder);
        file->folder = -1;
    }
}
