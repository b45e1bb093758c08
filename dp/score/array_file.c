/* SPDX-License-Identifier: Apache-2.0 */
#include "score/array_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "score/positioned_io.h"

enum {
    START_LIMIT_BYTES = NEURON_NPY_HEADER_LIMIT_BYTES + 16,
    AROUND_BYTES = 64 << 10, /* that a page fault maps at most, at multiples of this */
    WANT_BYTES = 128 << 10,  /* that the kernel reads ahead at least, of what it is asked for */
    NAMES_BYTES = 80,
    UNNEEDED_BYTES = 4 << 20 /* that are let go of together */
};

static enum neuron_status
parse_start(int file, const char *path, size_t size_bytes, unsigned char *start,
            struct neuron_npy_description *description, struct neuron_error *error)
{
    size_t start_bytes = size_bytes < START_LIMIT_BYTES ? size_bytes : START_LIMIT_BYTES;
    struct neuron_error reason = {0};

    if (!neuron_read_at(file, start, start_bytes, 0)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", path,
                           errno == 0 ? "it was cut" : strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_npy_parse(start, size_bytes, description, &reason);
    return status == NEURON_OK ? status : NEURON_FAIL(error, status, "%s: %s", path, reason.text);
}

enum neuron_status
neuron_array_find_in_npy(int file, const char *path, const struct stat *status,
                         struct neuron_array_place *array, struct neuron_error *error)
{
    struct neuron_npy_description description = {0};
    unsigned char *start = malloc(START_LIMIT_BYTES);

    if (start == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its header", path);
    }
    enum neuron_status outcome =
        parse_start(file, path, (size_t)status->st_size, start, &description, error);
    free(start);
    if (outcome == NEURON_OK) {
        *array = (struct neuron_array_place){
            .shape = description.shape,
            .place = {.stored_bytes = (uint64_t)status->st_size,
                      .size_bytes = (uint64_t)status->st_size,
                      .payload_offset_bytes = description.payload_offset_bytes}};
    }
    return outcome;
}

/* Writes the names of the arrays, cut where they do not fit. */
static const char *
list_arrays(const struct neuron_npz *npz, char *names)
{
    uint32_t count = neuron_npz_array_count(npz);
    size_t used = 0;

    names[0] = '\0';
    for (uint32_t i = 0; i < count && used < NAMES_BYTES - 1; i += 1) {
        int length = snprintf(names + used, NAMES_BYTES - used, "%s%s", i == 0 ? "" : ", ",
                              neuron_npz_array_name(npz, i));
        used += length < 0 ? 0 : (size_t)length;
    }
    return names;
}

enum neuron_status
neuron_array_choose_member(const struct neuron_npz *npz, const char *path, const char *member,
                           const char *input_name, uint32_t *index, struct neuron_error *error)
{
    char names[NAMES_BYTES] = "";

    if (member != NULL ? neuron_npz_find(npz, member, index)
                       : neuron_npz_find(npz, input_name, index)) {
        return NEURON_OK;
    }
    if (member == NULL && neuron_npz_array_count(npz) == 1) {
        *index = 0;
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s has no array '%.60s', but %s; name one as FILE.npz:ARRAY", path,
                       member != NULL ? member : input_name, list_arrays(npz, names));
}

enum neuron_status
neuron_array_find_in_npz(const char *path, const char *member, const char *input_name,
                         struct neuron_array_place *array, struct neuron_error *error)
{
    struct neuron_npz *npz = NULL;
    uint32_t index = 0;
    enum neuron_status status = neuron_npz_load(path, &npz, error);

    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_array_choose_member(npz, path, member, input_name, &index, error);
    if (status == NEURON_OK) {
        *array = (struct neuron_array_place){.shape = neuron_npz_array_shape(npz, index),
                                             .place = neuron_npz_array_place(npz, index)};
    }
    neuron_npz_destroy(npz);
    return status;
}

enum neuron_status
neuron_array_map(int file, const char *path, size_t size_bytes,
                 struct neuron_array_mapping *mapping, struct neuron_error *error)
{
    void *bytes = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, file, 0);

    if (bytes == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be mapped: %s", path,
                           strerrordesc_np(errno));
    }
    *mapping = (struct neuron_array_mapping){.bytes = bytes, .size_bytes = size_bytes};
    return NEURON_OK;
}

static void
advise(const struct neuron_array_mapping *mapping, size_t from, size_t until, int advice)
{
    if (until > from) {
        (void)madvise(mapping->bytes + from, until - from, advice);
    }
}

void
neuron_array_want(const struct neuron_array_mapping *mapping, size_t from, size_t until)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    until = until < mapping->size_bytes ? until : mapping->size_bytes;
    from -= from % page;
    /* It reads no more of one call than it would read ahead by itself, and forgets the rest. */
    while (from < until) {
        size_t piece = until - from < WANT_BYTES ? until - from : WANT_BYTES;

        advise(mapping, from, from + piece, MADV_WILLNEED);
        from += piece;
    }
}

/* Lets go of all that is to be let go of. */
static void
forget_unneeded(struct neuron_array_mapping *mapping)
{
    size_t around = (size_t)sysconf(_SC_PAGESIZE);
    size_t from = mapping->unneeded_from;
    size_t until = mapping->unneeded_until;

    around = around < AROUND_BYTES ? AROUND_BYTES : around;
    until += around - 1 - (until + around - 1) % around;
    until = until < mapping->size_bytes ? until : mapping->size_bytes;
    advise(mapping, from - from % around, until, MADV_DONTNEED);
    mapping->unneeded_from = mapping->unneeded_until;
}

void
neuron_array_forget(struct neuron_array_mapping *mapping, size_t from, size_t until)
{
    if (from != mapping->unneeded_until) {
        forget_unneeded(mapping);
        mapping->unneeded_from = from;
    }
    mapping->unneeded_until = until;
    if (until - mapping->unneeded_from >= UNNEEDED_BYTES || until == mapping->size_bytes) {
        forget_unneeded(mapping);
    }
}

void
neuron_array_unmap(struct neuron_array_mapping *mapping)
{
    if (mapping->bytes != NULL) {
        (void)munmap(mapping->bytes, mapping->size_bytes);
    }
    *mapping = (struct neuron_array_mapping){0};
}
