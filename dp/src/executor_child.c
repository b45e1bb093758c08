/* SPDX-License-Identifier: Apache-2.0 */
#include "executor_child.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "neuron/clock.h"

enum {
    LOAD_LIMIT_MS = 60000, /* what loading may take beyond a run, where a run has a limit */
    STOP_LIMIT_MS = 5000,  /* what destroying the program may take */
    LAST_LOOK_MS = 5,      /* for an answer, once the time is over: see await_message() */
    PATH_LIMIT = 80,       /* of the executor's path, in texts */
    WORK_BYTES = PATH_LIMIT + 32
};

/* What is awaited, and until when. */
struct awaited {
    enum neuron_isolated_kind kind;
    uint64_t sequence;
    uint64_t deadline_ns;   /* 0 for never */
    uint64_t hung_ns;       /* when it counts as hung; 0 for never */
    uint32_t hang_limit_ms; /* how long that is since the child was told */
};

/* When what begins now counts as hung. */
static uint64_t
hung_from_now(uint32_t hang_limit_ms)
{
    return hang_limit_ms == 0 ? 0 : neuron_clock_ns() + (uint64_t)hang_limit_ms * NEURON_NS_PER_MS;
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

/* What the child does at this time, for texts. One that never loaded may be another program. */
static void
describe_work(const struct neuron_executor_child *child, char work[WORK_BYTES])
{
    work[0] = '\0';
    if (child->is_loading) {
        (void)snprintf(work, WORK_BYTES, " while it loaded (it is %.*s)", PATH_LIMIT, child->path);
    }
}

/* Reports a child that has ended by itself. */
static enum neuron_status
report_end(struct neuron_executor_child *child, struct neuron_error *error)
{
    char end[NEURON_PROCESS_END_BYTES] = "";
    char work[WORK_BYTES] = "";

    describe_work(child, work);
    pid_t pid = clean_away(child, end);
    return NEURON_FAIL(error, NEURON_PEER_LOST, "the isolated executor, process %d, %s%s", (int)pid,
                       end, work);
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

/* Ends a wait whose deadline is over. A run is killed; what is being loaded the next run can use.
 */
static enum neuron_status
end_at_deadline(struct neuron_executor_child *child, struct neuron_error *error)
{
    if (child->is_loading) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "the isolated executor, process %d, was still loading at the deadline, "
                           "and goes on loading for later runs",
                           (int)child->process.pid);
    }
    return kill_for(child, NEURON_TIMED_OUT, "was not done at the deadline", error);
}

/* Ends a wait whose time is over. Returns NEURON_OK where it is not. */
static enum neuron_status
check_time(struct neuron_executor_child *child, const struct awaited *awaited, uint64_t now,
           struct neuron_error *error)
{
    if (awaited->hung_ns != 0 && now >= awaited->hung_ns) {
        char work[WORK_BYTES] = "";
        char reason[WORK_BYTES + 64] = "";

        describe_work(child, work);
        (void)snprintf(reason, sizeof(reason), "hung%s: it gave no answer for %u ms", work,
                       awaited->hang_limit_ms);
        return kill_for(child, NEURON_PEER_LOST, reason, error);
    }
    if (awaited->deadline_ns != 0 && now >= awaited->deadline_ns) {
        return end_at_deadline(child, error);
    }
    return NEURON_OK;
}

/* How long a wait may take at most; -1 for without limit. */
static int
timeout_ms(const struct awaited *awaited, uint64_t now)
{
    uint64_t end_ns = awaited->deadline_ns;

    if (end_ns == 0 || (awaited->hung_ns != 0 && awaited->hung_ns < end_ns)) {
        end_ns = awaited->hung_ns;
    }
    if (end_ns == 0) {
        return -1;
    }
    if (end_ns <= now) {
        return LAST_LOOK_MS;
    }
    uint64_t left_ms = (end_ns - now + NEURON_NS_PER_MS - 1) / NEURON_NS_PER_MS;
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

/*
 * Waits for a message. On failure there is no child any more, but for one that is loading at the
 * deadline.
 *
 * Time counts as over only when a wait that began behind it found nothing: this process may have
 * been stopped, or have had no CPU, while the child answered, and ZeroMQ's thread needs a moment to
 * take the answer in.
 */
static enum neuron_status
await_message(struct neuron_executor_child *child, const struct awaited *awaited,
              struct neuron_isolated_message *message, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    bool is_right = false;

    while (status == NEURON_OK && !is_right) {
        uint64_t now = neuron_clock_ns();
        unsigned found = neuron_process_channel_wait(child->channel, child->process.watch,
                                                     timeout_ms(awaited, now));

        if ((found & NEURON_CHANNEL_FAILED) != 0) {
            status = kill_for(child, NEURON_SYSTEM, "cannot be waited for", error);
        } else if ((found & NEURON_CHANNEL_HAS_MESSAGE) != 0) {
            status = take_message(child, awaited, message, &is_right, error);
        } else if ((found & NEURON_CHANNEL_HAS_OTHER) != 0) {
            status = report_end(child, error);
        }
        if (status == NEURON_OK && !is_right) {
            status = check_time(child, awaited, now, error);
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

/* Starts the process at the other end of a wire that is open. */
static enum neuron_status
start_at(const struct neuron_child_place *place, const char *address,
         struct neuron_executor_process *process, struct neuron_error *error)
{
    int setup_file = -1;
    enum neuron_status status = neuron_isolated_source_write_setup(
        place->source, place->nc, place->run_rows, address, &setup_file, error);

    if (status == NEURON_OK) {
        status = start_process(place, setup_file, process, error);
        (void)close(setup_file);
    }
    return status;
}

enum neuron_status
neuron_executor_child_start(const struct neuron_child_place *place, uint32_t hang_limit_ms,
                            struct neuron_executor_child *child, struct neuron_error *error)
{
    struct neuron_executor_child started = {
        .path = neuron_isolated_source_executor_path(place->source), .is_loading = true};
    char address[NEURON_ISOLATED_ADDRESS_BYTES] = "";
    enum neuron_status status = neuron_process_channel_make_address(address, error);

    if (status == NEURON_OK) {
        status =
            neuron_process_channel_create(address, NEURON_CHANNEL_LISTENS, &started.channel, error);
    }
    if (status == NEURON_OK) {
        status = start_at(place, address, &started.process, error);
    }
    if (status != NEURON_OK) {
        neuron_process_channel_destroy(started.channel);
        return status;
    }
    started.load_limit_ms = hang_limit_ms == 0 || hang_limit_ms > UINT32_MAX - LOAD_LIMIT_MS
                                ? hang_limit_ms
                                : hang_limit_ms + LOAD_LIMIT_MS;
    started.load_hung_ns = hung_from_now(started.load_limit_ms);
    *child = started;
    return NEURON_OK;
}

enum neuron_status
neuron_executor_child_await_loaded(struct neuron_executor_child *child, uint64_t deadline_ns,
                                   struct neuron_error *error)
{
    const struct awaited awaited = {.kind = NEURON_ISOLATED_READY,
                                    .deadline_ns = deadline_ns,
                                    .hung_ns = child->load_hung_ns,
                                    .hang_limit_ms = child->load_limit_ms};
    struct neuron_isolated_message message = {0};

    if (!child->is_loading) {
        return NEURON_OK;
    }
    enum neuron_status status = await_message(child, &awaited, &message, error);
    if (status != NEURON_OK) {
        return status;
    }
    child->is_loading = false;
    status = neuron_isolated_message_status(&message, error);
    if (status != NEURON_OK) {
        neuron_executor_child_end(child);
    }
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
    const struct awaited awaited = {.kind = NEURON_ISOLATED_DONE,
                                    .sequence = sequence,
                                    .deadline_ns = limits->deadline_ns,
                                    .hung_ns = hung_from_now(limits->hang_limit_ms),
                                    .hang_limit_ms = limits->hang_limit_ms};
    enum neuron_status status = await_message(child, &awaited, &message, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (message.status == NEURON_PEER_LOST || message.status == NEURON_STOPPED) {
        /* Said by the program; the process is well, and the run began. */
        message.status = NEURON_SYSTEM;
    }
    return neuron_isolated_message_status(&message, error);
}

void
neuron_executor_child_end(struct neuron_executor_child *child)
{
    const struct neuron_isolated_message stop = neuron_isolated_message_make(NEURON_ISOLATED_STOP);
    struct neuron_isolated_message unused = {0};

    if (child->process.pid == 0) {
        return;
    }
    /* What is half loaded has nothing to end well. */
    if (child->is_loading ||
        neuron_process_channel_send(child->channel, &stop, NULL) != NEURON_OK) {
        neuron_executor_process_kill(&child->process);
    }
    /* A message of a kind that no child sends: what ends the wait is the end of the process. */
    const struct awaited awaited = {.kind = NEURON_ISOLATED_STOP,
                                    .sequence = 1,
                                    .hung_ns = hung_from_now(STOP_LIMIT_MS),
                                    .hang_limit_ms = STOP_LIMIT_MS};
    if (await_message(child, &awaited, &unused, NULL) == NEURON_OK) {
        (void)kill_for(child, NEURON_PEER_LOST, "stops its parent", NULL);
    }
}
