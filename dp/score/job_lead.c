/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_lead.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "score/job_end.h"
#include "score/job_lines.h"
#include "score/journal.h"
#include "score/lease_desk.h"
#include "score/lease_server.h"
#include "score/resume_choice.h"
#include "score/score_view.h"

enum { LEAST_LEASE_MS = 20, MOST_LEASE_MS = 1000, PPM = 1000000 };

struct neuron_job_lead {
    const struct neuron_job_lead_plan *plan;
    struct neuron_journal *journal;
    enum neuron_resume_choice choice;
    struct neuron_lease_desk_plan desk_plan;
    struct neuron_lease_desk *desk;
    struct neuron_score_report report;
    struct neuron_score_view view;
    struct neuron_label_result labels;
    struct neuron_lease_server_plan server_plan;
    struct neuron_lease_server *server;
    bool *is_damaged;    /* which pieces of the journal; NULL for none */
    bool has_made_files; /* they go away again if nothing comes of the job */
};

/* Finds out what is there, and what becomes of it. */
static enum neuron_status
choose(struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_job_files *files = lead->plan->files;
    const struct neuron_journal_contents *contents = neuron_journal_contents(lead->journal);
    char difference[NEURON_ERROR_TEXT_BYTES / 2] = "";
    uint64_t done_rows = 0;

    if (contents->state != NEURON_JOURNAL_ABSENT) {
        (void)neuron_job_fingerprint_compare(files->fingerprint, contents->fingerprint, difference,
                                             sizeof(difference));
    }
    for (size_t i = 0; i < contents->piece_count; i += 1) {
        done_rows += contents->pieces[i].rows.count;
    }
    bool is_open = contents->state == NEURON_JOURNAL_OPEN && difference[0] == '\0' &&
                   lead->plan->files->options->resume != NEURON_RESUME_RESTART;
    const struct neuron_resume_finding finding = {
        .wish = lead->plan->is_takeover ? NEURON_RESUME_AUTO : files->options->resume,
        .state = contents->state,
        .difference = difference,
        .has_parts = is_open && neuron_output_set_open(files->outputs, NULL) == NEURON_OK,
        .is_published = neuron_output_set_is_published(files->outputs),
        .output_path = neuron_output_set_path(files->outputs),
        .done_rows = done_rows,
        .rows = contents->rows};

    return neuron_resume_choose(&finding, &lead->choice, error);
}

/* A rank that takes over goes on with what is there, or not at all. */
static enum neuron_status
check_takeover(const struct neuron_job_lead *lead, struct neuron_error *error)
{
    if (lead->plan->is_takeover && lead->choice == NEURON_RESUME_START) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "%s: the rank that led the job is gone, and left nothing to go on from; "
                           "score again",
                           neuron_output_set_path(lead->plan->files->outputs));
    }
    return NEURON_OK;
}

/* Without a journal a file of that name is somebody else's. */
static enum neuron_status
check_foreign(const struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_output_set *outputs = lead->plan->files->outputs;
    enum neuron_status status = NEURON_OK;

    if (neuron_journal_contents(lead->journal)->state != NEURON_JOURNAL_ABSENT) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_output_set_file_count(outputs); i += 1) {
        char *part = NULL;

        if (asprintf(&part, "%s.part", neuron_output_set_file_path(outputs, i)) < 0) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the name of a file");
        }
        if (faccessat(AT_FDCWD, part, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            status =
                NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                            "%s is there, without the journal of an unfinished job; remove it, "
                            "or name another output",
                            part);
        }
        free(part);
    }
    return status;
}

/* The journal comes first: a death between the two leaves nothing that looks like somebody else's.
 */
static enum neuron_status
start_files(struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_job_files *files = lead->plan->files;

    enum neuron_status status = check_foreign(lead, error);
    if (status != NEURON_OK) {
        return status;
    }
    lead->has_made_files = true;
    status = neuron_journal_begin(lead->journal, neuron_job_fingerprint_text(files->fingerprint),
                                  files->rows, neuron_scored_program_output_count(files->program),
                                  error);
    return status == NEURON_OK
               ? neuron_output_set_reserve(files->outputs, lead->plan->stop_signal, error)
               : status;
}

/* Of a job that was on its way to its final names, files may be under either. */
static enum neuron_status
prepare_files(struct neuron_job_lead *lead, struct neuron_error *error)
{
    switch (lead->choice) {
    case NEURON_RESUME_START:
        return start_files(lead, error);
    case NEURON_RESUME_GO_ON:
    case NEURON_RESUME_FINISH:
    case NEURON_RESUME_DONE:
        break;
    }
    return NEURON_OK;
}

/* Says whether a piece is on disk as the journal has it. */
static bool
is_piece_whole(const struct neuron_job_lead *lead, const struct neuron_journal_piece *piece,
               struct neuron_piece_sum *sums, uint32_t count)
{
    bool is_whole =
        neuron_output_set_sum(lead->plan->files->outputs, piece->rows, sums, NULL) == NEURON_OK;

    for (uint32_t i = 0; is_whole && i < count; i += 1) {
        is_whole = sums[i].xxh3 == piece->sums[i].xxh3 && sums[i].crc32 == piece->sums[i].crc32;
    }
    return is_whole;
}

/* What is done is read once more before the job goes on: rows that the disk has changed since are
 * scored again. A rank that takes a job over that runs has no reason to doubt them. */
static enum neuron_status
check_pieces(struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_journal_contents *contents = neuron_journal_contents(lead->journal);
    uint64_t damaged_rows = 0;

    if (lead->choice != NEURON_RESUME_GO_ON || lead->plan->is_takeover) {
        return NEURON_OK;
    }
    lead->is_damaged = calloc(contents->piece_count + 1, sizeof(*lead->is_damaged));
    struct neuron_piece_sum *sums = calloc((size_t)contents->output_count + 1, sizeof(*sums));
    if (lead->is_damaged == NULL || sums == NULL) {
        free(sums);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to check what is done");
    }
    for (size_t i = 0; i < contents->piece_count && *lead->plan->stop_signal == 0; i += 1) {
        lead->is_damaged[i] =
            !is_piece_whole(lead, &contents->pieces[i], sums, contents->output_count);
        damaged_rows += lead->is_damaged[i] ? contents->pieces[i].rows.count : 0;
    }
    free(sums);
    if (*lead->plan->stop_signal != 0) {
        return NEURON_FAIL(error, NEURON_CANCELLED, "stopped by a signal before it went on");
    }
    if (damaged_rows > 0) {
        (void)fprintf(stderr,
                      "neuron-score: note: %llu rows of %s are not as they were written, and are "
                      "scored again\n",
                      (unsigned long long)damaged_rows,
                      neuron_output_set_path(lead->plan->files->outputs));
    }
    return NEURON_OK;
}

static struct neuron_lease_rules
rules_of(const struct neuron_job_lead *lead)
{
    const struct neuron_score_options *options = lead->plan->files->options;

    return (struct neuron_lease_rules){
        .rows = lead->plan->files->rows,
        .rank_count = lead->plan->identity->world_size,
        .schedule = options->schedule,
        .most_rows =
            options->on_error == NEURON_ON_ERROR_SKIP ? NEURON_LEASE_FAILURE_LIMIT : UINT32_MAX,
        .least_ns = (uint64_t)LEAST_LEASE_MS * NEURON_NS_PER_MS,
        .most_ns = (uint64_t)MOST_LEASE_MS * NEURON_NS_PER_MS,
        .audit_ppm = (uint32_t)(options->audit_share * PPM),
        .audit_rows = lead->plan->batch_rows,
        .seed = neuron_job_fingerprint_digest(lead->plan->files->fingerprint)};
}

static void
start_report(struct neuron_job_lead *lead)
{
    const struct neuron_job_files *files = lead->plan->files;

    lead->report = (struct neuron_score_report){
        .version = lead->plan->version,
        .options = files->options,
        .fingerprint = neuron_job_fingerprint_text(files->fingerprint),
        .rows = files->rows,
        .output_row_bytes = neuron_output_set_row_bytes(files->outputs),
        .input_row_bytes = neuron_row_source_row_bytes(files->source),
        .start_ns = lead->plan->start_ns,
        .accuracy = -1.0,
        .mean_absolute_error = -1.0,
        .mean_squared_error = -1.0};
    neuron_score_view_create(&lead->view, files->options, &lead->report);
}

static enum neuron_status
open_desk(struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_job_files *files = lead->plan->files;

    start_report(lead);
    lead->desk_plan = (struct neuron_lease_desk_plan){
        .options = files->options,
        .rules = rules_of(lead),
        .journal = lead->journal,
        .is_damaged = lead->is_damaged,
        .digest = neuron_job_fingerprint_digest(files->fingerprint),
        .world_size = lead->plan->identity->world_size,
        .output_count = neuron_scored_program_output_count(files->program),
        .timeout_ms = files->options->lease_timeout_ms};
    return neuron_lease_desk_create(&lead->desk_plan, &lead->desk, error);
}

static enum neuron_status
serve(struct neuron_job_lead *lead, struct neuron_error *error)
{
    /* Alone there is nobody else to tell that all is done already. */
    if (neuron_job_lead_is_done(lead) && lead->plan->identity->world_size == 1) {
        return NEURON_OK;
    }
    lead->server_plan = (struct neuron_lease_server_plan){.channel = lead->plan->channel,
                                                          .desk = lead->desk,
                                                          .view = &lead->view,
                                                          .stop_signal = lead->plan->stop_signal};
    return neuron_lease_server_start(&lead->server_plan, &lead->server, error);
}

/* Nothing that this call made stays, and nothing else goes. */
static void
give_up(struct neuron_job_lead *lead)
{
    if (lead->has_made_files) {
        neuron_output_set_discard(lead->plan->files->outputs);
        neuron_journal_discard(lead->journal);
    }
    neuron_job_lead_destroy(lead);
}

enum neuron_status
neuron_job_lead_take(const struct neuron_job_lead_plan *plan, pid_t *holder,
                     struct neuron_job_lead **lead, struct neuron_error *error)
{
    struct neuron_job_lead *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to lead a job");
    }
    made->plan = plan;
    enum neuron_status status =
        neuron_journal_open(plan->files->journal_path, holder, &made->journal, error);
    if (status == NEURON_OK) {
        status = choose(made, error);
    }
    if (status == NEURON_OK) {
        status = check_takeover(made, error);
    }
    if (status == NEURON_OK) {
        status = prepare_files(made, error);
    }
    if (status == NEURON_OK) {
        status = check_pieces(made, error);
    }
    if (status == NEURON_OK) {
        status = open_desk(made, error);
    }
    if (status == NEURON_OK) {
        status = serve(made, error);
    }
    if (status != NEURON_OK) {
        give_up(made);
        return status;
    }
    *lead = made;
    return NEURON_OK;
}

bool
neuron_job_lead_is_done(const struct neuron_job_lead *lead)
{
    return lead->choice == NEURON_RESUME_DONE || lead->choice == NEURON_RESUME_FINISH;
}

void
neuron_job_lead_abort(struct neuron_job_lead *lead, enum neuron_score_end end,
                      const struct neuron_error *reason)
{
    if (lead->server != NULL) {
        neuron_lease_server_abort(lead->server, end, reason);
    }
}

/* A job of which not a row is done leaves nothing to go on from. */
static void
remove_empty(struct neuron_job_lead *lead)
{
    if (lead->has_made_files && lead->report.done_rows == 0) {
        neuron_output_set_discard(lead->plan->files->outputs);
        neuron_journal_discard(lead->journal);
    }
}

/* Says what was done. */
static enum neuron_status
print_lines(const struct neuron_job_lead *lead, struct neuron_error *error)
{
    const struct neuron_job_files *files = lead->plan->files;
    const struct neuron_job_lines lines = {.report = &lead->report,
                                           .was_done = lead->choice == NEURON_RESUME_DONE,
                                           .output_path = neuron_output_set_path(files->outputs),
                                           .labels = files->labels != NULL ? &lead->labels : NULL};

    if (files->options->is_quiet || lead->report.end > NEURON_SCORE_COMPLETE_WITH_ERRORS) {
        return NEURON_OK;
    }
    struct neuron_error reason = {0};
    if (neuron_job_lines_print(&lines, &reason) != NEURON_OK) {
        /* Not broken off: the work is done, and to run it again would not help. */
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s", reason.text);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_job_lead_finish(struct neuron_job_lead *lead, struct neuron_score_outcome *outcome,
                       struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_lease_server_join(lead->server);
    lead->server = NULL;
    neuron_lease_desk_report(lead->desk, &lead->report);
    const struct neuron_job_end end = {.files = lead->plan->files,
                                       .journal = lead->journal,
                                       .books = neuron_lease_desk_books(lead->desk),
                                       .report = &lead->report,
                                       .labels = &lead->labels,
                                       .was_done = lead->choice == NEURON_RESUME_DONE,
                                       .stop_signal = lead->plan->stop_signal};
    if (lead->report.end <= NEURON_SCORE_COMPLETE_WITH_ERRORS) {
        status = neuron_job_end_complete(&end, error);
    } else {
        status = neuron_job_end_unfinished(&end, error);
        remove_empty(lead);
    }
    neuron_score_view_end(&lead->view);
    if (status == NEURON_OK) {
        status = print_lines(lead, error);
    }
    outcome->end = lead->report.end;
    outcome->done_rows = lead->report.done_rows;
    (void)snprintf(outcome->text, sizeof(outcome->text), "%s",
                   neuron_lease_desk_state(lead->desk)->text);
    return status;
}

void
neuron_job_lead_destroy(struct neuron_job_lead *lead)
{
    if (lead == NULL) {
        return;
    }
    neuron_lease_server_join(lead->server);
    neuron_lease_desk_destroy(lead->desk);
    neuron_journal_destroy(lead->journal);
    free(lead->is_damaged);
    free(lead);
}
