/* SPDX-License-Identifier: Apache-2.0 */
#include "executor_child.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "private_folder.h"

enum {
    LOAD_LIMIT_MS = 60000, /* what loading may take beyond a run, where a run has a limit */
    STOP_LIMIT_MS = 5000   /* what destroying the program may take */
};

/* What is awaited, and until when. */
struct awaited {
    enum neuron_isolated_kind kind;
    uint64_t sequence;
    const struct neuron_child_limits *limits;
    uint64_t hung_ns; /* when it counts as hung; 0 for never */
};

static struct awaited
await_from_now(enum neuron_isolated_kind kind, uint64_t sequence,
               const struct neuron_child_limits *limits)
{
    struct awaited awaited = {.kind = kind, .sequence = sequence, .limits = limits};

    if (limits->hang_limit_ms > 0) {
        awaited.hung_ns = neuron_clock_ns() + (uint64_t)limits->hang_limit_ms * NEURON_NS_PER_MS;
    }
    return awaited;
}

/* Waits for the end of a process that was killed or has ended. The child is none then. */
static pid_t
clean_away(struct neuron_executor_child *child, char end[NEURON_PROCESS_END_BYTES])
{
    pid_t pid = child->process.pid;

    neuron_executor_process_reap(&child->process, end);
    neuron_process_channel_destroy(child->channel);
    *child = (struct neuron_executor_child){0};
    return pid;
}

/* What the child does at this time, for texts. */
static const char *
describe_work(const struct awaited *awaited)
{
    return awaited->kind == NEURON_ISOLATED_READY ? " while it loaded" : "";
}

/* Reports a child that has ended by itself. */
static enum neuron_status
report_end(struct neuron_executor_child *child, const struct awaited *awaited,
           struct neuron_error *error)
{
    char end[NEURON_PROCESS_END_BYTES] = "";
    pid_t pid = clean_away(child, end);

    return NEURON_FAIL(error, NEURON_PEER_LOST, "the isolated executor, process %d, %s%s", (int)pid,
                       end, describe_work(awaited));
}

/* Kills a child, and reports why. */
static enum neuron_status
kill_for(struct neuron_executor_child *child, enum neuron_status status, const char *reason,
         struct neuron_error *error)
{
    char end[NEURON_PROCESS_END_BYTES] = "";

    neuron_executor_process_kill(&child->process);
    pid_t pid = clean_away(child, end);
    return NEURON_FAIL(error, status, "the isolated executor, process %d, %s, and was killed",
                       (int)pid, reason);
}

/* Kills a child whose time is over; `limits` say which. Returns NEURON_OK where it is not. */
static enum neuron_status
check_time(struct neuron_executor_child *child, const struct awaited *awaited, uint64_t now,
           struct neuron_error *error)
{
    char reason[80] = "";

    if (awaited->limits->deadline_ns != 0 && now >= awaited->limits->deadline_ns) {
        (void)snprintf(reason, sizeof(reason), "was not done%s at the deadline",
                       describe_work(awaited));
        return kill_for(child, NEURON_TIMED_OUT, reason, error);
    }
    if (awaited->hung_ns != 0 && now >= awaited->hung_ns) {
        (void)snprintf(reason, sizeof(reason), "hung%s: it gave no answer for %u ms",
                       describe_work(awaited), awaited->limits->hang_limit_ms);
        return kill_for(child, NEURON_PEER_LOST, reason, error);
    }
    return NEURON_OK;
}

/* How long a wait may take at most; -1 for without limit. */
static int
timeout_ms(const struct awaited *awaited, uint64_t now)
{
    uint64_t end_ns = awaited->limits->deadline_ns;

    if (end_ns == 0 || (awaited->hung_ns != 0 && awaited->hung_ns < end_ns)) {
        end_ns = awaited->hung_ns;
    }
    if (end_ns == 0) {
        return -1;
    }
    uint64_t left_ms = end_ns <= now ? 0 : (end_ns - now + NEURON_NS_PER_MS - 1) / NEURON_NS_PER_MS;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* Takes a message, of which there is one; says whether it is the awaited one. Others are late
   answers, and dropped. */
static enum neuron_status
take_message(struct neuron_executor_child *child, const struct awaited *awaited,
             struct neuron_isolated_message *message, bool *is_right, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    bool was_there = false;
    enum neuron_status status =
        neuron_process_channel_receive(child->channel, message, &was_there, &reason);

    if (status != NEURON_OK) {
        char text[128] = "";

        (void)snprintf(text, sizeof(text), "answered with %.90s", reason.text);
        return kill_for(child, NEURON_PEER_LOST, text, error);
    }
    *is_right =
        was_there && message->kind == awaited->kind && message->sequence == awaited->sequence;
    return NEURON_OK;
}

/* Waits for a message. On failure there is no child any more. */
static enum neuron_status
await_message(struct neuron_executor_child *child, const struct awaited *awaited,
              struct neuron_isolated_message *message, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    bool is_right = false;

    while (status == NEURON_OK && !is_right) {
        uint64_t now = neuron_clock_ns();

        status = check_time(child, awaited, now, error);
        if (status != NEURON_OK) {
            return status;
        }
        unsigned found = neuron_process_channel_wait(child->channel, child->process.watch,
                                                     timeout_ms(awaited, now));
        if ((found & NEURON_CHANNEL_FAILED) != 0) {
            status = kill_for(child, NEURON_SYSTEM, "cannot be waited for", error);
        } else if ((found & NEURON_CHANNEL_HAS_MESSAGE) != 0) {
            status = take_message(child, awaited, message, &is_right, error);
        } else if ((found & NEURON_CHANNEL_HAS_OTHER) != 0) {
            status = report_end(child, awaited, error);
        }
    }
    return status;
}

/* Starts the process with the affinity of all of its cores, which this thread has for the time. */
static enum neuron_status
start_process(const struct neuron_child_place *place, int setup_file,
              struct neuron_executor_process *process, struct neuron_error *error)
{
    const struct neuron_isolated_source *source = place->source;
    const struct neuron_runtime *runtime = neuron_isolated_source_runtime(source);
    uint32_t core_count = neuron_isolated_source_core_count(source);
    int model_file = neuron_isolated_source_model_file(source);
    const int files[] = {setup_file, place->slots_file, model_file};
    enum neuron_status status =
        core_count == 1 ? NEURON_OK
                        : neuron_runtime_bind_thread(runtime, place->nc, core_count, error);

    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_executor_process_start(neuron_isolated_source_executor_path(source), files,
                                           model_file < 0 ? 2 : 3, process, error);
    if (core_count > 1) {
        /* A refusal leaves the thread on the cores of its own replica. */
        neuron_ignore(neuron_runtime_bind_thread(runtime, place->nc, 1, NULL));
    }
    return status;
}

/* Opens the wire, and starts the process at its other end. */
static enum neuron_status
open_child(const struct neuron_child_place *place, const struct neuron_private_folder *folder,
           struct neuron_executor_child *child, struct neuron_error *error)
{
    char address[NEURON_ISOLATED_ADDRESS_BYTES] = "";
    int setup_file = -1;

    (void)snprintf(address, sizeof(address), "ipc://%s/nc-%u", folder->path, place->nc);
    enum neuron_status status =
        neuron_process_channel_create(address, NEURON_CHANNEL_LISTENS, &child->channel, error);
    if (status == NEURON_OK) {
        status = neuron_isolated_source_write_setup(place->source, place->nc, place->run_rows,
                                                    address, &setup_file, error);
    }
    if (status == NEURON_OK) {
        status = start_process(place, setup_file, &child->process, error);
        (void)close(setup_file);
    }
    if (status != NEURON_OK) {
        neuron_process_channel_destroy(child->channel);
        child->channel = NULL;
    }
    return status;
}

/* Waits until the program is loaded. A child that could not is ended. */
static enum neuron_status
await_ready(struct neuron_executor_child *child, const struct neuron_child_limits *limits,
            struct neuron_error *error)
{
    struct neuron_child_limits load_limits = *limits;
    struct neuron_isolated_message message = {0};

    if (load_limits.hang_limit_ms > 0 && load_limits.hang_limit_ms <= UINT32_MAX - LOAD_LIMIT_MS) {
        load_limits.hang_limit_ms += LOAD_LIMIT_MS;
    }
    const struct awaited awaited = await_from_now(NEURON_ISOLATED_READY, 0, &load_limits);
    enum neuron_status status = await_message(child, &awaited, &message, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_isolated_message_status(&message, error);
    if (status != NEURON_OK) {
        neuron_executor_child_end(child);
    }
    return status;
}

enum neuron_status
neuron_executor_child_start(const struct neuron_child_place *place,
                            const struct neuron_child_limits *limits,
                            struct neuron_executor_child *child, struct neuron_error *error)
{
    struct neuron_private_folder folder = {.path = ""};
    enum neuron_status status = neuron_private_folder_create(
        neuron_isolated_source_socket_folder(place->source), &folder, error);

    if (status == NEURON_OK) {
        status = open_child(place, &folder, child, error);
    }
    if (status == NEURON_OK) {
        status = await_ready(child, limits, error);
    }
    /* A connection needs no name: nothing is left when this process is killed later. */
    neuron_private_folder_destroy(&folder);
    return status;
}

bool
neuron_executor_child_is_alive(struct neuron_executor_child *child)
{
    char end[NEURON_PROCESS_END_BYTES] = "";

    if (child->process.pid == 0) {
        return false;
    }
    if ((neuron_process_channel_wait(child->channel, child->process.watch, 0) &
         NEURON_CHANNEL_HAS_OTHER) == 0) {
        return true;
    }
    (void)clean_away(child, end);
    return false;
}

enum neuron_status
neuron_executor_child_run(struct neuron_executor_child *child, uint64_t sequence, int64_t rows,
                          const struct neuron_child_limits *limits, struct neuron_error *error)
{
    struct neuron_isolated_message message = neuron_isolated_message_make(NEURON_ISOLATED_RUN);
    struct neuron_error reason = {0};

    message.sequence = sequence;
    message.rows = rows;
    if (neuron_process_channel_send(child->channel, &message, &reason) != NEURON_OK) {
        return kill_for(child, NEURON_PEER_LOST, "does not take messages", error);
    }
    const struct awaited awaited = await_from_now(NEURON_ISOLATED_DONE, sequence, limits);
    enum neuron_status status = await_message(child, &awaited, &message, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (message.status == NEURON_PEER_LOST) {
        /* Said by the program; the process is well. */
        message.status = NEURON_SYSTEM;
    }
    return neuron_isolated_message_status(&message, error);
}

void
neuron_executor_child_end(struct neuron_executor_child *child)
{
    const struct neuron_isolated_message stop = neuron_isolated_message_make(NEURON_ISOLATED_STOP);
    const struct neuron_child_limits limits = {.hang_limit_ms = STOP_LIMIT_MS};
    struct neuron_isolated_message unused = {0};

    if (child->process.pid == 0) {
        return;
    }
    if (neuron_process_channel_send(child->channel, &stop, NULL) != NEURON_OK) {
        neuron_executor_process_kill(&child->process);
    }
    /* A message of a kind that no child sends: what ends the wait is the end of the process. */
    const struct awaited awaited = await_from_now(NEURON_ISOLATED_STOP, 1, &limits);
    if (await_message(child, &awaited, &unused, NULL) == NEURON_OK) {
        (void)kill_for(child, NEURON_PEER_LOST, "stops its parent", NULL);
    }
}
