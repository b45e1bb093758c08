/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_link.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "neuron/clock.h"
#include "neuron/process_life.h"
#include "score/host_name.h"

enum {
    ANSWER_MS = 1000,
    LOOK_AGAIN_MS = 20,
    LIFE_CHECK_MS = 200,
    OVER_CHECK_MS = 250,
    LINGER_MS = 1000
};

struct neuron_lease_link {
    const struct neuron_lease_link_plan *plan;
    struct neuron_lease_channel *channel;
    struct neuron_lease_server_place place;
    bool is_on_this_host;
    struct neuron_lease_message first; /* the answer to the hello; of kind 0 when it was taken */
    uint64_t heard_ns;
    uint64_t life_checked_ns;
    uint64_t over_asked_ns;
};

static void
sleep_ms(long pause_ms)
{
    const struct timespec pause = {.tv_nsec = pause_ms * NEURON_NS_PER_MS};

    (void)nanosleep(&pause, NULL);
}

static bool
has_ended(const struct neuron_lease_link *link)
{
    return link->is_on_this_host && !neuron_process_lives(link->place.pid, link->place.start_ticks);
}

/* Says hello to the server that the file names, and waits a while for its answer. */
static enum neuron_status
try_server(struct neuron_lease_link *link, bool *is_answered, struct neuron_error *error)
{
    const struct neuron_lease_link_plan *plan = link->plan;
    char host[NEURON_LEASE_HOST_BYTES] = "";

    enum neuron_status status = neuron_lease_channel_find(&plan->channel, &link->place, error);
    if (status != NEURON_OK || link->place.epoch_ns == plan->gone_epoch_ns) {
        return status;
    }
    neuron_host_read_name(host, sizeof(host));
    link->is_on_this_host = strcmp(host, link->place.host) == 0;
    if (has_ended(link)) {
        return NEURON_OK;
    }
    status = neuron_lease_channel_connect(&plan->channel, &link->channel, &link->place, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_lease_link_send(link, &plan->hello, error);
    uint64_t end_ns = neuron_clock_ns() + (uint64_t)ANSWER_MS * NEURON_NS_PER_MS;
    while (status == NEURON_OK && !*is_answered && neuron_clock_ns() < end_ns &&
           *plan->stop_signal == 0 && !has_ended(link)) {
        *is_answered = neuron_lease_link_receive(link, 100, &link->first);
    }
    if (status != NEURON_OK || !*is_answered) {
        neuron_lease_channel_destroy(link->channel, 0);
        link->channel = NULL;
    }
    return status;
}

/* Asks now and then, as that reads a file. */
static bool
is_over(struct neuron_lease_link *link)
{
    uint64_t now_ns = neuron_clock_ns();

    if (link->plan->is_over == NULL ||
        now_ns - link->over_asked_ns < (uint64_t)OVER_CHECK_MS * NEURON_NS_PER_MS) {
        return false;
    }
    link->over_asked_ns = now_ns;
    return link->plan->is_over(link->plan->argument);
}

static enum neuron_status
find_server(struct neuron_lease_link *link, struct neuron_error *error)
{
    uint64_t end_ns = neuron_clock_ns() + link->plan->timeout_ms * NEURON_NS_PER_MS;
    bool is_answered = false;

    while (!is_answered) {
        enum neuron_status status = try_server(link, &is_answered, error);

        if (status != NEURON_OK && status != NEURON_PEER_LOST && status != NEURON_INVALID_SYNTAX) {
            return status;
        }
        if (*link->plan->stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "stopped by a signal before it began");
        }
        if (!is_answered && is_over(link)) {
            return NEURON_FAIL(error, NEURON_STOPPED, "the job is over");
        }
        if (!is_answered && neuron_clock_ns() >= end_ns) {
            return NEURON_FAIL(error, NEURON_PEER_LOST,
                               "no lease server of this job has answered in %llu ms at %s",
                               (unsigned long long)link->plan->timeout_ms,
                               link->plan->channel.path);
        }
        if (!is_answered) {
            sleep_ms(LOOK_AGAIN_MS);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_link_open(const struct neuron_lease_link_plan *plan, struct neuron_lease_link **link,
                       struct neuron_error *error)
{
    struct neuron_lease_link *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to talk to the lease server");
    }
    made->plan = plan;
    enum neuron_status status = find_server(made, error);
    if (status != NEURON_OK) {
        neuron_lease_link_destroy(made);
        return status;
    }
    *link = made;
    return NEURON_OK;
}

const struct neuron_lease_server_place *
neuron_lease_link_place(const struct neuron_lease_link *link)
{
    return &link->place;
}

enum neuron_status
neuron_lease_link_send(struct neuron_lease_link *link, const struct neuron_lease_message *message,
                       struct neuron_error *error)
{
    unsigned char *bytes = NULL;
    size_t size_bytes = 0;

    enum neuron_status status = neuron_lease_message_encode(message, &bytes, &size_bytes, error);
    if (status == NEURON_OK) {
        status = neuron_lease_channel_send(link->channel, NULL, bytes, size_bytes, error);
    }
    free(bytes);
    return status;
}

/* Takes one that has arrived; returns false when there is none, or it is damaged. */
static bool
take_message(struct neuron_lease_link *link, int timeout_ms, struct neuron_lease_message *message)
{
    struct neuron_lease_delivery delivery = {0};

    if (!neuron_lease_channel_receive(link->channel, timeout_ms, &delivery)) {
        return false;
    }
    link->heard_ns = neuron_clock_ns();
    return neuron_lease_message_decode(delivery.bytes, delivery.size_bytes, message, NULL) ==
           NEURON_OK;
}

bool
neuron_lease_link_receive(struct neuron_lease_link *link, int timeout_ms,
                          struct neuron_lease_message *message)
{
    if (link->first.kind != 0 && message != &link->first) {
        *message = link->first;
        link->first = (struct neuron_lease_message){0};
        return true;
    }
    return take_message(link, timeout_ms, message);
}

bool
neuron_lease_link_is_lost(struct neuron_lease_link *link)
{
    uint64_t now_ns = neuron_clock_ns();

    if (now_ns - link->heard_ns > link->plan->timeout_ms * NEURON_NS_PER_MS) {
        return true;
    }
    if (now_ns - link->life_checked_ns < (uint64_t)LIFE_CHECK_MS * NEURON_NS_PER_MS) {
        return false;
    }
    link->life_checked_ns = now_ns;
    return has_ended(link);
}

void
neuron_lease_link_destroy(struct neuron_lease_link *link)
{
    if (link == NULL) {
        return;
    }
    neuron_lease_message_destroy(&link->first);
    neuron_lease_channel_destroy(link->channel, LINGER_MS);
    free(link);
}
