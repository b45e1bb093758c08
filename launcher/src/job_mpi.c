/* SPDX-License-Identifier: Apache-2.0 */
#include "job_mpi.h"

#include "job_loop.h"
#include "job_report.h"
#include "job_start.h"

/* One rank ends all, whatever --on-failure says of ranks that fail. */
static void
take_abort(struct neuron_job *job, const struct neuron_mpi_event *event)
{
    struct neuron_rank *rank = &job->ranks->ranks[event->rank];

    if (job->order.cause != NEURON_STOP_NONE) {
        return;
    }
    rank->mpi_end = (struct neuron_mpi_end){.kind = NEURON_MPI_END_ABORT, .code = event->code};
    job->failed = rank;
    job->failed_count += 1;
    job->stopped_count = job->ranks->running_count - (rank->watch >= 0 ? 1 : 0);
    neuron_job_stop(job, NEURON_STOP_RANK_FAILED);
}

/*
 * A rank that ended well and never was in MPI_Init, where others wait for it, in whatever order
 * that came about; NULL for none.
 */
static struct neuron_rank *
find_missed(const struct neuron_job *job)
{
    struct neuron_rank *missed = NULL;
    bool is_awaited = false;

    for (uint32_t i = 0; i < job->ranks->rank_count; i += 1) {
        struct neuron_rank *rank = &job->ranks->ranks[i];
        enum neuron_mpi_progress progress = neuron_mpi_world_progress(job->request.world, i);

        is_awaited = is_awaited || (rank->watch >= 0 && progress == NEURON_MPI_INSIDE);
        if (missed == NULL && rank->watch < 0 && rank->wait_status == 0 &&
            progress == NEURON_MPI_ABSENT) {
            missed = rank;
        }
    }
    return is_awaited ? missed : NULL;
}

/* The others cannot go on, whatever --on-failure says. */
static void
take_missed(struct neuron_job *job)
{
    struct neuron_rank *rank = job->order.cause == NEURON_STOP_NONE ? find_missed(job) : NULL;

    if (rank == NULL) {
        return;
    }
    rank->mpi_end.kind = NEURON_MPI_END_MISSED;
    job->failed = rank;
    job->failed_count += 1;
    job->stopped_count = job->ranks->running_count;
    neuron_job_stop(job, NEURON_STOP_RANK_FAILED);
}

void
neuron_job_take_mpi(struct neuron_job *job)
{
    struct neuron_mpi_event event = {.kind = NEURON_MPI_SAID};

    if (job->request.world == NULL) {
        return;
    }
    while (neuron_mpi_world_next(job->request.world, neuron_job_now_ms(), &event)) {
        if (event.kind == NEURON_MPI_ABORTED) {
            take_abort(job, &event);
        } else if (event.kind == NEURON_MPI_SAID) {
            neuron_job_say(job->relay, event.text);
        } else if (event.kind == NEURON_MPI_LOGGED) {
            neuron_output_relay_say(job->relay, event.text);
        } else if (job->order.cause == NEURON_STOP_NONE) {
            neuron_error_set(&job->error, NEURON_SYSTEM, "%.200s", event.text);
            neuron_job_stop(job, NEURON_STOP_START_FAILED);
        }
    }
    take_missed(job);
}

bool
neuron_job_has_failed(struct neuron_job *job, const struct neuron_rank *rank)
{
    uint32_t number = (uint32_t)(rank - job->ranks->ranks);

    /* Only now is all there that it told its server before it ended. */
    neuron_job_take_mpi(job);
    if (rank->wait_status == 0 &&
        neuron_mpi_world_progress(job->request.world, number) == NEURON_MPI_INSIDE) {
        job->ranks->ranks[number].mpi_end.kind = NEURON_MPI_END_UNFINALIZED;
        return true;
    }
    return rank->wait_status != 0;
}
