/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases are entered in the journal before a rank hears of them, so that rows at which processes
 * die are known after any death; what is done is on disk in the journal before anybody builds on
 * it.
 */
#include "score/lease_desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"
#include "score/lease_desk_body.h"
#include "score/real_clock.h"

enum { MOST_GIVEN_AT_ONCE = 8 };

/* Takes over what earlier runs have done, and where they died. */
static enum neuron_status
take_over(struct neuron_lease_desk *desk, struct neuron_error *error)
{
    const struct neuron_journal_contents *contents = neuron_journal_contents(desk->plan->journal);
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < contents->piece_count; i += 1) {
        const struct neuron_journal_piece *piece = &contents->pieces[i];

        if (desk->plan->is_damaged != NULL && desk->plan->is_damaged[i]) {
            continue;
        }
        status = neuron_lease_table_set_done(desk->table, piece->rows, error);
        if (status == NEURON_OK) {
            status = neuron_desk_books_add_piece(&desk->books, piece->rows, piece->sums, error);
        }
    }
    for (size_t i = 0; status == NEURON_OK && i < contents->failure_count; i += 1) {
        status = neuron_failure_list_add(&desk->books.failures, &contents->failures[i], error);
    }
    for (size_t i = 0; status == NEURON_OK && i < contents->lost_count; i += 1) {
        status = neuron_lease_table_set_lost(desk->table, contents->lost[i],
                                             contents->lost_counts[i], error);
    }
    return status;
}

static uint64_t
most_failures(const struct neuron_lease_desk *desk)
{
    const struct neuron_score_options *options = desk->plan->options;
    double share = options->max_error_share * (double)desk->plan->rules.rows;

    if (options->on_error == NEURON_ON_ERROR_FAIL) {
        return UINT64_MAX; /* ranks stop at the first; those of earlier runs were allowed */
    }
    return share < (double)options->max_errors ? (uint64_t)share : options->max_errors;
}

void
neuron_lease_desk_end(struct neuron_lease_desk *desk, enum neuron_score_end end, const char *text)
{
    if (desk->state.is_over) {
        return;
    }
    desk->state.is_over = true;
    desk->state.end = end;
    (void)snprintf(desk->state.text, sizeof(desk->state.text), "%s", text);
}

/* Says what is over: too many rows have failed, or everything is done. */
static void
judge(struct neuron_lease_desk *desk)
{
    const struct neuron_failure_list *failures = &desk->books.failures;
    uint64_t first_row = desk->plan->options->first_row;
    char text[NEURON_LEASE_TEXT_BYTES] = "";

    desk->state.done_rows = neuron_lease_table_done_rows(desk->table);
    if (failures->count > most_failures(desk)) {
        (void)snprintf(text, sizeof(text),
                       "%zu rows have failed, more than --max-errors allows; the last: row %" PRIu64
                       ": %.120s",
                       failures->count, first_row + failures->items[failures->count - 1].row,
                       failures->items[failures->count - 1].reason);
        neuron_lease_desk_end(desk, NEURON_SCORE_BUDGET_SPENT, text);
        return;
    }
    if (neuron_lease_table_is_complete(desk->table)) {
        neuron_lease_desk_end(
            desk, failures->count > 0 ? NEURON_SCORE_COMPLETE_WITH_ERRORS : NEURON_SCORE_COMPLETE,
            "");
    }
}

enum neuron_status
neuron_lease_desk_create(const struct neuron_lease_desk_plan *plan, struct neuron_lease_desk **desk,
                         struct neuron_error *error)
{
    struct neuron_lease_desk *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the lease server");
    }
    made->plan = plan;
    made->books.output_count = plan->output_count;
    enum neuron_status status = neuron_lease_table_create(&plan->rules, &made->table, error);
    if (status == NEURON_OK) {
        status = neuron_rank_roll_create(&made->roll, plan->world_size, error);
    }
    if (status == NEURON_OK) {
        status = take_over(made, error);
    }
    if (status != NEURON_OK) {
        neuron_lease_desk_destroy(made);
        return status;
    }
    made->rows_before = neuron_lease_table_done_rows(made->table);
    judge(made);
    *desk = made;
    return NEURON_OK;
}

static enum neuron_status
answer(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
       const struct neuron_lease_message *message, struct neuron_error *error)
{
    if (desk->answer_count == desk->answer_limit) {
        size_t limit = desk->answer_limit == 0 ? 16 : 2 * desk->answer_limit;
        struct neuron_lease_answer *grown = reallocarray(desk->answers, limit, sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the lease server");
        }
        desk->answers = grown;
        desk->answer_limit = limit;
    }
    desk->answers[desk->answer_count] =
        (struct neuron_lease_answer){.peer = *peer, .message = *message};
    desk->answer_count += 1;
    return NEURON_OK;
}

static struct neuron_lease_message
stop_message(const struct neuron_lease_desk *desk)
{
    struct neuron_lease_message message = {.kind = NEURON_LEASE_STOP,
                                           .score_end = desk->state.end,
                                           .done_rows = desk->state.done_rows};

    memcpy(message.text, desk->state.text, sizeof(message.text));
    return message;
}

/* A rank that works on something else, or has another idea of the job, is sent away. */
static enum neuron_status
refuse(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
       const struct neuron_lease_message *hello, struct neuron_error *error)
{
    struct neuron_lease_message message = {.kind = NEURON_LEASE_STOP,
                                           .score_end = NEURON_SCORE_FAILED};

    if (hello->world_size != desk->plan->world_size) {
        (void)snprintf(message.text, sizeof(message.text),
                       "rank %u speaks of %u ranks, and rank 0 of %u; start all by one launcher",
                       hello->rank, hello->world_size, desk->plan->world_size);
    } else {
        (void)snprintf(message.text, sizeof(message.text),
                       "rank %u on %.40s has another model, other inputs or options than rank 0; "
                       "give all ranks the same files",
                       hello->rank, hello->host);
    }
    return answer(desk, peer, &message, error);
}

/* What a rank had it has no more. Nobody died of what is given back in order. */
static enum neuron_status
note_end_of(struct neuron_lease_desk *desk, uint32_t rank, enum neuron_rank_loss loss,
            struct neuron_error *error)
{
    struct neuron_lease lease = {0};
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && neuron_lease_table_next_of(desk->table, rank, lease.id, &lease)) {
        desk->lost_leases += loss == NEURON_RANK_DIED ? 1 : 0;
        if (loss == NEURON_RANK_LEFT && lease.kind != NEURON_LEASE_AUDIT && !lease.is_copy) {
            desk->wants_kernel = true;
            status = neuron_journal_add_back(desk->plan->journal, lease.rows, rank, error);
        }
    }
    return status;
}

static enum neuron_status
lose(struct neuron_lease_desk *desk, uint32_t rank, enum neuron_rank_loss loss, uint64_t now_ns,
     struct neuron_error *error)
{
    struct neuron_report_rank *entry = &desk->roll.ranks[rank];

    if (!entry->is_alive) {
        return NEURON_OK;
    }
    entry->is_alive = false;
    entry->running_rows = 0;
    entry->loss_count += loss == NEURON_RANK_DIED ? 1 : 0;
    enum neuron_status status = note_end_of(desk, rank, loss, error);
    return status == NEURON_OK ? neuron_lease_table_lose(desk->table, rank, loss, now_ns, error)
                               : status;
}

static enum neuron_status
take_hello(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
           const struct neuron_lease_message *message, uint64_t now_ns, struct neuron_error *error)
{
    const struct neuron_lease_message welcome = {.kind = NEURON_LEASE_WELCOME};

    if (message->world_size != desk->plan->world_size || message->digest != desk->plan->digest ||
        message->rank >= desk->plan->world_size) {
        return refuse(desk, peer, message, error);
    }
    /* Said once more, as its answer was slow to come. */
    if (neuron_rank_roll_knows(&desk->roll, peer, message->rank)) {
        return answer(desk, peer, &welcome, error);
    }
    /* In place of a process that has died, maybe too short a time ago to be seen. */
    enum neuron_status status = lose(desk, message->rank, NEURON_RANK_DIED, now_ns, error);
    if (status != NEURON_OK) {
        return status;
    }
    neuron_rank_roll_enter(&desk->roll, peer, message, now_ns);
    status = neuron_lease_table_join(desk->table, message->rank,
                                     desk->roll.entries[message->rank].round_rows, now_ns, error);
    return status == NEURON_OK ? answer(desk, peer, &welcome, error) : status;
}

/* Enters in the journal what must be known if the rank dies of it. */
static enum neuron_status
note_lease(struct neuron_lease_desk *desk, const struct neuron_lease *lease,
           struct neuron_error *error)
{
    if (desk->first_lease_ns == 0) {
        desk->first_lease_ns = (int64_t)neuron_real_ns();
    }
    desk->copies += lease->is_copy ? 1 : 0;
    desk->audits += lease->kind == NEURON_LEASE_AUDIT ? 1 : 0;
    if (lease->is_copy && desk->tail_ns == 0) {
        desk->tail_ns = (int64_t)neuron_real_ns();
    }
    if (lease->kind == NEURON_LEASE_AUDIT) {
        return NEURON_OK;
    }
    desk->wants_kernel = true;
    return lease->is_copy
               ? neuron_journal_add_copy(desk->plan->journal, lease->rows, lease->rank, error)
               : neuron_journal_add_lease(desk->plan->journal, lease->rows, lease->rank, error);
}

/* Gives as many leases as were asked for and there are. */
static enum neuron_status
give(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
     const struct neuron_lease_message *message, uint64_t now_ns, struct neuron_error *error)
{
    struct neuron_lease_message given = {.kind = NEURON_LEASE_GIVE};
    uint32_t wanted = message->wanted < MOST_GIVEN_AT_ONCE ? message->wanted : MOST_GIVEN_AT_ONCE;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < wanted; i += 1) {
        status = neuron_lease_table_give(desk->table, message->rank, now_ns, &given.lease, error);
        if (status == NEURON_OK && given.lease.id == 0) {
            const struct neuron_lease_message dry = {.kind = NEURON_LEASE_DRY};

            desk->tail_ns = desk->tail_ns == 0 ? (int64_t)neuron_real_ns() : desk->tail_ns;
            return answer(desk, peer, &dry, error);
        }
        if (status == NEURON_OK) {
            status = note_lease(desk, &given.lease, error);
        }
        if (status == NEURON_OK) {
            status = answer(desk, peer, &given, error);
        }
    }
    return status;
}

static enum neuron_status
take_ask(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
         const struct neuron_lease_message *message, uint64_t now_ns, struct neuron_error *error)
{
    struct neuron_lease_message drop = {.kind = NEURON_LEASE_DROP};
    const struct neuron_lease_message alive = {.kind = NEURON_LEASE_WELCOME};

    desk->roll.ranks[message->rank].running_rows = message->running_rows;
    if (neuron_lease_table_find_needless(desk->table, message->rank, &drop.lease)) {
        enum neuron_status status = answer(desk, peer, &drop, error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    return message->wanted == 0 ? answer(desk, peer, &alive, error)
                                : give(desk, peer, message, now_ns, error);
}

/* Says whether a message of what is done agrees with the lease that it speaks of. */
static bool
is_sound(const struct neuron_lease_desk *desk, const struct neuron_lease_message *message,
         const struct neuron_lease *lease)
{
    bool is_sound = lease->rank == message->rank && lease->rows.first == message->rows.first &&
                    lease->rows.count == message->rows.count;

    if (lease->kind == NEURON_LEASE_AUDIT) {
        return is_sound;
    }
    for (uint32_t i = 0; is_sound && i < message->failure_count; i += 1) {
        uint64_t row = message->failures[i].row;

        is_sound = row >= lease->rows.first && row - lease->rows.first < lease->rows.count;
    }
    return is_sound && message->sum_count == desk->plan->output_count;
}

static enum neuron_status
enter_done(struct neuron_lease_desk *desk, const struct neuron_lease_message *message,
           struct neuron_error *error)
{
    const struct neuron_journal_piece piece = {
        .rows = message->rows, .rank = message->rank, .sums = message->sums};
    enum neuron_status status =
        neuron_desk_books_add_piece(&desk->books, message->rows, message->sums, error);

    for (uint32_t i = 0; status == NEURON_OK && i < message->failure_count; i += 1) {
        status = neuron_failure_list_add(&desk->books.failures, &message->failures[i], error);
        if (status == NEURON_OK) {
            status = neuron_journal_add_failure(desk->plan->journal, &message->failures[i], error);
        }
    }
    if (status == NEURON_OK) {
        status = neuron_journal_add_done(desk->plan->journal, &piece, error);
    }
    desk->wants_disk = true;
    desk->last_done_ns = (int64_t)neuron_real_ns();
    desk->first_done_ns = desk->first_done_ns == 0 ? desk->last_done_ns : desk->first_done_ns;
    desk->roll.ranks[message->rank].lease_count += 1;
    desk->roll.ranks[message->rank].rows += message->rows.count;
    desk->roll.ranks[message->rank].last_done_ns = desk->last_done_ns;
    return status;
}

static void
end_for_audit(struct neuron_lease_desk *desk, const struct neuron_lease_message *message)
{
    char text[NEURON_LEASE_TEXT_BYTES] = "";
    uint64_t first = desk->plan->options->first_row + message->rows.first;

    desk->audit_differences += 1;
    (void)snprintf(text, sizeof(text),
                   "audit: among the rows %" PRIu64 "-%" PRIu64 " results differ when they are "
                   "computed again, by rank %u on %.40s; a core, memory or disk is faulty, or the "
                   "program is not deterministic",
                   first, first + message->rows.count - 1, message->rank,
                   desk->roll.ranks[message->rank].host);
    neuron_lease_desk_end(desk, NEURON_SCORE_FAILED, text);
}

static enum neuron_status
take_done(struct neuron_lease_desk *desk, const struct neuron_lease_message *message,
          uint64_t now_ns, struct neuron_error *error)
{
    struct neuron_lease lease = {0};
    bool counts = false;

    if (!neuron_lease_table_find(desk->table, message->end.id, &lease) ||
        !is_sound(desk, message, &lease)) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_lease_table_end(desk->table, &message->end, now_ns, &counts, NULL, error);
    if (status == NEURON_OK && counts) {
        status = enter_done(desk, message, error);
    }
    neuron_desk_books_add_times(&desk->books, message);
    if (lease.kind == NEURON_LEASE_AUDIT && message->audit_differs) {
        end_for_audit(desk, message);
    }
    return status;
}

/* A failure that other ranks would see, too, ends the job; else they go on without this one. */
static enum neuron_status
take_fail(struct neuron_lease_desk *desk, const struct neuron_lease_message *message,
          uint64_t now_ns, struct neuron_error *error)
{
    char text[NEURON_LEASE_TEXT_BYTES] = "";

    (void)snprintf(text, sizeof(text), "rank %u: %.200s", message->rank, message->text);
    enum neuron_status status = lose(desk, message->rank, NEURON_RANK_LEFT, now_ns, error);
    desk->roll.entries[message->rank].has_left = true;
    if (message->score_end == NEURON_SCORE_FAILED || neuron_lease_desk_live_count(desk) == 0) {
        neuron_lease_desk_end(desk, message->score_end, text);
    }
    return status;
}

static enum neuron_status
take_known(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
           const struct neuron_lease_message *message, uint64_t now_ns, struct neuron_error *error)
{
    desk->roll.entries[message->rank].heard_ns = now_ns;
    desk->roll.ranks[message->rank].heard_ns = (int64_t)neuron_real_ns();
    switch (message->kind) {
    case NEURON_LEASE_ASK:
        return take_ask(desk, peer, message, now_ns, error);
    case NEURON_LEASE_DONE:
        return take_done(desk, message, now_ns, error);
    case NEURON_LEASE_FAIL:
        return take_fail(desk, message, now_ns, error);
    case NEURON_LEASE_BYE:
        desk->roll.entries[message->rank].has_left = true;
        return lose(desk, message->rank, NEURON_RANK_LEFT, now_ns, error);
    case NEURON_LEASE_HELLO:
    case NEURON_LEASE_WELCOME:
    case NEURON_LEASE_GIVE:
    case NEURON_LEASE_DRY:
    case NEURON_LEASE_DROP:
    case NEURON_LEASE_STOP:
        break;
    }
    return NEURON_OK;
}

/* What a rank has done says how fast it is, long before a lease of it is on disk. */
static void
measure(struct neuron_lease_desk *desk, struct neuron_report_rank *rank,
        const struct neuron_rank_counters *counters)
{
    if (counters->rows > rank->counters.rows && counters->run_ns > rank->counters.run_ns) {
        neuron_lease_table_measure(desk->table, rank->rank, counters->rows - rank->counters.rows,
                                   counters->run_ns - rank->counters.run_ns);
    }
    if (counters->peak_memory_bytes > 0) {
        rank->counters = *counters;
    }
}

enum neuron_status
neuron_lease_desk_take(struct neuron_lease_desk *desk, const struct neuron_lease_peer *peer,
                       const struct neuron_lease_message *message, uint64_t now_ns,
                       struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (message->kind == NEURON_LEASE_HELLO) {
        status = take_hello(desk, peer, message, now_ns, error);
    } else if (message->rank < desk->roll.count &&
               neuron_rank_roll_knows(&desk->roll, peer, message->rank)) {
        struct neuron_report_rank *rank = &desk->roll.ranks[message->rank];

        measure(desk, rank, &message->counters);
        if (!rank->is_alive && !desk->roll.entries[message->rank].has_left) {
            /* It was silent for long, and is back: it gets new leases. */
            rank->is_alive = true;
            status = neuron_lease_table_join(desk->table, message->rank,
                                             desk->roll.entries[message->rank].round_rows, now_ns,
                                             error);
        }
        if (status == NEURON_OK) {
            status = take_known(desk, peer, message, now_ns, error);
        }
    }
    if (status == NEURON_OK) {
        judge(desk);
    }
    return status;
}

enum neuron_status
neuron_lease_desk_look(struct neuron_lease_desk *desk, uint64_t now_ns, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    desk->start_ns = desk->start_ns == 0 ? now_ns : desk->start_ns;
    bool is_late = now_ns - desk->start_ns > desk->plan->timeout_ms * NEURON_NS_PER_MS;
    for (uint32_t i = 0; status == NEURON_OK && i < desk->roll.count; i += 1) {
        if (neuron_rank_roll_is_lost(&desk->roll, i, now_ns, desk->plan->timeout_ms)) {
            status = lose(desk, i, NEURON_RANK_DIED, now_ns, error);
        }
        /* The part of one that never came is for others, too. */
        if (status == NEURON_OK && is_late && desk->roll.ranks[i].joined_ns == 0) {
            status = neuron_lease_table_lose(desk->table, i, NEURON_RANK_LEFT, now_ns, error);
        }
    }
    return status;
}

enum neuron_status
neuron_lease_desk_lose_stopped(struct neuron_lease_desk *desk, uint64_t now_ns,
                               struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < desk->roll.count; i += 1) {
        if (neuron_rank_roll_is_stopped(&desk->roll, i)) {
            status = lose(desk, i, NEURON_RANK_DIED, now_ns, error);
        }
    }
    return status;
}

/* Drops answers but those to ranks that are sent away. */
static void
keep_refusals(struct neuron_lease_desk *desk)
{
    size_t kept = 0;

    for (size_t i = 0; i < desk->answer_count; i += 1) {
        if (desk->answers[i].message.kind == NEURON_LEASE_STOP) {
            desk->answers[kept] = desk->answers[i];
            kept += 1;
        }
    }
    desk->answer_count = kept;
}

/* Once the job is over, every rank that is there hears of it, in place of other answers. */
static enum neuron_status
answer_with_end(struct neuron_lease_desk *desk, struct neuron_error *error)
{
    const struct neuron_lease_message stop = stop_message(desk);
    enum neuron_status status = NEURON_OK;

    keep_refusals(desk);
    for (uint32_t i = 0; status == NEURON_OK && i < desk->roll.count; i += 1) {
        if (desk->roll.ranks[i].joined_ns != 0 && !desk->roll.entries[i].has_left) {
            status = answer(desk, &desk->roll.entries[i].peer, &stop, error);
        }
    }
    return status;
}

enum neuron_status
neuron_lease_desk_settle(struct neuron_lease_desk *desk, const struct neuron_lease_answer **answers,
                         size_t *answer_count, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (desk->handed_count > 0) {
        memmove(desk->answers, desk->answers + desk->handed_count,
                (desk->answer_count - desk->handed_count) * sizeof(*desk->answers));
        desk->answer_count -= desk->handed_count;
    }
    desk->handed_count = 0;
    *answer_count = 0;
    if (desk->wants_disk || desk->wants_kernel) {
        status = neuron_journal_flush(
            desk->plan->journal,
            desk->wants_disk ? NEURON_JOURNAL_TO_DISK : NEURON_JOURNAL_TO_KERNEL, error);
        desk->wants_disk = desk->wants_disk && status != NEURON_OK;
        desk->wants_kernel = false;
    }
    if (status != NEURON_OK) {
        /* What is in no journal is not done, even if it was all there was to do. */
        desk->state.is_over =
            desk->state.is_over && desk->state.end > NEURON_SCORE_COMPLETE_WITH_ERRORS;
        neuron_lease_desk_end(desk, NEURON_SCORE_BROKEN, error->text);
    }
    if (desk->state.is_over) {
        enum neuron_status told = answer_with_end(desk, error);

        status = status == NEURON_OK ? told : status;
    }
    *answers = desk->answers;
    *answer_count = desk->answer_count;
    desk->handed_count = desk->answer_count;
    return status;
}

void
neuron_lease_desk_destroy(struct neuron_lease_desk *desk)
{
    if (desk == NULL) {
        return;
    }
    neuron_lease_table_destroy(desk->table);
    neuron_rank_roll_destroy(&desk->roll);
    neuron_desk_books_destroy(&desk->books);
    free(desk->answers);
    free(desk);
}
