/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rank opens the files; the one that leads also locks the journal and serves the leases. A
 * rank whose server is gone tries to lead: the lock of the journal, which the kernel drops with its
 * process, says who does. A leader that is stopped keeps the lock; on this host it is ended for
 * that, as nobody could go on otherwise.
 */
#include "score/score_job.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "neuron/process_identity.h"
#include "neuron/process_life.h"
#include "score/block_plan.h"
#include "score/host_name.h"
#include "score/job_files.h"
#include "score/job_lead.h"
#include "score/path_check.h"
#include "score/rank_cores.h"
#include "score/rank_work.h"

enum { ENDING_MS = 2000 }; /* that a process takes to end which was told to */

/* All that a rank holds. */
struct score_state {
    const struct neuron_score_job *job;
    struct neuron_job_files files;
    struct neuron_lease_channel_plan channel;
    struct neuron_job_lead_plan lead_plan;
    struct neuron_job_lead *lead; /* NULL where another rank leads */
    struct neuron_rank_cores cores;
    struct neuron_slowest_block *slowest;
    struct neuron_lease_link_plan link_plan;
    struct neuron_score_outcome *outcome;
    bool is_late; /* the job was over when this rank came */
};

/* Says once, by the first rank, what this machine lacks of what the model was compiled for. */
static void
note_machine(const struct score_state *state)
{
    struct neuron_error lack = {.text = ""};

    if (state->job->identity->rank == 0 &&
        neuron_scored_program_find_lack(state->files.program, &lack)) {
        (void)fprintf(stderr, "neuron-score: note: %s: %s\n", state->job->options->model_path,
                      lack.text);
    }
}

static void
plan_talk(struct score_state *state)
{
    const struct neuron_score_job *job = state->job;

    state->channel = (struct neuron_lease_channel_plan){
        .path = state->files.server_path,
        .job_id = job->identity->job_id,
        .key = job->identity->key,
        .reach = job->identity->is_local ? NEURON_LEASE_ONE_HOST : NEURON_LEASE_ANY_HOST};
    state->lead_plan = (struct neuron_job_lead_plan){
        .files = &state->files,
        .identity = job->identity,
        .channel = state->channel,
        .version = job->version,
        .batch_rows = neuron_scored_program_batch_rows(state->files.program),
        .start_ns = job->start_ns,
        .stop_signal = job->stop_signal};
}

/* The first rank leads, unless another one has taken over from an earlier process of it. */
static enum neuron_status
lead_first(struct score_state *state, struct neuron_error *error)
{
    struct neuron_lease_server_place place = {0};
    char who[NEURON_ERROR_TEXT_BYTES] = "";
    pid_t holder = 0;

    if (state->job->identity->rank != 0) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_job_lead_take(&state->lead_plan, &holder, &state->lead, error);
    if (status != NEURON_STOPPED) {
        return status;
    }
    if (neuron_lease_channel_find(&state->channel, &place, NULL) == NEURON_OK &&
        (holder == -1 || holder == place.pid)) {
        return NEURON_OK;
    }
    if (holder > 0) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "%s is being written by another job, %s; wait for it, or name another "
                           "output",
                           neuron_output_set_path(state->files.outputs),
                           neuron_process_describe(holder, who, sizeof(who)));
    }
    return status;
}

/* Says whether an earlier run, or the ranks that came before this one, have done it all. */
static bool
is_job_over(void *argument)
{
    struct score_state *state = argument;
    struct neuron_journal *journal = NULL;
    char difference[NEURON_ERROR_TEXT_BYTES] = "";

    /* A leader does not open its journal twice: to close it would drop the lock. */
    if (state->lead != NULL || state->job->options->resume == NEURON_RESUME_RESTART ||
        state->job->options->resume == NEURON_RESUME_NEVER ||
        neuron_journal_read(state->files.journal_path, &journal, NULL) != NEURON_OK) {
        return false;
    }
    const struct neuron_journal_contents *contents = neuron_journal_contents(journal);
    bool is_over = contents->state == NEURON_JOURNAL_ENDED &&
                   neuron_job_fingerprint_compare(state->files.fingerprint, contents->fingerprint,
                                                  difference, sizeof(difference)) == 0 &&
                   neuron_output_set_is_published(state->files.outputs);
    state->outcome->end =
        contents->failure_count > 0 ? NEURON_SCORE_COMPLETE_WITH_ERRORS : NEURON_SCORE_COMPLETE;
    neuron_journal_destroy(journal);
    state->is_late = is_over;
    return is_over;
}

/*
 * Leads as soon as nobody else does. The first rank of a job that was started again may meet the
 * leader of the start before, which is on its way out, knows another key, and answers nobody.
 */
static bool
lead_when_free(void *argument)
{
    struct score_state *state = argument;
    pid_t holder = 0;

    /* What else is in the way is told by the attempt that follows the wait. */
    if (state->lead != NULL ||
        neuron_job_lead_take(&state->lead_plan, &holder, &state->lead, NULL) != NEURON_OK) {
        return false;
    }
    state->is_late = neuron_job_lead_is_done(state->lead);
    return state->is_late;
}

static void
fill_hello(struct score_state *state)
{
    const struct neuron_score_job *job = state->job;
    struct neuron_lease_message *hello = &state->link_plan.hello;
    uint32_t core_count = neuron_data_parallel_core_count(state->cores.parallel);
    uint64_t round_rows = 0;

    if (__builtin_mul_overflow(neuron_rank_cores_chunk_rows(job->options, state->files.program),
                               (uint64_t)neuron_data_parallel_replica_count(state->cores.parallel),
                               &round_rows)) {
        round_rows = UINT32_MAX;
    }
    *hello = (struct neuron_lease_message){
        .kind = NEURON_LEASE_HELLO,
        .rank = job->identity->rank,
        .world_size = job->identity->world_size,
        .digest = neuron_job_fingerprint_digest(state->files.fingerprint),
        .round_rows = round_rows,
        .core_count = core_count,
        .pid = getpid(),
        .start_ticks = neuron_process_start_ticks(getpid()),
        .start_ns = job->start_ns};
    neuron_host_read_name(hello->host, sizeof(hello->host));
    neuron_rank_cores_format(&state->cores, hello->cores, sizeof(hello->cores));
    state->link_plan.channel = state->channel;
    state->link_plan.timeout_ms = job->options->lease_timeout_ms;
    state->link_plan.stop_signal = job->stop_signal;
    state->link_plan.is_over = job->identity->rank == 0 ? lead_when_free : is_job_over;
    state->link_plan.argument = state;
}

static enum neuron_status
claim_cores(struct score_state *state, struct neuron_error *error)
{
    const struct neuron_score_options *options = state->job->options;

    note_machine(state);
    enum neuron_status status =
        neuron_rank_cores_claim(options, state->files.program, &state->cores, error);
    if (status == NEURON_OK && options->shows_timeline) {
        status = neuron_slowest_block_create(state->cores.parallel, &state->slowest, error);
    }
    if (status == NEURON_OK) {
        fill_hello(state);
    }
    return status;
}

/* Works for the server that is there, until the job is over or the server is gone. */
static enum neuron_status
work(struct score_state *state, struct neuron_lease_server_place *place, struct neuron_error *error)
{
    struct neuron_lease_link *link = NULL;

    enum neuron_status status = neuron_lease_link_open(&state->link_plan, &link, error);
    if (status != NEURON_OK) {
        return status;
    }
    *place = *neuron_lease_link_place(link);
    const struct neuron_rank_tools tools = {
        .options = state->job->options,
        .program = state->files.program,
        .source = state->files.source,
        .outputs = state->files.outputs,
        .parallel = state->cores.parallel,
        .spares = state->cores.spares,
        .slowest = state->slowest,
        .block_rows = neuron_block_plan_rows(&state->files, &state->cores)};
    const struct neuron_score_rank rank = {.tools = &tools,
                                           .link = link,
                                           .rank = state->job->identity->rank,
                                           .load_ns = state->cores.load_ns,
                                           .stop_signal = state->job->stop_signal,
                                           .opens_outputs = state->lead == NULL};
    status = neuron_score_rank_run(&rank, state->outcome, error);
    neuron_lease_link_destroy(link);
    return status;
}

/* Ends a leader of this host that has fallen silent: as long as it lives it keeps the lock. */
static void
end_silent_leader(const struct neuron_lease_server_place *place, pid_t holder)
{
    const useconds_t pause_us = 1000;
    char host[NEURON_LEASE_HOST_BYTES] = "";

    neuron_host_read_name(host, sizeof(host));
    if (holder <= 1 || holder != place->pid || strcmp(host, place->host) != 0 ||
        !neuron_process_lives(holder, place->start_ticks) || kill(holder, SIGKILL) != 0) {
        return;
    }
    (void)fprintf(stderr,
                  "neuron-score: pid %d, which led the job, was silent; it was ended, and another "
                  "rank leads\n",
                  (int)holder);
    for (int i = 0; i < ENDING_MS && neuron_process_lives(holder, place->start_ticks); i += 1) {
        (void)usleep(pause_us);
    }
}

/*
 * Says whether the process that has the journal gets on with something: one that goes on with a job
 * reads what is done, or reserves its outputs, before it serves, and that takes as long as the disk
 * does. One of another host has its lock no longer than it lives.
 */
static bool
is_getting_on(pid_t holder)
{
    return holder < 0 ||
           (holder > 0 && !neuron_process_is_stopped(holder, neuron_process_start_ticks(holder)));
}

/*
 * Tries to lead a job whose leader is gone; where another process leads by now, there is nothing to
 * do but to wait for it.
 *
 * is_led  receives whether one does, and gets on.
 */
static enum neuron_status
take_over(struct score_state *state, const struct neuron_lease_server_place *gone, bool *is_led,
          struct neuron_error *error)
{
    pid_t holder = 0;

    state->link_plan.gone_epoch_ns = gone->epoch_ns;
    state->lead_plan.is_takeover = true;
    enum neuron_status status =
        neuron_job_lead_take(&state->lead_plan, &holder, &state->lead, error);
    if (status == NEURON_STOPPED && holder == gone->pid) {
        end_silent_leader(gone, holder);
        status = neuron_job_lead_take(&state->lead_plan, &holder, &state->lead, error);
    }
    *is_led = status == NEURON_STOPPED && is_getting_on(holder);
    return status == NEURON_STOPPED ? NEURON_OK : status;
}

static enum neuron_status
work_until_over(struct score_state *state, struct neuron_error *error)
{
    struct neuron_lease_server_place place = {0};
    uint32_t tries = 0;
    enum neuron_status status = work(state, &place, error);

    /* Each rank may lead once, and each may be lost; a leader that gets on is waited for. */
    while (status == NEURON_PEER_LOST && state->lead == NULL &&
           tries <= state->job->identity->world_size) {
        bool is_led = false;

        status = take_over(state, &place, &is_led, error);
        tries += is_led ? 0 : 1;
        if (status == NEURON_OK) {
            status = work(state, &place, error);
        }
    }
    return status == NEURON_STOPPED && state->is_late ? NEURON_OK : status;
}

static enum neuron_status
run_rank(struct score_state *state, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_job_files_open(state->job->options, state->job->stop_signal, &state->files, error);

    if (status != NEURON_OK) {
        return status;
    }
    plan_talk(state);
    status = lead_first(state, error);
    if (status != NEURON_OK || (state->lead != NULL && neuron_job_lead_is_done(state->lead)) ||
        (state->job->identity->rank != 0 && is_job_over(state))) {
        return status;
    }
    status = claim_cores(state, error);
    if (status == NEURON_OK) {
        status = work_until_over(state, error);
    }
    if (status == NEURON_OK && state->slowest != NULL) {
        neuron_slowest_block_print(state->slowest, state->job->identity, stderr);
    }
    return status;
}

/* The leader ends the job for all, however it went for its own rank. */
static enum neuron_status
finish_lead(struct score_state *state, enum neuron_status status, struct neuron_error *error)
{
    struct neuron_error later = {0};

    if (state->lead == NULL) {
        return status;
    }
    if (status != NEURON_OK) {
        neuron_job_lead_abort(state->lead, neuron_score_end_for(status), error);
    }
    state->outcome->is_lead = true;
    enum neuron_status finished = neuron_job_lead_finish(state->lead, state->outcome, &later);
    if (status == NEURON_OK && finished != NEURON_OK) {
        state->outcome->end = neuron_score_end_for(finished);
        status = NEURON_FAIL(error, finished, "%s", later.text);
    }
    return status;
}

enum neuron_status
neuron_score_job_run(const struct neuron_score_job *job, struct neuron_score_outcome *outcome,
                     struct neuron_error *error)
{
    struct score_state state = {.job = job, .outcome = outcome};

    enum neuron_status status = run_rank(&state, error);
    if (status != NEURON_OK) {
        outcome->end = neuron_score_end_for(status);
    }
    if (status == NEURON_SYSTEM && !neuron_paths_are_usable(job->options)) {
        outcome->end = NEURON_SCORE_FAILED;
    }
    status = finish_lead(&state, status, error);
    neuron_job_lead_destroy(state.lead);
    neuron_slowest_block_destroy(state.slowest);
    neuron_rank_cores_release(&state.cores);
    neuron_job_files_destroy(&state.files);
    return status;
}
