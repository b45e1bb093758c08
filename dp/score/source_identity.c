/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files the rows of a source are, told from samples: a file of any size is known after 20
 * small reads. Who changes a few bytes between the samples, and puts size and time back, is not
 * found out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/checksum.h"
#include "score/positioned_io.h"
#include "score/row_source_body.h"

enum {
    END_BYTES = 64 << 10, /* of the head, and of the tail */
    PLACE_BYTES = 4 << 10,
    PLACE_COUNT = 16, /* between them */
    SAMPLE_BYTES = 2 * END_BYTES + PLACE_COUNT * PLACE_BYTES,
    KEY_BYTES = 128,
    COLUMNS_BYTES = 512
};

/* Reads a piece of a file behind the samples that are there. */
static bool
add_sample(int file, unsigned char *samples, size_t *used, size_t size_bytes, uint64_t offset)
{
    bool is_read = neuron_read_at(file, samples + *used, size_bytes, offset);

    *used += size_bytes;
    return is_read;
}

/* Reads all samples of a file, or all of a small one. */
static bool
read_samples(int file, uint64_t size_bytes, unsigned char *samples, size_t *used)
{
    if (size_bytes <= SAMPLE_BYTES) {
        return add_sample(file, samples, used, (size_t)size_bytes, 0);
    }
    uint64_t step = (size_bytes - 2 * (uint64_t)END_BYTES - PLACE_BYTES) / (PLACE_COUNT - 1);
    bool is_read = add_sample(file, samples, used, END_BYTES, 0);
    for (uint64_t i = 0; is_read && i < PLACE_COUNT; i += 1) {
        is_read = add_sample(file, samples, used, PLACE_BYTES, END_BYTES + i * step);
    }
    return is_read && add_sample(file, samples, used, END_BYTES, size_bytes - END_BYTES);
}

static enum neuron_status
sample_file(const char *path, const struct stat *status, unsigned char *samples, uint64_t *digest,
            struct neuron_error *error)
{
    size_t used = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (file < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", path,
                           strerrordesc_np(errno));
    }
    errno = 0;
    bool is_read = read_samples(file, (uint64_t)status->st_size, samples, &used);
    int reason = errno;
    (void)close(file);
    if (!is_read && reason == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s was changed while it was read; score again when it is complete",
                           path);
    }
    if (!is_read) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", path,
                           strerrordesc_np(reason));
    }
    *digest = neuron_checksum(samples, used);
    return NEURON_OK;
}

/* Writes "input images", or "input 1 im_ges" for a name that is no key, of a file of several. */
static void
format_key(const struct neuron_tensor_spec *spec, uint32_t input, uint32_t file,
           uint32_t file_count, char *key)
{
    char name[80] = "";
    bool is_plain = strlen(spec->name) < sizeof(name);
    size_t length = 0;

    for (; spec->name[length] != '\0' && length + 1 < sizeof(name); length += 1) {
        char c = spec->name[length];
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '.';

        name[length] = c;
        if (!fits) {
            name[length] = '_';
            is_plain = false;
        }
    }
    int used = is_plain ? snprintf(key, KEY_BYTES, "input %s", name)
                        : snprintf(key, KEY_BYTES, "input %u %s", input, name);
    if (file_count > 1) {
        (void)snprintf(key + used, KEY_BYTES - (size_t)used, " file %u", file);
    }
}

/* What is told of a file for an input. */
struct told_file {
    const char *path;
    const struct stat *status;
    uint64_t digest;
    const char *member;  /* NULL for none */
    const char *columns; /* NULL for none */
};

static enum neuron_status
add_line(struct neuron_job_fingerprint *fingerprint, const char *key, const struct told_file *told,
         struct neuron_error *error)
{
    const char *slash = strrchr(told->path, '/');
    char columns[COLUMNS_BYTES] = "";

    if (told->columns != NULL) {
        /* A list of any length, told by its beginning and its checksum. */
        (void)snprintf(columns, sizeof(columns), " columns %.400s %016llx", told->columns,
                       (unsigned long long)neuron_checksum(told->columns, strlen(told->columns)));
    }
    return neuron_job_fingerprint_add(
        fingerprint, key, error, "%s %lld bytes of %lld.%09ld %016llx%s%s%s",
        slash == NULL ? told->path : slash + 1, (long long)told->status->st_size,
        (long long)told->status->st_mtim.tv_sec, told->status->st_mtim.tv_nsec,
        (unsigned long long)told->digest, told->member == NULL ? "" : " member ",
        told->member == NULL ? "" : told->member, columns);
}

/* Tells a file of a stream for each input that is read from it. */
static enum neuron_status
add_shard(const struct neuron_row_stream *stream, uint32_t shard, uint64_t digest,
          struct neuron_job_fingerprint *fingerprint, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < stream->target_count; i += 1) {
        const struct neuron_row_target *target = &stream->targets[i];
        struct told_file told = {.path = stream->shards[shard].path,
                                 .status = &stream->shards[shard].status,
                                 .digest = digest,
                                 .member = stream->files.member,
                                 .columns = target->columns};
        char key[KEY_BYTES] = "";

        format_key(target->spec, target->input, shard, stream->files.count, key);
        status = add_line(fingerprint, key, &told, error);
    }
    return status;
}

static enum neuron_status
add_stream(const struct neuron_row_stream *stream, unsigned char *samples,
           struct neuron_job_fingerprint *fingerprint, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < stream->files.count; i += 1) {
        uint64_t digest = 0;

        status =
            sample_file(stream->shards[i].path, &stream->shards[i].status, samples, &digest, error);
        if (status == NEURON_OK) {
            status = add_shard(stream, i, digest, fingerprint, error);
        }
    }
    return status;
}

static enum neuron_status
add_shared(const struct neuron_shared_input *shared, unsigned char *samples,
           struct neuron_job_fingerprint *fingerprint, struct neuron_error *error)
{
    struct told_file told = {
        .path = shared->files.paths[0], .status = &shared->status, .member = shared->files.member};
    char key[KEY_BYTES] = "";
    enum neuron_status status = sample_file(told.path, told.status, samples, &told.digest, error);

    format_key(shared->spec, shared->input, 0, 1, key);
    return status == NEURON_OK ? add_line(fingerprint, key, &told, error) : status;
}

enum neuron_status
neuron_row_source_identify(const struct neuron_row_source *source,
                           struct neuron_job_fingerprint *fingerprint, struct neuron_error *error)
{
    unsigned char *samples = malloc(SAMPLE_BYTES);
    enum neuron_status status =
        samples == NULL ? NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to sample the inputs")
                        : NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < source->stream_count; i += 1) {
        status = add_stream(&source->streams[i], samples, fingerprint, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < source->shared_count; i += 1) {
        status = add_shared(&source->shared[i], samples, fingerprint, error);
    }
    free(samples);
    if (status == NEURON_OK) {
        status = neuron_job_fingerprint_add(
            fingerprint, "input rows", error, "%llu from %llu of %llu",
            (unsigned long long)source->rows, (unsigned long long)source->first_row,
            (unsigned long long)source->all_rows);
    }
    return status;
}
