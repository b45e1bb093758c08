/* SPDX-License-Identifier: Apache-2.0 */
#include "output_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void
neuron_output_sink_open(struct neuron_output_sink *sink, int descriptor)
{
    struct stat status = {0};
    char path[40] = "";

    *sink = (struct neuron_output_sink){.file = descriptor, .kind = NEURON_SINK_FILE};
    if (fstat(descriptor, &status) != 0 || S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) {
        return;
    }
    if (S_ISSOCK(status.st_mode)) {
        sink->kind = NEURON_SINK_SOCKET;
        return;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    int reopened = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    sink->kind = reopened < 0 ? NEURON_SINK_IN_PIECES : NEURON_SINK_REOPENED;
    sink->file = reopened < 0 ? descriptor : reopened;
}

static void
fail(struct neuron_output_sink *sink, int reason)
{
    sink->failure = reason;
    sink->start = 0;
    sink->end = 0;
}

bool
neuron_output_sink_reserve(struct neuron_output_sink *sink, size_t size_bytes)
{
    size_t needed = 0;

    if (sink->failure != 0) {
        return false;
    }
    if (sink->start == sink->end) {
        sink->start = 0;
        sink->end = 0;
    }
    if (__builtin_add_overflow(sink->end, size_bytes, &needed)) {
        fail(sink, ENOMEM);
        return false;
    }
    if (needed <= sink->capacity) {
        return true;
    }
    size_t capacity = needed / 2 < sink->capacity ? needed + needed / 2 : needed;
    char *grown = realloc(sink->bytes, capacity);
    if (grown == NULL) {
        fail(sink, ENOMEM);
        return false;
    }
    sink->bytes = grown;
    sink->capacity = capacity;
    return true;
}

void
neuron_output_sink_add(struct neuron_output_sink *sink, const char *bytes, size_t size_bytes)
{
    memcpy(sink->bytes + sink->end, bytes, size_bytes);
    sink->end += size_bytes;
}

/* A pipe with room takes PIPE_BUF bytes at once. */
static ssize_t
write_piece(const struct neuron_output_sink *sink, const char *bytes, size_t size_bytes)
{
    struct pollfd room = {.fd = sink->file, .events = POLLOUT};

    if (poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(sink->file, bytes, size_bytes < PIPE_BUF ? size_bytes : PIPE_BUF);
}

static ssize_t
write_some(const struct neuron_output_sink *sink)
{
    const char *bytes = sink->bytes + sink->start;
    size_t size_bytes = sink->end - sink->start;

    switch (sink->kind) {
    case NEURON_SINK_SOCKET:
        return send(sink->file, bytes, size_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    case NEURON_SINK_IN_PIECES:
        return write_piece(sink, bytes, size_bytes);
    case NEURON_SINK_REOPENED:
    case NEURON_SINK_FILE:
        break;
    }
    return write(sink->file, bytes, size_bytes);
}

void
neuron_output_sink_flush(struct neuron_output_sink *sink)
{
    while (sink->start < sink->end) {
        ssize_t written = write_some(sink);

        if (written >= 0) {
            sink->start += (size_t)written;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            fail(sink, errno);
        }
    }
}

bool
neuron_output_sink_is_empty(const struct neuron_output_sink *sink)
{
    return sink->start == sink->end;
}

void
neuron_output_sink_close(struct neuron_output_sink *sink)
{
    if (sink->kind == NEURON_SINK_REOPENED) {
        (void)close(sink->file);
    }
    free(sink->bytes);
    *sink = (struct neuron_output_sink){.file = -1, .kind = NEURON_SINK_FILE};
}
