/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing here blocks but poll(), so that a signal is never lost between a look and a wait. What is
   written at once fits into what a pipe has room for when it says that there is some. */
#include "monitor/monitor_stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "neuron/clock.h"

enum { SIGNALS = 0, OUTPUT = 1, WATCHED = 2 };

enum neuron_status
neuron_monitor_stream_open(int output, struct neuron_monitor_stream *stream,
                           struct neuron_error *error)
{
    sigset_t stops;

    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &stops, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    stream->output = output;
    stream->signals = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    if (stream->signals < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot listen for signals: %s",
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

/* Waits up to a time for signals and for some event of the output. */
static void
poll_both(const struct neuron_monitor_stream *stream, short output_events,
          const struct timespec *timeout, struct pollfd watched[WATCHED])
{
    watched[SIGNALS] = (struct pollfd){.fd = stream->signals, .events = POLLIN};
    watched[OUTPUT] = (struct pollfd){.fd = stream->output, .events = output_events};
    if (ppoll(watched, WATCHED, timeout, NULL) < 0) {
        watched[SIGNALS].revents = 0;
        watched[OUTPUT].revents = 0;
    }
}

enum neuron_stream_event
neuron_monitor_stream_wait(const struct neuron_monitor_stream *stream, uint64_t time_ns)
{
    uint64_t now_ns = neuron_clock_ns();
    struct pollfd watched[WATCHED];

    do {
        uint64_t left_ns = time_ns > now_ns ? time_ns - now_ns : 0;
        const struct timespec timeout = {.tv_sec = (time_t)(left_ns / NEURON_NS_PER_S),
                                         .tv_nsec = (long)(left_ns % NEURON_NS_PER_S)};

        poll_both(stream, 0, &timeout, watched);
        if (watched[SIGNALS].revents != 0) {
            return NEURON_STREAM_STOPPED;
        }
        if (watched[OUTPUT].revents != 0) {
            return NEURON_STREAM_CLOSED;
        }
        now_ns = neuron_clock_ns();
    } while (now_ns < time_ns);
    return NEURON_STREAM_GOES_ON;
}

enum neuron_status
neuron_monitor_stream_write(const struct neuron_monitor_stream *stream, const char *bytes,
                            size_t size_bytes, enum neuron_stream_event *event,
                            struct neuron_error *error)
{
    struct pollfd watched[WATCHED];

    *event = NEURON_STREAM_GOES_ON;
    while (size_bytes > 0) {
        poll_both(stream, POLLOUT, NULL, watched);
        if (watched[SIGNALS].revents != 0) {
            *event = NEURON_STREAM_STOPPED;
            return NEURON_OK;
        }
        if (watched[OUTPUT].revents == 0) {
            continue;
        }
        ssize_t length =
            write(stream->output, bytes, size_bytes < PIPE_BUF ? size_bytes : PIPE_BUF);
        if (length < 0 && errno == EPIPE) {
            *event = NEURON_STREAM_CLOSED;
            return NEURON_OK;
        }
        if (length < 0 && errno != EINTR && errno != EAGAIN) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "standard output cannot be written: %s",
                               strerrordesc_np(errno));
        }
        if (length > 0) {
            bytes += length;
            size_bytes -= (size_t)length;
        }
    }
    return NEURON_OK;
}

void
neuron_monitor_stream_close(struct neuron_monitor_stream *stream)
{
    if (stream->signals >= 0) {
        (void)close(stream->signals);
    }
    stream->signals = -1;
}
