/* SPDX-License-Identifier: Apache-2.0 */
#include "score/npy_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/npy.h"

struct neuron_npy_input {
    int file;
    char *path;
    struct stat status;
    unsigned char *mapped; /* the whole file; NULL before it is mapped */
    size_t mapped_bytes;
    size_t released_bytes; /* from the start of the file on, whole pages */
    struct neuron_npy_description description;
    size_t row_bytes;
    void *aligned_rows; /* a copy of the rows, for a payload that starts at an odd place */
    size_t aligned_bytes;
};

static enum neuron_status
open_file(struct neuron_npy_input *input, const char *path, struct neuron_error *error)
{
    /* Not blocking, as opening a pipe would; it is refused below. */
    input->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (input->file < 0 || fstat(input->file, &input->status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", path,
                           strerrordesc_np(errno));
    }
    if (!S_ISREG(input->status.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; save the array as an npy file", path);
    }
    return NEURON_OK;
}

static enum neuron_status
map_file(struct neuron_npy_input *input, const char *path, struct neuron_error *error)
{
    size_t size_bytes = (size_t)input->status.st_size;

    if (size_bytes == 0) {
        return NEURON_OK;
    }
    void *mapped = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, input->file, 0);
    if (mapped == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be mapped: %s", path,
                           strerrordesc_np(errno));
    }
    input->mapped = mapped;
    input->mapped_bytes = size_bytes;
    (void)madvise(mapped, size_bytes, MADV_SEQUENTIAL);
    return NEURON_OK;
}

static enum neuron_status
read_header(struct neuron_npy_input *input, const char *path, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    const struct neuron_tensor_shape *shape = &input->description.shape;

    enum neuron_status status =
        neuron_npy_parse(input->mapped, input->mapped_bytes, &input->description, &reason);
    if (status != NEURON_OK) {
        return NEURON_FAIL(error, status, "%s: %s", path, reason.text);
    }
    if (shape->rank == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: a single number; rows are dimension 0 of an array", path);
    }
    /* Cannot overflow: the header was checked over all dimensions that are not 0. */
    input->row_bytes = neuron_type_size_bytes(shape->type);
    for (uint32_t i = 1; i < shape->rank; i += 1) {
        input->row_bytes *= (size_t)shape->dims[i];
    }
    return NEURON_OK;
}

enum neuron_status
neuron_npy_input_open(const char *path, struct neuron_npy_input **input, struct neuron_error *error)
{
    struct neuron_npy_input *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the input file");
    }
    made->file = -1;
    made->path = strdup(path);
    enum neuron_status status = NEURON_OK;
    if (made->path == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the input file");
    }
    if (status == NEURON_OK) {
        status = open_file(made, path, error);
    }
    if (status == NEURON_OK) {
        status = map_file(made, path, error);
    }
    if (status == NEURON_OK) {
        status = read_header(made, path, error);
    }
    if (status != NEURON_OK) {
        neuron_npy_input_destroy(made);
        return status;
    }
    *input = made;
    return NEURON_OK;
}

const struct neuron_tensor_shape *
neuron_npy_input_shape(const struct neuron_npy_input *input)
{
    return &input->description.shape;
}

const struct stat *
neuron_npy_input_file(const struct neuron_npy_input *input)
{
    return &input->status;
}

enum neuron_status
neuron_npy_input_check(const struct neuron_npy_input *input, struct neuron_error *error)
{
    struct stat now = {0};

    /* A mapped page that the file no longer has ends the process: seen before, it is an error. */
    if (fstat(input->file, &now) != 0 || now.st_size != input->status.st_size) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s changed its size while it was read; score again when it is complete",
                           input->path);
    }
    if (now.st_mtim.tv_sec != input->status.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != input->status.st_mtim.tv_nsec) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s was written to while it was read; score again when it is complete",
                           input->path);
    }
    return NEURON_OK;
}

static size_t
row_position(const struct neuron_npy_input *input, uint64_t row)
{
    return input->description.payload_offset_bytes + (size_t)row * input->row_bytes;
}

/* Advice on whole pages of a range; without effect where the kernel does not take it. */
static void
advise(const struct neuron_npy_input *input, size_t from, size_t until, int advice)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    from -= from % page;
    if (until > from) {
        (void)madvise(input->mapped + from, until - from, advice);
    }
}

static void
move_window(struct neuron_npy_input *input, uint64_t first, uint64_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t start = row_position(input, first);
    size_t end = row_position(input, first + count);
    size_t length = end - start;
    size_t next_end = input->mapped_bytes - end > length ? end + length : input->mapped_bytes;
    size_t past = start - start % page;

    if (past > input->released_bytes) {
        advise(input, input->released_bytes, past, MADV_DONTNEED);
        input->released_bytes = past;
    }
    advise(input, end, next_end, MADV_WILLNEED);
}

/* Copies rows to where their type may stand in memory. */
static enum neuron_status
copy_aligned(struct neuron_npy_input *input, const void *rows, size_t size_bytes, void **copy,
             struct neuron_error *error)
{
    if (size_bytes > input->aligned_bytes) {
        void *grown = realloc(input->aligned_rows, size_bytes);
        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu bytes of rows",
                               size_bytes);
        }
        input->aligned_rows = grown;
        input->aligned_bytes = size_bytes;
    }
    if (size_bytes > 0) {
        memcpy(input->aligned_rows, rows, size_bytes);
    }
    *copy = input->aligned_rows;
    return NEURON_OK;
}

enum neuron_status
neuron_npy_input_take(struct neuron_npy_input *input, uint64_t first, uint64_t count,
                      struct neuron_tensor_view *rows, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = input->description.shape;
    size_t position = row_position(input, first);
    void *start = input->mapped + position;

    enum neuron_status status = neuron_npy_input_check(input, error);
    if (status != NEURON_OK) {
        return status;
    }
    move_window(input, first, count);
    if (input->description.payload_offset_bytes % neuron_type_size_bytes(shape.type) != 0) {
        status = copy_aligned(input, start, (size_t)count * input->row_bytes, &start, error);
    }
    if (status == NEURON_OK) {
        shape.dims[0] = (int64_t)count;
        *rows = neuron_tensor_view_of(&shape, start);
    }
    return status;
}

void
neuron_npy_input_destroy(struct neuron_npy_input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->mapped != NULL) {
        (void)munmap(input->mapped, input->mapped_bytes);
    }
    if (input->file >= 0) {
        (void)close(input->file);
    }
    free(input->aligned_rows);
    free(input->path);
    free(input);
}
