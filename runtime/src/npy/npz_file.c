/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory and the header of every array are checked when a file is loaded, so that names and
 * shapes are known from then on; the bytes of an array, with their checksum, when it is read.
 */
#include "npy/npz_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "npy/inflate.h"
#include "npy/npy_file.h"
#include "npy/npy_header.h"
#include "npy/zip_directory.h"

enum { PAYLOAD_ALIGNMENT = 64, START_LIMIT_BYTES = NEURON_NPY_HEADER_LIMIT_BYTES + 16 };

static const char suffix[] = ".npy";

struct named_array {
    char *name; /* owned */
    struct neuron_npy_description description;
};

struct neuron_npz {
    char *path;
    void *mapping; /* NULL where the bytes are another's */
    const unsigned char *bytes;
    size_t size_bytes;
    struct neuron_zip_directory directory;
    struct named_array *arrays;        /* one per member, in its order */
    const struct named_array **sorted; /* the same by name */
};

static int
compare_names(const void *left, const void *right)
{
    const struct named_array *l = *(const struct named_array *const *)left;
    const struct named_array *r = *(const struct named_array *const *)right;

    return strcmp(l->name, r->name);
}

/* Gives an array the name of its member, which ends in ".npy". */
static enum neuron_status
name_array(const struct neuron_zip_member *member, struct named_array *array,
           struct neuron_error *error)
{
    const size_t suffix_length = sizeof(suffix) - 1;

    if (member->name_length <= suffix_length ||
        memcmp(member->name + member->name_length - suffix_length, suffix, suffix_length) != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "there is a file in it that is no array: %.*s; save the arrays alone, "
                           "with numpy.savez()",
                           (int)(member->name_length < 60 ? member->name_length : 60),
                           member->name);
    }
    array->name = strndup(member->name, member->name_length - suffix_length);
    if (array->name == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a name");
    }
    return NEURON_OK;
}

/* Parses the header of an array; `start` has room for the start of one that is deflated. */
static enum neuron_status
read_header(const struct neuron_npz *npz, const struct neuron_zip_member *member,
            unsigned char *start, struct neuron_npy_description *description,
            struct neuron_error *error)
{
    const struct neuron_packed_bytes packed = {.bytes = npz->bytes + member->offset,
                                               .size_bytes = member->stored_size};
    const unsigned char *bytes = packed.bytes;
    size_t room_bytes =
        member->size_bytes < START_LIMIT_BYTES ? member->size_bytes : START_LIMIT_BYTES;
    size_t found_bytes = room_bytes;
    enum neuron_status status = NEURON_OK;

    if (member->is_deflated) {
        bytes = start;
        status = neuron_inflate(&packed, start, room_bytes, &found_bytes, error);
    }
    if (status == NEURON_OK && found_bytes < room_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged: it is shorter than the archive says; copy or save it again");
    }
    return status == NEURON_OK
               ? neuron_npy_parse_header(bytes, member->size_bytes, NEURON_NPY_PAIRS_ARE_BFLOAT16,
                                         description, error)
               : status;
}

/* Names every array, and reads its header. */
static enum neuron_status
read_arrays(struct neuron_npz *npz, unsigned char *start, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < npz->directory.count; i += 1) {
        const struct neuron_zip_member *member = &npz->directory.members[i];
        struct named_array *array = &npz->arrays[i];

        status = name_array(member, array, error);
        if (status != NEURON_OK) {
            return status;
        }
        npz->sorted[i] = array;
        status = read_header(npz, member, start, &array->description, &reason);
        if (status != NEURON_OK) {
            return NEURON_FAIL(error, status, "array %.60s: %s", array->name, reason.text);
        }
    }
    return status;
}

/* Errors are texts to follow the path. */
static enum neuron_status
read_archive(struct neuron_npz *npz, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_zip_directory_parse(npz->bytes, npz->size_bytes, &npz->directory, error);

    if (status != NEURON_OK) {
        return status;
    }
    size_t count = (size_t)npz->directory.count + 1;
    unsigned char *start = malloc(START_LIMIT_BYTES);
    npz->arrays = calloc(count, sizeof(*npz->arrays));
    npz->sorted = calloc(count, sizeof(struct named_array *));
    if (start == NULL || npz->arrays == NULL || npz->sorted == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its directory");
    } else {
        status = read_arrays(npz, start, error);
    }
    free(start);
    if (status == NEURON_OK) {
        qsort(npz->sorted, npz->directory.count, sizeof(struct named_array *), compare_names);
    }
    return status;
}

/* An npz without its bytes; NULL when there is no memory. */
static struct neuron_npz *
create_empty(const char *path, struct neuron_error *error)
{
    struct neuron_npz *npz = calloc(1, sizeof(*npz));

    if (npz != NULL) {
        npz->path = strdup(path);
    }
    if (npz == NULL || npz->path == NULL) {
        free(npz);
        (void)NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its directory", path);
        return NULL;
    }
    return npz;
}

/* Reads an npz that has its bytes, or destroys it. */
static enum neuron_status
finish_load(struct neuron_npz *loaded, struct neuron_npz **npz, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status = read_archive(loaded, &reason);

    if (status != NEURON_OK) {
        status = NEURON_FAIL(error, status, "%s: %s", loaded->path, reason.text);
        neuron_npz_destroy(loaded);
        return status;
    }
    *npz = loaded;
    return NEURON_OK;
}

enum neuron_status
neuron_npz_parse(const unsigned char *bytes, size_t size_bytes, const char *path,
                 struct neuron_npz **npz, struct neuron_error *error)
{
    struct neuron_npz *parsed = create_empty(path, error);

    if (parsed == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    parsed->bytes = bytes;
    parsed->size_bytes = size_bytes;
    return finish_load(parsed, npz, error);
}

/* Maps an open file; an empty one stays without a mapping. */
static enum neuron_status
map_file(int descriptor, struct neuron_npz *npz, struct neuron_error *error)
{
    struct stat status;

    if (fstat(descriptor, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", npz->path,
                           strerrordesc_np(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; save the arrays as an npz file", npz->path);
    }
    if (status.st_size == 0) {
        return NEURON_OK;
    }
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapping == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be mapped: %s", npz->path,
                           strerrordesc_np(errno));
    }
    npz->mapping = mapping;
    npz->bytes = mapping;
    npz->size_bytes = (size_t)status.st_size;
    return NEURON_OK;
}

static enum neuron_status
open_and_map(struct neuron_npz *npz, struct neuron_error *error)
{
    /* Not blocking, as opening a pipe would; it is refused below. */
    int descriptor = open(npz->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (descriptor < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", npz->path,
                           strerrordesc_np(errno));
    }
    enum neuron_status status = map_file(descriptor, npz, error);
    (void)close(descriptor);
    return status;
}

enum neuron_status
neuron_npz_load(const char *path, struct neuron_npz **npz, struct neuron_error *error)
{
    struct neuron_npz *loaded = create_empty(path, error);

    if (loaded == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    enum neuron_status status = open_and_map(loaded, error);
    if (status != NEURON_OK) {
        neuron_npz_destroy(loaded);
        return status;
    }
    return finish_load(loaded, npz, error);
}

uint32_t
neuron_npz_array_count(const struct neuron_npz *npz)
{
    return npz->directory.count;
}

const char *
neuron_npz_array_name(const struct neuron_npz *npz, uint32_t index)
{
    return npz->arrays[index].name;
}

struct neuron_tensor_shape
neuron_npz_array_shape(const struct neuron_npz *npz, uint32_t index)
{
    return npz->arrays[index].description.shape;
}

struct neuron_npz_place
neuron_npz_array_place(const struct neuron_npz *npz, uint32_t index)
{
    const struct neuron_zip_member *member = &npz->directory.members[index];

    return (struct neuron_npz_place){.offset_bytes = member->offset,
                                     .stored_bytes = member->stored_size,
                                     .size_bytes = member->size_bytes,
                                     .payload_offset_bytes =
                                         npz->arrays[index].description.payload_offset_bytes,
                                     .checksum = member->checksum,
                                     .is_deflated = member->is_deflated};
}

static int
compare_with_name(const void *name, const void *array)
{
    return strcmp(name, (*(const struct named_array *const *)array)->name);
}

bool
neuron_npz_find(const struct neuron_npz *npz, const char *name, uint32_t *index)
{
    const struct named_array *const *found = bsearch(
        name, npz->sorted, npz->directory.count, sizeof(struct named_array *), compare_with_name);

    if (found == NULL) {
        return false;
    }
    *index = (uint32_t)(*found - npz->arrays);
    return true;
}

struct neuron_file_mapping
neuron_npz_mapping(const struct neuron_npz *npz)
{
    return (struct neuron_file_mapping){.address = npz->mapping,
                                        .size_bytes = npz->mapping == NULL ? 0 : npz->size_bytes};
}

/* Brings a member into memory of its own, so that its payload is aligned there. */
static enum neuron_status
unpack(const struct neuron_npz *npz, const struct neuron_zip_member *member, size_t payload_offset,
       struct neuron_npy_array *array, struct neuron_error *error)
{
    const struct neuron_packed_bytes packed = {.bytes = npz->bytes + member->offset,
                                               .size_bytes = member->stored_size};
    size_t lead = (PAYLOAD_ALIGNMENT - payload_offset % PAYLOAD_ALIGNMENT) % PAYLOAD_ALIGNMENT;
    size_t found_bytes = member->size_bytes;
    size_t room_bytes = 0;
    enum neuron_status status = NEURON_OK;

    /* One byte more than there should be shows that there is more. */
    if (__builtin_add_overflow(member->size_bytes, lead + 1 + PAYLOAD_ALIGNMENT, &room_bytes)) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for it");
    }
    unsigned char *memory =
        aligned_alloc(PAYLOAD_ALIGNMENT, room_bytes - room_bytes % PAYLOAD_ALIGNMENT);
    if (memory == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its %zu bytes",
                           member->size_bytes);
    }
    array->owned = memory;
    array->payload = memory + lead + payload_offset;
    if (member->is_deflated) {
        status =
            neuron_inflate(&packed, memory + lead, member->size_bytes + 1, &found_bytes, error);
    } else {
        memcpy(memory + lead, packed.bytes, member->size_bytes);
    }
    if (status == NEURON_OK && found_bytes != member->size_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged: it has another size than the archive says; copy or save it "
                           "again");
    }
    return status;
}

/* Fills in a zeroed array. Errors are texts to follow its name. */
static enum neuron_status
read_array(const struct neuron_npz *npz, uint32_t index, struct neuron_npy_array *array,
           struct neuron_error *error)
{
    const struct neuron_zip_member *member = &npz->directory.members[index];
    const struct neuron_npy_description *description = &npz->arrays[index].description;
    const unsigned char *bytes = npz->bytes + member->offset;
    size_t payload_offset = description->payload_offset_bytes;
    union {
        const unsigned char *mapped;
        void *payload; /* nobody writes to it */
    } place = {.mapped = bytes + payload_offset};
    bool is_in_place = !member->is_deflated && (uintptr_t)place.mapped % PAYLOAD_ALIGNMENT == 0;
    enum neuron_status status = NEURON_OK;

    array->shape = description->shape;
    if (is_in_place) {
        array->payload = place.payload;
    } else {
        status = unpack(npz, member, payload_offset, array, error);
        bytes = (const unsigned char *)array->payload - payload_offset;
    }
    if (status == NEURON_OK &&
        neuron_inflate_checksum(0, bytes, member->size_bytes) != member->checksum) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged: its checksum does not match; copy or save it again");
    }
    return status;
}

enum neuron_status
neuron_npz_read(const struct neuron_npz *npz, uint32_t index, struct neuron_npy_array **array,
                struct neuron_error *error)
{
    struct neuron_npy_array *read = calloc(1, sizeof(*read));
    struct neuron_error reason = {0};
    enum neuron_status status = NEURON_OUT_OF_MEMORY;

    if (read == NULL) {
        neuron_error_set(&reason, status, "no memory for it");
    } else {
        status = read_array(npz, index, read, &reason);
    }
    if (status != NEURON_OK) {
        neuron_npy_array_destroy(read);
        return NEURON_FAIL(error, status, "%s: array %.60s: %s", npz->path, npz->arrays[index].name,
                           reason.text);
    }
    *array = read;
    return NEURON_OK;
}

void
neuron_npz_destroy(struct neuron_npz *npz)
{
    if (npz == NULL) {
        return;
    }
    for (uint32_t i = 0; npz->arrays != NULL && i < npz->directory.count; i += 1) {
        free(npz->arrays[i].name);
    }
    free(npz->arrays);
    free(npz->sorted);
    neuron_zip_directory_destroy(&npz->directory);
    if (npz->mapping != NULL) {
        (void)munmap(npz->mapping, npz->size_bytes);
    }
    free(npz->path);
    free(npz);
}
