/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The thread that serves owns all but the result, which is the executor's until it signals. */
struct service {
    struct neuron_process_channel *channel;
    struct neuron_hosted_program *program;
    int signal; /* readable when the run under way is done */
    bool is_running;
    uint64_t sequence; /* of the run under way */
    struct {
        enum neuron_status status;
        struct neuron_error error;
    } result;
};

/* On an executor's thread. */
static void
note_result(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct service *service = argument;

    service->result.status = status;
    if (status != NEURON_OK && error != NULL) {
        service->result.error = *error;
    }
    (void)eventfd_write(service->signal, 1);
}

/* Sends how something ended. */
static enum neuron_status
answer(const struct service *service, enum neuron_isolated_kind kind, enum neuron_status status,
       const struct neuron_error *reason, struct neuron_error *error)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(kind);

    message.sequence = kind == NEURON_ISOLATED_DONE ? service->sequence : 0;
    message.status = (uint32_t)status;
    if (status != NEURON_OK) {
        (void)snprintf(message.text, sizeof(message.text), "%s", reason->text);
    }
    return neuron_process_channel_send(service->channel, &message, error);
}

/* Begins the run that a message orders. */
static enum neuron_status
begin(struct service *service, const struct neuron_isolated_message *order,
      struct neuron_error *error)
{
    struct neuron_error reason = {.status = NEURON_OK};

    if (order->kind != NEURON_ISOLATED_RUN || service->is_running || service->program == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "an order of kind %u at a wrong time",
                           order->kind);
    }
    service->sequence = order->sequence;
    service->result.error = reason;
    enum neuron_status status =
        neuron_hosted_program_submit(service->program, order->rows, note_result, service, &reason);
    if (status != NEURON_OK) {
        return answer(service, NEURON_ISOLATED_DONE, status, &reason, error);
    }
    service->is_running = true;
    return NEURON_OK;
}

/* Answers the run that is done. */
static enum neuron_status
finish(struct service *service, struct neuron_error *error)
{
    eventfd_t count = 0;

    if (eventfd_read(service->signal, &count) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot hear of the end of a run: %s",
                           strerrordesc_np(errno));
    }
    service->is_running = false;
    return answer(service, NEURON_ISOLATED_DONE, service->result.status, &service->result.error,
                  error);
}

/* Waits for the next order or end of a run, and sees to it. */
static enum neuron_status
serve_one(struct service *service, bool *is_stopped, struct neuron_error *error)
{
    struct neuron_isolated_message order = {0};
    bool was_there = false;
    unsigned found = neuron_process_channel_wait(service->channel, service->signal, -1);

    if ((found & NEURON_CHANNEL_FAILED) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot wait for orders");
    }
    if ((found & NEURON_CHANNEL_HAS_OTHER) != 0) {
        return finish(service, error);
    }
    enum neuron_status status =
        neuron_process_channel_receive(service->channel, &order, &was_there, error);
    if (status != NEURON_OK || !was_there) {
        return status;
    }
    *is_stopped = order.kind == NEURON_ISOLATED_STOP && !service->is_running;
    return *is_stopped ? NEURON_OK : begin(service, &order, error);
}

enum neuron_status
neuron_service_run(struct neuron_process_channel *channel, struct neuron_hosted_program *program,
                   enum neuron_status status, const struct neuron_error *load_error,
                   struct neuron_error *error)
{
    struct service service = {.channel = channel, .program = program};
    bool is_stopped = false;

    service.signal = eventfd(0, EFD_CLOEXEC);
    if (service.signal < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make an event: %s",
                           strerrordesc_np(errno));
    }
    status = answer(&service, NEURON_ISOLATED_READY, status, load_error, error);
    while (status == NEURON_OK && !is_stopped) {
        status = serve_one(&service, &is_stopped, error);
    }
    /* On failure the executor may still signal; the program ends with that. */
    if (status == NEURON_OK) {
        (void)close(service.signal);
    }
    return status;
}
