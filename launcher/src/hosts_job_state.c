/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts_job_state.h"

#include "job_start.h"

struct neuron_job
neuron_hosts_job_view(const struct neuron_hosts_job *job)
{
    return (struct neuron_job){
        .request = {.line = job->request->line,
                    .plan = &job->plan,
                    .paths = job->paths,
                    .restart_count = job->restart_count},
        .ranks = job->ranks,
        .relay = job->relay,
        .started_ms = job->started_ms,
        .restarts = job->restarts,
        .order = job->order,
        .error = job->error,
        .failed = job->failed,
        .failed_count = job->failed_count,
        .stopped_count = job->stopped_count,
    };
}

const char *
neuron_hosts_job_host(const struct neuron_hosts_job *job, uint32_t rank)
{
    return job->request->hosts->hosts[job->request->places->host_of_rank[rank]].name;
}

void
neuron_hosts_job_signal(struct neuron_hosts_job *job, int signal_number)
{
    if (signal_number != 0 && job->phase == NEURON_HOSTS_RUNNING) {
        neuron_host_ranks_send_all(
            job->hosts, &(struct neuron_job_message){.kind = NEURON_JOB_SIGNAL,
                                                     .numbers = {(uint64_t)signal_number}});
    }
}

void
neuron_hosts_job_stop(struct neuron_hosts_job *job, enum neuron_stop_cause cause)
{
    neuron_hosts_job_signal(job, neuron_stop_order_ask(&job->order, cause, neuron_job_now_ms()));
}

void
neuron_hosts_job_fail(struct neuron_hosts_job *job, int code, const char *text)
{
    if (job->order.cause == NEURON_STOP_NONE) {
        job->code = code;
        neuron_error_set(&job->error, NEURON_SYSTEM, "%s", text);
        neuron_hosts_job_stop(job, NEURON_STOP_START_FAILED);
    }
}

void
neuron_hosts_job_end_rank(struct neuron_hosts_job *job, uint32_t rank,
                          enum neuron_host_rank_state state)
{
    struct neuron_host_rank *host = &job->hosts->ranks[rank];

    if (host->state == NEURON_HOST_RANK_RUNNING) {
        job->ranks->running_count -= 1;
        job->ranks->ranks[rank].ended_ms = neuron_job_now_ms();
        job->ranks->ranks[rank].is_lost = state != NEURON_HOST_RANK_ENDED;
    }
    host->state = state;
}
