/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop: messages of the server, blocks to begin, the oldest block to finish, the disk, and a
 * word to the server. It never waits for one of them while another has work: blocks that take long
 * are looked after now and then, short ones are waited for, since waking up for them would cost
 * more.
 *
 *   leased ──run──> written ──sync──> on disk ──DONE──> the server's journal
 *
 * Syncs come soon at first and then ever less often, up to --checkpoint: a job that is killed again
 * and again still gets on.
 */
#include "score/score_rank.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "neuron/clock.h"
#include "score/background_sync.h"
#include "score/done_list.h"

enum {
    LEASES_AHEAD = 2,
    SHORT_BLOCK_MS = 4, /* blocks up to here are waited for */
    LONGEST_LOOK_MS = 20,
    IDLE_LOOK_MS = 20,
    ASK_AGAIN_MS = 100,
    SIGN_OF_LIFE_MS = 1000, /* at most, and several times before anybody counts as lost */
    FIRST_CHECKPOINT_MS = 50,
    UNTOLD_LIMIT = 512, /* leases that wait for a sync */
    LAST_SYNC_MS = 30000
};

struct rank_state {
    const struct neuron_score_rank *rank;
    struct neuron_rank_work *work;
    struct neuron_background_sync *sync;
    struct neuron_done_list written; /* since the last sync began */
    struct neuron_done_list syncing;
    uint64_t synced_ns;     /* when the last sync began */
    uint64_t checkpoint_ns; /* from one to the next */
    bool is_dry;            /* nothing comes unless what is written is told */
    bool is_urgent;         /* a row failed that ends the job */
    uint32_t expected;      /* leases that were asked for */
    uint64_t asked_ns;
    uint64_t wait_ns; /* without anything to do */
    bool is_over;
    struct neuron_score_outcome *outcome;
};

static struct neuron_rank_counters
counters_of(const struct rank_state *state)
{
    struct neuron_rank_counters counters = {.wait_ns = state->wait_ns,
                                            .load_ns = state->rank->load_ns,
                                            .sync_ns =
                                                neuron_background_sync_total_ns(state->sync)};
    struct rusage usage = {0};

    neuron_rank_work_count(state->work, &counters);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        counters.peak_memory_bytes = (uint64_t)usage.ru_maxrss * 1024;
    }
    return counters;
}

static enum neuron_status
send(struct rank_state *state, struct neuron_lease_message *message, struct neuron_error *error)
{
    message->rank = state->rank->rank;
    message->counters = counters_of(state);
    return neuron_lease_link_send(state->rank->link, message, error);
}

static enum neuron_status
take_message(struct rank_state *state, const struct neuron_lease_message *message,
             struct neuron_error *error)
{
    switch (message->kind) {
    case NEURON_LEASE_GIVE:
        state->expected -= state->expected > 0 ? 1 : 0;
        state->is_dry = false;
        return neuron_rank_work_add(state->work, &message->lease, error);
    case NEURON_LEASE_DRY:
        state->expected = 0;
        state->is_dry = true;
        break;
    case NEURON_LEASE_DROP:
        neuron_rank_work_drop(state->work, message->lease.id);
        break;
    case NEURON_LEASE_STOP:
        state->is_over = true;
        state->outcome->end = message->score_end;
        state->outcome->done_rows = message->done_rows;
        (void)snprintf(state->outcome->text, sizeof(state->outcome->text), "%s", message->text);
        break;
    case NEURON_LEASE_WELCOME:
    case NEURON_LEASE_HELLO:
    case NEURON_LEASE_ASK:
    case NEURON_LEASE_DONE:
    case NEURON_LEASE_FAIL:
    case NEURON_LEASE_BYE:
        break;
    }
    return NEURON_OK;
}

/* Takes all messages; waits for the first one as long as told. */
static enum neuron_status
take_messages(struct rank_state *state, int timeout_ms, struct neuron_error *error)
{
    struct neuron_lease_message message = {0};
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && !state->is_over &&
           neuron_lease_link_receive(state->rank->link, timeout_ms, &message)) {
        status = take_message(state, &message, error);
        neuron_lease_message_destroy(&message);
        timeout_ms = 0;
    }
    return status;
}

static uint64_t
sign_of_life_ns(const struct rank_state *state)
{
    uint64_t ms = state->rank->tools->options->lease_timeout_ms / 5;

    return (ms < SIGN_OF_LIFE_MS ? ms : SIGN_OF_LIFE_MS) * NEURON_NS_PER_MS;
}

static enum neuron_status
ask(struct rank_state *state, struct neuron_error *error)
{
    uint64_t since_ns = neuron_clock_ns() - state->asked_ns;
    uint32_t open = neuron_rank_work_open_count(state->work) + state->expected;
    uint32_t wanted = open < LEASES_AHEAD ? LEASES_AHEAD - open : 0;

    if (state->is_dry && since_ns < (uint64_t)ASK_AGAIN_MS * NEURON_NS_PER_MS) {
        return NEURON_OK;
    }
    if (wanted == 0 && since_ns < sign_of_life_ns(state)) {
        return NEURON_OK;
    }
    struct neuron_lease_message message = {.kind = NEURON_LEASE_ASK,
                                           .wanted = wanted,
                                           .running_rows = neuron_rank_work_open_rows(state->work)};
    state->expected += wanted;
    state->asked_ns = neuron_clock_ns();
    return send(state, &message, error);
}

/* Tells the server what is on disk. */
static enum neuron_status
tell_synced(struct rank_state *state, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < state->syncing.count; i += 1) {
        status = send(state, &state->syncing.items[i], error);
    }
    neuron_done_list_clear(&state->syncing);
    return status;
}

static void
begin_sync(struct rank_state *state)
{
    const uint64_t longest_ns = state->rank->tools->options->checkpoint_ms * NEURON_NS_PER_MS;
    struct neuron_done_list empty = state->syncing;

    state->syncing = state->written;
    state->written = empty;
    state->synced_ns = neuron_clock_ns();
    state->checkpoint_ns *= 2;
    state->checkpoint_ns = state->checkpoint_ns < longest_ns ? state->checkpoint_ns : longest_ns;
    neuron_background_sync_begin(state->sync);
}

/* Sees to the disk. */
static enum neuron_status
look_after_sync(struct rank_state *state, uint32_t timeout_ms, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (neuron_background_sync_is_begun(state->sync)) {
        if (!neuron_background_sync_is_done(state->sync, timeout_ms, &status, error)) {
            return NEURON_OK;
        }
        if (status == NEURON_OK) {
            status = tell_synced(state, error);
        }
    }
    bool is_time = neuron_clock_ns() - state->synced_ns >= state->checkpoint_ns;
    if (status == NEURON_OK && state->written.count > 0 &&
        (is_time || state->is_dry || state->is_urgent || state->written.count >= UNTOLD_LIMIT)) {
        begin_sync(state);
    }
    return status;
}

static enum neuron_status
collect_done(struct rank_state *state, struct neuron_error *error)
{
    struct neuron_lease_message message = {0};
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && neuron_rank_work_take_done(state->work, &message)) {
        state->is_urgent = state->is_urgent || message.audit_differs;
        status = neuron_done_list_add(&state->written, &message, error);
    }
    return status;
}

/* How long to wait for a message while the oldest block runs; below 0 to wait for the block. */
static int
look_ms(const struct rank_state *state)
{
    uint64_t block_ms = neuron_rank_work_block_ns(state->work) / NEURON_NS_PER_MS;
    uint64_t look = block_ms / 8 < LONGEST_LOOK_MS ? block_ms / 8 : LONGEST_LOOK_MS;

    /* How long the first one takes nobody knows. */
    if (neuron_rank_work_block_ns(state->work) > 0 && block_ms < SHORT_BLOCK_MS) {
        return -1;
    }
    return look < 1 ? 1 : (int)look;
}

static enum neuron_status
work_on(struct rank_state *state, struct neuron_error *error)
{
    enum neuron_status status = neuron_rank_work_fill(state->work, error);
    int pause_ms = look_ms(state);

    if (status != NEURON_OK) {
        return status;
    }
    if (neuron_rank_work_is_ready(state->work) ||
        (neuron_rank_work_is_running(state->work) && pause_ms < 0)) {
        status = neuron_rank_work_finish(state->work, error);
        return status == NEURON_OK ? collect_done(state, error) : status;
    }
    if (neuron_rank_work_is_running(state->work)) {
        return take_messages(state, pause_ms, error);
    }
    uint64_t begin_ns = neuron_clock_ns();
    /* With nothing to do but this, a sync is waited for, and its end is told at once. */
    if (neuron_background_sync_is_begun(state->sync)) {
        status = look_after_sync(state, IDLE_LOOK_MS, error);
        pause_ms = 0;
    }
    if (status == NEURON_OK) {
        status = take_messages(state, pause_ms == 0 ? 0 : IDLE_LOOK_MS, error);
    }
    state->wait_ns += neuron_clock_ns() - begin_ns;
    return status;
}

/* What is written goes to disk, and the server hears of it, before the rank ends. */
static enum neuron_status
save(struct rank_state *state, struct neuron_error *error)
{
    uint64_t end_ns = neuron_clock_ns() + (uint64_t)LAST_SYNC_MS * NEURON_NS_PER_MS;
    enum neuron_status status = collect_done(state, error);

    state->is_urgent = true;
    while (status == NEURON_OK && neuron_clock_ns() < end_ns &&
           (state->written.count > 0 || neuron_background_sync_is_begun(state->sync))) {
        status = look_after_sync(state, IDLE_LOOK_MS, error);
    }
    return status;
}

static void
say_bye(struct rank_state *state)
{
    struct neuron_lease_message message = {.kind = NEURON_LEASE_BYE};

    neuron_ignore(send(state, &message, NULL));
}

enum neuron_score_end
neuron_score_end_for(enum neuron_status status)
{
    static const enum neuron_status lasting[] = {NEURON_INVALID_ARGUMENT, NEURON_INVALID_SYNTAX,
                                                 NEURON_UNSUPPORTED_MODEL, NEURON_DAMAGED_MODEL,
                                                 NEURON_NO_SUCH_CORE};

    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i += 1) {
        if (status == lasting[i]) {
            return NEURON_SCORE_FAILED;
        }
    }
    return status == NEURON_CANCELLED ? NEURON_SCORE_INTERRUPTED : NEURON_SCORE_BROKEN;
}

static void
tell_failure(struct rank_state *state, enum neuron_status status, const struct neuron_error *error)
{
    struct neuron_lease_message message = {
        .kind = NEURON_LEASE_FAIL, .status = status, .score_end = neuron_score_end_for(status)};

    (void)snprintf(message.text, sizeof(message.text), "%s", error->text);
    state->outcome->end = message.score_end;
    neuron_ignore(send(state, &message, NULL));
}

/* A sign of life while rows that fail are told apart, which may take long. */
static void
breathe(void *argument)
{
    struct rank_state *state = argument;
    struct neuron_error error = {0};

    if (neuron_clock_ns() - state->asked_ns >= sign_of_life_ns(state)) {
        struct neuron_lease_message message = {
            .kind = NEURON_LEASE_ASK, .running_rows = neuron_rank_work_open_rows(state->work)};

        state->asked_ns = neuron_clock_ns();
        neuron_ignore(send(state, &message, &error));
    }
}

static enum neuron_status
run_loop(struct rank_state *state, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && !state->is_over && *state->rank->stop_signal == 0) {
        if (neuron_lease_link_is_lost(state->rank->link)) {
            return NEURON_FAIL(error, NEURON_PEER_LOST, "the lease server is gone");
        }
        status = take_messages(state, 0, error);
        if (status == NEURON_OK && !state->is_over) {
            /* Before it waits for anything to do. */
            status = ask(state, error);
        }
        if (status == NEURON_OK && !state->is_over) {
            status = work_on(state, error);
        }
        if (status == NEURON_OK) {
            status = look_after_sync(state, 0, error);
        }
    }
    return status;
}

/* After the loop: what was written is kept, whatever ended it. */
static enum neuron_status
end_loop(struct rank_state *state, enum neuron_status status, struct neuron_error *error)
{
    struct neuron_error later = {0};

    if (status == NEURON_PEER_LOST) {
        return status;
    }
    if (status == NEURON_OK && state->is_over &&
        state->outcome->end <= NEURON_SCORE_COMPLETE_WITH_ERRORS) {
        say_bye(state);
        return NEURON_OK;
    }
    enum neuron_status saved = save(state, &later);
    if (status == NEURON_OK && saved != NEURON_OK) {
        status = NEURON_FAIL(error, saved, "%s", later.text);
    }
    if (status != NEURON_OK) {
        tell_failure(state, status, error);
        return status;
    }
    if (!state->is_over) {
        state->outcome->end = NEURON_SCORE_INTERRUPTED;
    }
    say_bye(state);
    return NEURON_OK;
}

/* The server has made them, unless it is over already: then there is nothing to write. */
static enum neuron_status
open_outputs(struct rank_state *state, struct neuron_error *error)
{
    enum neuron_status status = take_messages(state, 0, error);

    if (status != NEURON_OK || state->is_over) {
        return status;
    }
    status = neuron_output_set_open(state->rank->tools->outputs, error);
    if (status != NEURON_OK) {
        status = NEURON_FAIL(error, NEURON_SYSTEM,
                             "%s.part is not to be seen here; ranks on several hosts need a folder "
                             "that all of them share",
                             neuron_output_set_path(state->rank->tools->outputs));
        tell_failure(state, status, error);
    }
    return status;
}

enum neuron_status
neuron_score_rank_run(const struct neuron_score_rank *rank, struct neuron_score_outcome *outcome,
                      struct neuron_error *error)
{
    struct rank_state state = {.rank = rank,
                               .outcome = outcome,
                               .synced_ns = neuron_clock_ns(),
                               .checkpoint_ns = (uint64_t)FIRST_CHECKPOINT_MS * NEURON_NS_PER_MS};

    const struct neuron_breath breath = {.breathe = breathe, .argument = &state};
    enum neuron_status status = neuron_rank_work_create(rank->tools, &breath, &state.work, error);
    if (status == NEURON_OK) {
        status = neuron_background_sync_create(rank->tools->outputs, &state.sync, error);
    }
    if (status == NEURON_OK && rank->opens_outputs) {
        status = open_outputs(&state, error);
    }
    if (status == NEURON_OK) {
        status = run_loop(&state, error);
        status = end_loop(&state, status, error);
    }
    neuron_background_sync_destroy(state.sync);
    neuron_rank_work_destroy(state.work);
    neuron_done_list_destroy(&state.written);
    neuron_done_list_destroy(&state.syncing);
    return status;
}
