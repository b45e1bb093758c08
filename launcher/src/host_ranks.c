/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each stream of each rank has a pipe that the relay reads as if the rank were here. A shim sends
 * no more than a window before it hears that something was passed on, so a slow reader slows the
 * ranks down, and memory stays bounded.
 */
#include "host_ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEPT_BYTES = 2 * NEURON_JOB_OUTPUT_WINDOW /* of one stream, at most */ };

static enum neuron_status
open_stream(struct neuron_host_stream *stream, struct neuron_output_relay *relay, uint32_t rank,
            enum neuron_output_stream which, struct neuron_error *error)
{
    int ends[2] = {-1, -1};

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open a pipe for the output of rank %u: %s",
                           rank, strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_output_relay_add(relay, rank, which, ends[0], error);
    if (status != NEURON_OK) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return status;
    }
    stream->pipe = ends[1];
    return NEURON_OK;
}

enum neuron_status
neuron_host_ranks_create(uint32_t rank_count, struct neuron_job_channel *channel,
                         struct neuron_output_relay *relay, struct neuron_host_ranks **ranks,
                         struct neuron_error *error)
{
    struct neuron_host_ranks *created = calloc(1, sizeof(*created));
    enum neuron_status status = NEURON_OK;

    if (created != NULL) {
        created->ranks = calloc(rank_count, sizeof(*created->ranks));
    }
    if (created == NULL || created->ranks == NULL) {
        neuron_host_ranks_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u ranks", rank_count);
    }
    created->rank_count = rank_count;
    created->channel = channel;
    for (uint32_t i = 0; i < rank_count; i += 1) {
        created->ranks[i].input_room = NEURON_JOB_INPUT_WINDOW;
        created->ranks[i].streams[0].pipe = -1;
        created->ranks[i].streams[1].pipe = -1;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < rank_count * NEURON_HOST_STREAMS; i += 1) {
        status = open_stream(&created->ranks[i / 2].streams[i % 2], relay, i / 2,
                             (enum neuron_output_stream)(i % 2), error);
    }
    if (status != NEURON_OK) {
        neuron_host_ranks_destroy(created);
        return status;
    }
    *ranks = created;
    return NEURON_OK;
}

static bool
is_reachable(const struct neuron_host_rank *rank)
{
    return rank->state != NEURON_HOST_RANK_ABSENT && rank->state != NEURON_HOST_RANK_LEFT &&
           rank->state != NEURON_HOST_RANK_LOST;
}

void
neuron_host_ranks_send(const struct neuron_host_ranks *ranks, uint32_t rank,
                       struct neuron_job_message *message)
{
    struct neuron_error error;
    size_t size_bytes = 0;
    void *bytes = NULL;

    message->rank = rank;
    if (is_reachable(&ranks->ranks[rank]) &&
        neuron_job_message_encode(message, &bytes, &size_bytes, &error) == NEURON_OK) {
        neuron_job_channel_send(ranks->channel, &ranks->ranks[rank].peer, bytes, size_bytes);
        free(bytes);
    }
}

void
neuron_host_ranks_send_all(const struct neuron_host_ranks *ranks,
                           struct neuron_job_message *message)
{
    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        neuron_host_ranks_send(ranks, i, message);
    }
}

/* The first rank on the same host. */
static uint32_t
find_first(const struct neuron_host_ranks *ranks, uint32_t rank)
{
    uint32_t first = 0;

    while (strcmp(ranks->ranks[first].identity, ranks->ranks[rank].identity) != 0) {
        first += 1;
    }
    return first;
}

void
neuron_host_ranks_group(struct neuron_host_ranks *ranks)
{
    ranks->node_count = 0;
    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        struct neuron_host_rank *first = &ranks->ranks[find_first(ranks, i)];

        if (first == &ranks->ranks[i]) {
            first->node = ranks->node_count;
            ranks->node_count += 1;
        }
        ranks->ranks[i].node = first->node;
        ranks->ranks[i].local_rank = first->local_count;
        first->local_count += 1;
    }
    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        ranks->ranks[i].local_count = ranks->ranks[find_first(ranks, i)].local_count;
    }
}

/* Writes to a pipe as much as it takes; counts what will never be taken, too. */
static size_t
write_some(struct neuron_host_stream *stream, const char *bytes, size_t size_bytes)
{
    size_t done = 0;

    while (done < size_bytes) {
        ssize_t written =
            stream->pipe < 0 ? -1 : write(stream->pipe, bytes + done, size_bytes - done);

        if (written < 0 && stream->pipe >= 0 && errno == EINTR) {
            continue;
        }
        if (written < 0 && stream->pipe >= 0 && errno == EAGAIN) {
            return done;
        }
        done = written < 0 ? size_bytes : done + (size_t)written;
    }
    return done;
}

static void
close_stream(struct neuron_host_stream *stream)
{
    if (stream->pipe >= 0) {
        (void)close(stream->pipe);
        stream->pipe = -1;
    }
}

static void
give_room(const struct neuron_host_ranks *ranks, uint32_t rank, size_t size_bytes)
{
    if (size_bytes > 0) {
        neuron_host_ranks_send(
            ranks, rank,
            &(struct neuron_job_message){.kind = NEURON_JOB_ROOM, .numbers = {size_bytes}});
    }
}

void
neuron_host_ranks_take_output(struct neuron_host_ranks *ranks,
                              const struct neuron_job_message *message)
{
    struct neuron_host_stream *stream =
        &ranks->ranks[message->rank].streams[message->numbers[0] == 0 ? 0 : 1];
    const char *bytes = message->bytes;
    size_t size_bytes = message->size_bytes;
    size_t written = 0;

    stream->is_over = size_bytes == 0;
    if (stream->start == stream->end) {
        stream->start = 0;
        stream->end = 0;
        written = write_some(stream, bytes, size_bytes);
        give_room(ranks, message->rank, written);
    }
    size_t left = size_bytes - written;
    if (left > 0 && stream->bytes == NULL) {
        stream->bytes = malloc(KEPT_BYTES);
    }
    if (stream->bytes != NULL && stream->end + left > KEPT_BYTES) {
        memmove(stream->bytes, stream->bytes + stream->start, stream->end - stream->start);
        stream->end -= stream->start;
        stream->start = 0;
    }
    if (left > 0 && stream->bytes != NULL && stream->end + left <= KEPT_BYTES) {
        memcpy(stream->bytes + stream->end, bytes + written, left);
        stream->end += left;
    }
    if (stream->is_over && stream->start == stream->end) {
        close_stream(stream);
    }
}

static void
flush_stream(const struct neuron_host_ranks *ranks, uint32_t rank,
             struct neuron_host_stream *stream)
{
    size_t written = write_some(stream, stream->bytes + stream->start, stream->end - stream->start);

    stream->start += written;
    give_room(ranks, rank, written);
    if (stream->start == stream->end && stream->is_over) {
        close_stream(stream);
    }
}

void
neuron_host_ranks_flush(struct neuron_host_ranks *ranks)
{
    for (uint32_t i = 0; i < ranks->rank_count * NEURON_HOST_STREAMS; i += 1) {
        struct neuron_host_stream *stream = &ranks->ranks[i / 2].streams[i % 2];

        if (stream->start < stream->end) {
            flush_stream(ranks, i / 2, stream);
        }
    }
}

bool
neuron_host_ranks_are_flushed(const struct neuron_host_ranks *ranks)
{
    for (uint32_t i = 0; i < ranks->rank_count * NEURON_HOST_STREAMS; i += 1) {
        const struct neuron_host_stream *stream = &ranks->ranks[i / 2].streams[i % 2];

        if (stream->start < stream->end) {
            return false;
        }
    }
    return true;
}

void
neuron_host_ranks_end_output(struct neuron_host_ranks *ranks, uint32_t rank)
{
    for (int i = 0; i < NEURON_HOST_STREAMS; i += 1) {
        struct neuron_host_stream *stream = &ranks->ranks[rank].streams[i];

        stream->is_over = true;
        if (stream->start == stream->end) {
            close_stream(stream);
        }
    }
}

void
neuron_host_ranks_destroy(struct neuron_host_ranks *ranks)
{
    if (ranks == NULL) {
        return;
    }
    for (uint32_t i = 0; ranks->ranks != NULL && i < ranks->rank_count; i += 1) {
        for (int j = 0; j < NEURON_HOST_STREAMS; j += 1) {
            close_stream(&ranks->ranks[i].streams[j]);
            free(ranks->ranks[i].streams[j].bytes);
        }
        free(ranks->ranks[i].identity);
        free(ranks->ranks[i].reached);
    }
    free(ranks->ranks);
    free(ranks);
}
