/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each stream of a rank is a source, with a pipe or without; each of our own streams is a channel,
 * and both streams are one channel where they lead to the same file. While a channel's sink still
 * has bytes, none of its sources is read, so a slow reader slows the ranks down and memory stays
 * bounded.
 *
 * The sources of a channel are in an epoll set of its own, which can itself be waited for: the
 * caller waits for two descriptors, whatever the number of ranks.
 */
#include "output_relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "output_lines.h"
#include "output_sink.h"
#include "output_tail.h"

enum {
    CHUNK_BYTES = 64 * 1024, /* what a pipe holds */
    STREAM_COUNT = 2,
    READY_COUNT = 64,
    IDLE_MS = 100 /* after which an unfinished line is shown: a prompt */
};

struct channel {
    struct neuron_output_lines lines;
    int ready; /* epoll set of its sources */
    uint32_t open_count;
    uint64_t idle_at_ms; /* when to look for unfinished lines; UINT64_MAX for never */
};

struct source {
    struct channel *channel;
    bool is_open;
    int pipe; /* -1 where there is none: before the start, after the end, or when bytes are put */
    struct neuron_output_assembly assembly;
    uint64_t read_ms; /* when the last bytes came */
};

struct neuron_output_relay {
    struct channel channels[STREAM_COUNT]; /* the second is unused when both streams are one */
    struct channel *of_stream[STREAM_COUNT];
    struct source *sources; /* by rank and stream */
    uint32_t source_count;
    struct neuron_output_tail *errors; /* of each rank's standard error */
    struct neuron_output_style style;
    struct neuron_output_files *files; /* NULL for none */
    struct timespec time_of_day;       /* of the last run; kept up where lines show it */
    bool is_finishing;
    uint64_t now_ms; /* of the last run */
    char chunk[CHUNK_BYTES];
};

static bool
streams_are_one_file(void)
{
    struct stat out = {0};
    struct stat errors = {0};

    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &errors) == 0 &&
           out.st_dev == errors.st_dev && out.st_ino == errors.st_ino;
}

static void
open_channel(struct neuron_output_relay *relay, int stream)
{
    struct channel *channel = &relay->channels[stream];
    int descriptor = STDOUT_FILENO + stream;

    channel->lines.style = relay->style;
    channel->lines.now = &relay->time_of_day;
    channel->lines.breaks_lines = isatty(descriptor) == 1;
    channel->lines.style.has_colors = relay->style.has_colors && channel->lines.breaks_lines;
    channel->idle_at_ms = UINT64_MAX;
    channel->ready = epoll_create1(EPOLL_CLOEXEC);
    neuron_output_sink_open(&channel->lines.sink, descriptor);
}

enum neuron_status
neuron_output_relay_create(uint32_t rank_count, const struct neuron_output_style *style,
                           struct neuron_output_relay **relay, struct neuron_error *error)
{
    struct neuron_output_relay *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the output relay");
    }
    created->style = *style;
    created->of_stream[NEURON_OUTPUT_STDOUT] = &created->channels[0];
    created->of_stream[NEURON_OUTPUT_STDERR] = &created->channels[streams_are_one_file() ? 0 : 1];
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        open_channel(created, i);
    }
    created->sources = calloc((size_t)rank_count * STREAM_COUNT, sizeof(*created->sources));
    created->errors = calloc(rank_count, sizeof(*created->errors));
    if (created->sources == NULL || created->errors == NULL || created->channels[0].ready < 0 ||
        created->channels[1].ready < 0) {
        neuron_output_relay_destroy(created);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up the output relay for %u ranks: %s",
                           rank_count, strerrordesc_np(errno));
    }
    created->source_count = rank_count * STREAM_COUNT;
    for (uint32_t i = 0; i < created->source_count; i += 1) {
        struct source *source = &created->sources[i];

        *source = (struct source){.pipe = -1, .channel = created->of_stream[i % STREAM_COUNT]};
        source->assembly.rank = i / STREAM_COUNT;
        source->assembly.targets[0] = &source->channel->lines;
    }
    *relay = created;
    return NEURON_OK;
}

enum neuron_status
neuron_output_relay_open_files(struct neuron_output_relay *relay, const char *directory,
                               struct neuron_error *error)
{
    if (relay->files != NULL) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_output_files_create(directory, relay->source_count / STREAM_COUNT, &relay->style,
                                   &relay->time_of_day, &relay->files, error);
    for (uint32_t i = 0; status == NEURON_OK && i < relay->source_count; i += 1) {
        relay->sources[i].assembly.targets[1] =
            neuron_output_files_lines(relay->files, (enum neuron_output_stream)(i % STREAM_COUNT));
    }
    return status;
}

/* Opens a stream of a process. What the rank's process before it said counts no more. */
static void
open_source(struct neuron_output_relay *relay, uint32_t rank, enum neuron_output_stream stream)
{
    struct source *source = &relay->sources[rank * STREAM_COUNT + (uint32_t)stream];

    source->is_open = true;
    source->channel->open_count += 1;
    if (stream == NEURON_OUTPUT_STDERR) {
        neuron_output_tail_clear(&relay->errors[rank]);
    }
}

enum neuron_status
neuron_output_relay_add(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream, int pipe, struct neuron_error *error)
{
    struct source *source = &relay->sources[rank * STREAM_COUNT + (uint32_t)stream];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

    if (epoll_ctl(source->channel->ready, EPOLL_CTL_ADD, pipe, &event) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot watch the output of rank %u: %s", rank,
                           strerrordesc_np(errno));
    }
    source->pipe = pipe;
    open_source(relay, rank, stream);
    relay->is_finishing = false;
    return NEURON_OK;
}

void
neuron_output_relay_begin(struct neuron_output_relay *relay, uint32_t rank,
                          enum neuron_output_stream stream)
{
    open_source(relay, rank, stream);
}

void
neuron_output_relay_prepare(const struct neuron_output_relay *relay, struct pollfd *waits)
{
    for (int i = 0; i < NEURON_OUTPUT_POLL_COUNT; i += 1) {
        const struct channel *channel = &relay->channels[i];

        waits[i] = neuron_output_sink_is_empty(&channel->lines.sink)
                       ? (struct pollfd){.fd = channel->ready, .events = POLLIN}
                       : (struct pollfd){.fd = channel->lines.sink.file, .events = POLLOUT};
    }
}

uint64_t
neuron_output_relay_deadline(const struct neuron_output_relay *relay)
{
    uint64_t first_ms = UINT64_MAX;

    for (int i = 0; i < STREAM_COUNT; i += 1) {
        const struct channel *channel = &relay->channels[i];

        if (neuron_output_sink_is_empty(&channel->lines.sink) && channel->idle_at_ms < first_ms) {
            first_ms = channel->idle_at_ms;
        }
    }
    return first_ms;
}

static void
end_source(struct source *source)
{
    struct channel *channel = source->channel;

    if (!source->is_open) {
        return;
    }
    source->is_open = false;
    channel->open_count -= 1;
    neuron_output_assembly_end(&source->assembly);
    /* Another's unfinished line may have nobody to wait for any more. */
    channel->idle_at_ms = 0;
    if (source->pipe >= 0) {
        /* A child between fork and exec may still hold the pipe: closing does not take it out. */
        (void)epoll_ctl(channel->ready, EPOLL_CTL_DEL, source->pipe, NULL);
        (void)close(source->pipe);
        source->pipe = -1;
    }
}

/* Says whether a channel has no writer but this source and, with both streams one, its twin. */
static bool
is_only_writer(const struct neuron_output_relay *relay, const struct source *source)
{
    size_t index = (size_t)(source - relay->sources);
    const struct source *twin = &relay->sources[index ^ 1U];
    bool has_twin = twin->is_open && twin->channel == source->channel;

    return source->channel->open_count == (has_twin ? 2U : 1U);
}

/*
 * Says whether an unfinished line may be shown: where the line of another rank would go on in it,
 * nobody waits for it, and lines stay whole.
 */
static bool
may_show(const struct neuron_output_relay *relay, const struct source *source)
{
    return source->channel->lines.breaks_lines || is_only_writer(relay, source);
}

/* Notes when the unfinished line of a source is due, if it is to be shown at all. */
static void
note_idle(const struct neuron_output_relay *relay, const struct source *source)
{
    struct channel *channel = source->channel;
    uint64_t due_ms = source->read_ms + IDLE_MS;

    if (source->assembly.length > 0 && due_ms < channel->idle_at_ms && may_show(relay, source)) {
        channel->idle_at_ms = due_ms;
    }
}

/* Shows the unfinished lines that are due. */
static void
show_idle(struct neuron_output_relay *relay, struct channel *channel)
{
    if (channel->idle_at_ms > relay->now_ms) {
        return;
    }
    channel->idle_at_ms = UINT64_MAX;
    for (uint32_t i = 0; i < relay->source_count; i += 1) {
        struct source *source = &relay->sources[i];

        if (source->channel != channel || source->assembly.length == 0) {
            continue;
        }
        if (source->read_ms + IDLE_MS <= relay->now_ms && may_show(relay, source)) {
            neuron_output_assembly_show(&source->assembly);
        }
        note_idle(relay, source);
    }
}

static void
take_bytes(struct neuron_output_relay *relay, struct source *source, const char *bytes,
           size_t size_bytes)
{
    enum neuron_output_stream stream =
        (enum neuron_output_stream)((size_t)(source - relay->sources) % STREAM_COUNT);
    uint32_t rank = source->assembly.rank;

    neuron_output_assembly_take(&source->assembly, bytes, size_bytes);
    if (stream == NEURON_OUTPUT_STDERR) {
        neuron_output_tail_put(&relay->errors[rank], bytes, size_bytes);
    }
    if (relay->files != NULL) {
        neuron_output_files_put(relay->files, rank, stream, bytes, size_bytes);
        neuron_output_files_flush(relay->files);
    }
    source->read_ms = relay->now_ms;
    note_idle(relay, source);
}

static void
read_source(struct neuron_output_relay *relay, struct source *source)
{
    ssize_t length = read(source->pipe, relay->chunk, sizeof(relay->chunk));

    if (length > 0) {
        take_bytes(relay, source, relay->chunk, (size_t)length);
    } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
        end_source(source);
    }
}

size_t
neuron_output_relay_put(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream, const char *bytes, size_t size_bytes)
{
    struct source *source = &relay->sources[rank * STREAM_COUNT + (uint32_t)stream];
    struct neuron_output_sink *sink = &source->channel->lines.sink;
    size_t taken = size_bytes < CHUNK_BYTES ? size_bytes : CHUNK_BYTES;

    if (!source->is_open || !neuron_output_sink_is_empty(sink)) {
        return 0;
    }
    take_bytes(relay, source, bytes, taken);
    neuron_output_sink_flush(sink);
    return taken;
}

void
neuron_output_relay_end(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream)
{
    struct source *source = &relay->sources[rank * STREAM_COUNT + (uint32_t)stream];

    end_source(source);
    neuron_output_sink_flush(&source->channel->lines.sink);
}

static void
run_channel(struct neuron_output_relay *relay, struct channel *channel)
{
    struct epoll_event ready[READY_COUNT];

    neuron_output_sink_flush(&channel->lines.sink);
    if (!neuron_output_sink_is_empty(&channel->lines.sink)) {
        return;
    }
    int count = channel->open_count == 0 ? 0 : epoll_wait(channel->ready, ready, READY_COUNT, 0);
    /* A source that finds no room is reported again: the set is level-triggered. */
    for (int i = 0; i < count && neuron_output_sink_is_empty(&channel->lines.sink); i += 1) {
        read_source(relay, ready[i].data.ptr);
        neuron_output_sink_flush(&channel->lines.sink);
    }
    for (uint32_t i = 0; count == 0 && relay->is_finishing && i < relay->source_count; i += 1) {
        if (relay->sources[i].channel == channel) {
            end_source(&relay->sources[i]);
        }
    }
    if (neuron_output_sink_is_empty(&channel->lines.sink)) {
        show_idle(relay, channel);
    }
    neuron_output_sink_flush(&channel->lines.sink);
}

void
neuron_output_relay_run(struct neuron_output_relay *relay, uint64_t now_ms)
{
    relay->now_ms = now_ms;
    if (relay->style.has_times) {
        (void)clock_gettime(CLOCK_REALTIME, &relay->time_of_day);
    }
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        run_channel(relay, &relay->channels[i]);
    }
    if (relay->files != NULL) {
        neuron_output_files_flush(relay->files);
    }
}

void
neuron_output_relay_say(struct neuron_output_relay *relay, const char *text)
{
    struct channel *channel = relay->of_stream[NEURON_OUTPUT_STDERR];

    neuron_output_lines_say(&channel->lines, text);
    neuron_output_sink_flush(&channel->lines.sink);
}

void
neuron_output_relay_finish(struct neuron_output_relay *relay)
{
    relay->is_finishing = true;
}

bool
neuron_output_relay_is_done(const struct neuron_output_relay *relay)
{
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        const struct channel *channel = &relay->channels[i];

        if (channel->open_count > 0 || !neuron_output_sink_is_empty(&channel->lines.sink)) {
            return false;
        }
    }
    return true;
}

int
neuron_output_relay_failure(const struct neuron_output_relay *relay)
{
    int reason = relay->channels[NEURON_OUTPUT_STDOUT].lines.sink.failure;

    return reason != 0 ? reason : relay->channels[NEURON_OUTPUT_STDERR].lines.sink.failure;
}

enum neuron_status
neuron_output_relay_check(const struct neuron_output_relay *relay, struct neuron_error *error)
{
    int reason = neuron_output_relay_failure(relay);

    if (reason != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write to standard %s: %s",
                           relay->channels[NEURON_OUTPUT_STDOUT].lines.sink.failure != 0 ? "output"
                                                                                         : "error",
                           strerrordesc_np(reason));
    }
    return relay->files == NULL ? NEURON_OK : neuron_output_files_check(relay->files, error);
}

size_t
neuron_output_relay_last_errors(const struct neuron_output_relay *relay, uint32_t rank, char *text,
                                size_t size_bytes)
{
    return neuron_output_tail_copy(&relay->errors[rank], text, size_bytes);
}

void
neuron_output_relay_destroy(struct neuron_output_relay *relay)
{
    if (relay == NULL) {
        return;
    }
    for (uint32_t i = 0; relay->sources != NULL && i < relay->source_count; i += 1) {
        if (relay->sources[i].pipe >= 0) {
            (void)close(relay->sources[i].pipe);
        }
        neuron_output_assembly_clear(&relay->sources[i].assembly);
    }
    for (uint32_t i = 0; relay->errors != NULL && i < relay->source_count / STREAM_COUNT; i += 1) {
        neuron_output_tail_clear(&relay->errors[i]);
    }
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        neuron_output_sink_close(&relay->channels[i].lines.sink);
        if (relay->channels[i].ready >= 0) {
            (void)close(relay->channels[i].ready);
        }
    }
    neuron_output_files_destroy(relay->files);
    free(relay->errors);
    free(relay->sources);
    free(relay);
}
