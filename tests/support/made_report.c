/* SPDX-License-Identifier: Apache-2.0 */
#include "made_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LEASE_ROWS = 4096, ROW_NS = 9000 };

static const int64_t ns_per_ms = 1000000;
static const int64_t start_ns = 1796083200000000000;

/* A core at work. */
struct worker {
    uint32_t rank;
    uint32_t nc;
    uint32_t core;
    int64_t now_ns;
    uint64_t seed;
};

static void *
reserve(size_t count, size_t size_bytes)
{
    void *memory = calloc(count > 0 ? count : 1, size_bytes);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* A number below a limit. */
static uint64_t
draw(uint64_t *seed, uint64_t limit)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (*seed >> 33) % limit;
}

/* The next lease of a core, with a pause before it. */
static void
work(struct made_report *made, struct worker *worker, uint64_t rows)
{
    struct neuron_score_report *report = &made->report;
    struct neuron_rank_counters *counters = &made->ranks[worker->rank].counters;
    int64_t begin_ns = worker->now_ns + (int64_t)draw(&worker->seed, 300000);
    int64_t length_ns = (int64_t)(rows * (ROW_NS + draw(&worker->seed, ROW_NS / 8)));

    /* Now and then something holds a core up. */
    length_ns += draw(&worker->seed, 60) == 0 ? length_ns : 0;
    worker->now_ns = begin_ns + length_ns;
    made->spans[report->span_count] = (struct neuron_report_span){
        .rank = worker->rank,
        .span = {worker->nc, worker->core, (uint64_t)begin_ns, (uint64_t)worker->now_ns, rows}};
    made->chunk_ns[report->chunk_count] =
        (uint64_t)length_ns + 200000 + draw(&worker->seed, 2000000);
    report->span_count += 1;
    report->chunk_count += 1;
    report->rows += rows;
    counters->rows += rows;
    counters->run_ns += (uint64_t)length_ns;
    counters->wait_ns += draw(&worker->seed, 400000);
    made->ranks[worker->rank].lease_count += 1;
    if (worker->now_ns > made->ranks[worker->rank].last_done_ns) {
        made->ranks[worker->rank].last_done_ns = worker->now_ns;
    }
    if (worker->now_ns > report->last_done_ns) {
        report->last_done_ns = worker->now_ns;
    }
}

static void
add_rank(struct made_report *made, const struct made_job *job, uint32_t index)
{
    struct neuron_report_rank *rank = &made->ranks[index];
    uint32_t first_core = index * job->cores_per_rank;

    *rank = (struct neuron_report_rank){
        .rank = index,
        .pid = 4000 + index,
        .core_count = job->cores_per_rank,
        .start_ns = start_ns,
        .joined_ns = start_ns + (40 + index % 16 * 3) * ns_per_ms,
        .is_alive = true,
        .counters = {.load_ns = (uint64_t)(55 * ns_per_ms), .warm_ns = (uint64_t)(9 * ns_per_ms)},
    };
    if (job->text != NULL) {
        (void)snprintf(rank->host, sizeof(rank->host), "%s", job->text);
    } else {
        (void)snprintf(rank->host, sizeof(rank->host), "node%02u", index / 4);
    }
    (void)snprintf(rank->cores, sizeof(rank->cores), "%u-%u", first_core,
                   first_core + job->cores_per_rank - 1);
    for (uint32_t nc = 0; nc < job->cores_per_rank; nc += 1) {
        struct worker worker = {index, nc, first_core + nc, rank->joined_ns + 60 * ns_per_ms,
                                (uint64_t)index * 7919 + nc + 1};

        for (uint32_t i = 0; i < job->leases_per_core; i += 1) {
            uint64_t rows = FIRST_LEASE_ROWS * (job->leases_per_core - i) / job->leases_per_core;

            work(made, &worker, rows > 64 ? rows : 64);
        }
    }
    /* The time of a rank with all its cores is that of one of them. */
    rank->counters.run_ns /= job->cores_per_rank;
    rank->counters.write_ns = rank->counters.run_ns / 90;
    rank->counters.sync_ns = rank->counters.run_ns / 60;
    rank->counters.read_bytes = rank->counters.rows * 4096;
    rank->counters.written_bytes = rank->counters.rows * 40;
    rank->counters.peak_memory_bytes = (220U + index % 7) << 20;
}

static void
add_failures(struct made_report *made, const struct made_job *job)
{
    static const char *const reasons[] = {"results hold a NaN", "column age: 'n/a' is no number",
                                          "the process was killed by SIGSEGV"};
    static const enum neuron_bad_stage stages[] = {NEURON_BAD_NAN, NEURON_BAD_READ,
                                                   NEURON_BAD_CRASH};

    for (uint32_t i = 0; i < job->failure_count; i += 1) {
        struct neuron_row_failure *failure = &made->failures[i];

        failure->row = (uint64_t)i * 977;
        failure->stage = stages[i % 3];
        failure->attempts = 1 + i % 3;
        (void)snprintf(failure->reason, sizeof(failure->reason), "%s",
                       job->text != NULL ? job->text : reasons[i % 3]);
    }
}

/* What happened when, and how it ended. */
static void
finish(struct made_report *made, const struct made_job *job)
{
    struct neuron_score_report *report = &made->report;

    report->done_rows = report->rows;
    report->failure_count = job->failure_count;
    report->end =
        job->failure_count > 0 ? NEURON_SCORE_COMPLETE_WITH_ERRORS : NEURON_SCORE_COMPLETE;
    report->first_lease_ns = start_ns + 95 * ns_per_ms;
    report->first_done_ns = start_ns + 150 * ns_per_ms;
    report->tail_ns = report->last_done_ns - (report->last_done_ns - start_ns) / 16;
    report->end_ns = report->last_done_ns + 31 * ns_per_ms;
    report->lost_lease_count = job->rank_count > 4 ? 3 : 0;
    report->copy_count = job->rank_count;
    report->audit_count = 12;
}

struct made_report *
made_report_create(const struct made_job *job)
{
    struct made_report *made = reserve(1, sizeof(*made));
    size_t span_count = (size_t)job->rank_count * job->cores_per_rank * job->leases_per_core;

    made->ranks = reserve(job->rank_count, sizeof(*made->ranks));
    made->spans = reserve(span_count, sizeof(*made->spans));
    made->chunk_ns = reserve(span_count, sizeof(*made->chunk_ns));
    made->failures = reserve(job->failure_count, sizeof(*made->failures));
    made->input.value = job->text != NULL ? job->text : "images.npy";
    made->output.value = job->text != NULL ? job->text : "scores.npy";
    made->options.model_path = job->text != NULL ? job->text : "resnet50.neff";
    made->options.inputs = (struct neuron_named_list){&made->input, 1};
    made->options.outputs = (struct neuron_named_list){&made->output, 1};
    made->report = (struct neuron_score_report){
        .version = "0.1.0",
        .options = &made->options,
        .fingerprint =
            job->text != NULL ? job->text : "model: resnet50.neff 51f0c3a2\ninput: images.npy\n",
        .end_text = job->text,
        .input_row_bytes = 4096,
        .output_row_bytes = 40,
        .start_ns = start_ns,
        .ranks = made->ranks,
        .rank_count = job->rank_count,
        .spans = made->spans,
        .chunk_ns = made->chunk_ns,
        .failures = made->failures,
        .accuracy = -1.0,
        .mean_absolute_error = -1.0,
    };
    for (uint32_t i = 0; i < job->rank_count; i += 1) {
        add_rank(made, job, i);
    }
    add_failures(made, job);
    finish(made, job);
    return made;
}

void
made_report_destroy(struct made_report *made)
{
    free(made->ranks);
    free(made->spans);
    free(made->chunk_ns);
    free(made->failures);
    free(made);
}
