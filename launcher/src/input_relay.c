/* SPDX-License-Identifier: Apache-2.0 */
#include "input_relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024, READY_COUNT = 64 };

struct neuron_input_target {
    int pipe;       /* -1 once it is left out */
    size_t written; /* of the relay's bytes */
    bool is_watched;
};

bool
neuron_input_relay_is_terminal(void)
{
    return isatty(STDIN_FILENO) == 1;
}

bool
neuron_input_relay_is_ours(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* Makes what the first target needs. */
static bool
open_relay(struct neuron_input_relay *relay)
{
    if (relay->bytes != NULL) {
        return true;
    }
    relay->bytes = malloc(CHUNK_BYTES);
    relay->room = epoll_create1(EPOLL_CLOEXEC);
    if (relay->bytes == NULL || relay->room < 0) {
        int reason = errno;

        neuron_input_relay_close(relay);
        errno = reason;
        return false;
    }
    return true;
}

enum neuron_status
neuron_input_relay_add(struct neuron_input_relay *relay, int pipe, struct neuron_error *error)
{
    if (!open_relay(relay)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot relay standard input: %s",
                           strerrordesc_np(errno));
    }
    struct neuron_input_target *grown =
        realloc(relay->targets, (relay->target_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the input of ranks");
    }
    grown[relay->target_count] = (struct neuron_input_target){.pipe = pipe};
    relay->targets = grown;
    relay->target_count += 1;
    relay->open_count += 1;
    return NEURON_OK;
}

struct pollfd
neuron_input_relay_prepare(const struct neuron_input_relay *relay)
{
    if (relay->open_count == 0) {
        return (struct pollfd){.fd = -1};
    }
    if (relay->lagging_count > 0) {
        return (struct pollfd){.fd = relay->room, .events = POLLIN};
    }
    return (struct pollfd){.fd = relay->is_paused ? -1 : STDIN_FILENO, .events = POLLIN};
}

/* Takes a target out of those that have not taken all. */
static void
catch_up(struct neuron_input_relay *relay, struct neuron_input_target *target)
{
    relay->lagging_count -= 1;
    if (target->is_watched) {
        (void)epoll_ctl(relay->room, EPOLL_CTL_DEL, target->pipe, NULL);
        target->is_watched = false;
    }
}

/* Waits for room; a target that cannot be waited for is left out. */
static bool
watch(const struct neuron_input_relay *relay, struct neuron_input_target *target)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = target};

    if (!target->is_watched) {
        target->is_watched = epoll_ctl(relay->room, EPOLL_CTL_ADD, target->pipe, &event) == 0;
    }
    return target->is_watched;
}

static void
write_some(struct neuron_input_relay *relay, struct neuron_input_target *target)
{
    ssize_t length = 0;

    do {
        length =
            write(target->pipe, relay->bytes + target->written, relay->length - target->written);
        target->written += length > 0 ? (size_t)length : 0;
    } while ((length > 0 && target->written < relay->length) || (length < 0 && errno == EINTR));
    if (target->written == relay->length) {
        catch_up(relay, target);
    } else if (errno != EAGAIN || !watch(relay, target)) {
        catch_up(relay, target);
        (void)close(target->pipe);
        target->pipe = -1;
        relay->open_count -= 1;
    }
}

static void
read_some(struct neuron_input_relay *relay)
{
    /* From the background, reading a terminal would stop this process or fail. */
    if (neuron_input_relay_is_terminal() && !neuron_input_relay_is_ours()) {
        relay->is_paused = true;
        return;
    }
    ssize_t length = read(STDIN_FILENO, relay->bytes, CHUNK_BYTES);
    if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN)) {
        neuron_input_relay_close(relay);
        return;
    }
    if (length < 0) {
        return;
    }
    relay->length = (size_t)length;
    relay->lagging_count = relay->open_count;
    for (uint32_t i = 0; i < relay->target_count; i += 1) {
        if (relay->targets[i].pipe >= 0) {
            relay->targets[i].written = 0;
            write_some(relay, &relay->targets[i]);
        }
    }
}

void
neuron_input_relay_run(struct neuron_input_relay *relay, short events)
{
    struct epoll_event ready[READY_COUNT];

    if (relay->open_count == 0 || events == 0) {
        return;
    }
    if (relay->lagging_count == 0) {
        read_some(relay);
        return;
    }
    int count = epoll_wait(relay->room, ready, READY_COUNT, 0);
    for (int i = 0; i < count; i += 1) {
        write_some(relay, ready[i].data.ptr);
    }
}

void
neuron_input_relay_resume(struct neuron_input_relay *relay)
{
    relay->is_paused = false;
}

void
neuron_input_relay_close(struct neuron_input_relay *relay)
{
    for (uint32_t i = 0; i < relay->target_count; i += 1) {
        if (relay->targets[i].pipe >= 0) {
            (void)close(relay->targets[i].pipe);
        }
    }
    if (relay->room > 0) {
        (void)close(relay->room);
    }
    free(relay->targets);
    free(relay->bytes);
    *relay = (struct neuron_input_relay){0};
}
