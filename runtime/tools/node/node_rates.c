/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node_rates.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/clock.h"

/* Durations of several runtimes, whose stamps may differ in what they are in nanoseconds. */
struct latencies {
    double ns_per_stamp; /* 0 for nothing yet */
    uint64_t counts[NEURON_LATENCY_BUCKETS];
};

/* What is summed up on the way to a rate. */
struct sums {
    struct neuron_process_rate *rate;
    struct latencies runs;
    struct latencies requests;
};

/* How much a count has grown; never less than nothing, whatever a process writes. */
static uint64_t
growth(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

static void
add_growth(const uint64_t *before, const uint64_t *after, uint64_t *sums, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        sums[i] += growth(before == NULL ? 0 : before[i], after[i]);
    }
}

/* The bucket of a duration that may be of any length, whatever a process writes. */
static uint32_t
find_bucket(double stamps)
{
    const uint32_t last = NEURON_LATENCY_BUCKETS - 1;

    return stamps < (double)neuron_latency_bucket_begin(last)
               ? neuron_latency_bucket((uint64_t)stamps)
               : last;
}

/* Adds what was counted of durations; in the buckets of the first runtime's stamps. */
static void
add_latencies(const struct neuron_latency_sample *before, const struct neuron_latency_sample *after,
              double ns_per_stamp, struct latencies *latencies)
{
    if (latencies->ns_per_stamp == 0) {
        latencies->ns_per_stamp = ns_per_stamp;
    }
    double ratio = ns_per_stamp / latencies->ns_per_stamp;
    bool is_same = ratio > 0.99 && ratio < 1.01;
    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        uint64_t count = growth(before == NULL ? 0 : before->counts[i], after->counts[i]);
        double middle =
            (double)(neuron_latency_bucket_begin(i) + neuron_latency_bucket_begin(i + 1)) / 2;

        latencies->counts[is_same ? i : find_bucket(middle * ratio)] += count;
    }
}

static void
find_quantiles(const struct latencies *latencies, double *seconds)
{
    for (uint32_t i = 0; i < NEURON_LATENCY_QUANTILES; i += 1) {
        seconds[i] = neuron_latency_quantile(latencies->counts, neuron_latency_permilles[i]) *
                     latencies->ns_per_stamp / NEURON_NS_PER_S;
    }
}

/* The same runtime in the earlier sample; NULL where it was not there. */
static const struct neuron_counter_sample *
find_runtime(const struct neuron_node_process *before, const struct neuron_counter_sample *after)
{
    for (uint32_t i = 0; before != NULL && i < before->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &before->runtimes[i];

        if (runtime->begin_ns == after->begin_ns && runtime->core_count == after->core_count) {
            return runtime;
        }
    }
    return NULL;
}

static const struct neuron_node_process *
find_process(const struct neuron_node_sample *before, const struct neuron_node_process *after)
{
    for (uint32_t i = 0; i < before->process_count; i += 1) {
        const struct neuron_node_process *process = &before->processes[i];

        if (process->pid == after->pid && process->start_ticks == after->start_ticks &&
            process->pid != 0) {
            return process;
        }
    }
    return NULL;
}

/* Over which time is looked at what began at some time, and was not in the earlier look: from that
   look, or from its beginning where it was overlooked, or where there was no look. */
static uint64_t
find_begin(uint64_t begin_ns, uint64_t before_ns)
{
    return before_ns == 0 || begin_ns < before_ns ? begin_ns : before_ns;
}

static double
seconds_between(uint64_t begin_ns, uint64_t end_ns)
{
    uint64_t ns = growth(begin_ns, end_ns);

    return ns == 0 ? 1 / (double)NEURON_NS_PER_S : (double)ns / NEURON_NS_PER_S;
}

/* Over which time a runtime is looked at. */
static double
find_seconds(const struct neuron_counter_sample *before, const struct neuron_counter_sample *after,
             uint64_t before_ns)
{
    uint64_t begin_ns = before == NULL ? find_begin(after->begin_ns, before_ns) : before->time_ns;

    return seconds_between(begin_ns, after->time_ns);
}

/* Which part of a time a core of a runtime was in requests. */
static double
find_busy(const struct neuron_counter_sample *before, const struct neuron_counter_sample *after,
          uint32_t nc, double seconds)
{
    uint64_t busy_ns =
        growth(before == NULL ? 0 : before->cores[nc].busy_ns, after->cores[nc].busy_ns);
    double busy = (double)busy_ns / NEURON_NS_PER_S / seconds;

    return busy > 1 ? 1 : busy;
}

/* Adds what a runtime did on its cores to the cores of the machine. */
static void
add_to_cores(const struct neuron_counter_sample *before, const struct neuron_counter_sample *after,
             double seconds, struct neuron_node_rates *rates)
{
    for (uint32_t nc = 0; nc < after->core_count; nc += 1) {
        const struct neuron_core_sample *core = &after->cores[nc];

        if (core->core < rates->core_count) {
            double *busy = &rates->cores[core->core].busy;

            *busy += find_busy(before, after, nc, seconds);
            *busy = *busy > 1 ? 1 : *busy;
        }
    }
}

static void
add_memory(const struct neuron_counter_sample *after, struct neuron_process_rate *rate)
{
    for (uint32_t i = 0; i < after->memory_count; i += 1) {
        for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
            rate->memory_bytes[use] += after->memory[i].bytes[use];
        }
    }
}

/* Adds a runtime, which was looked at over a time of its own. */
static void
add_runtime(const struct neuron_counter_sample *before, const struct neuron_counter_sample *after,
            double seconds, struct sums *sums)
{
    uint64_t run_count = 0;
    uint64_t busy_ns = 0;

    for (uint32_t nc = 0; nc < after->core_count; nc += 1) {
        const struct neuron_core_sample *core = before == NULL ? NULL : &before->cores[nc];

        uint64_t ended[NEURON_COUNTER_STATUSES] = {0};

        add_growth(core == NULL ? NULL : core->ended, after->cores[nc].ended, ended,
                   NEURON_COUNTER_STATUSES);
        for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
            sums->rate->ended[i] += ended[i];
            run_count += ended[i];
        }
        uint64_t core_ns = growth(core == NULL ? 0 : core->busy_ns, after->cores[nc].busy_ns);
        uint64_t most_ns = (uint64_t)(seconds * NEURON_NS_PER_S);
        busy_ns += core_ns < most_ns ? core_ns : most_ns;
    }
    sums->rate->runs_per_s += (double)run_count / seconds;
    sums->rate->busy_cores += (double)busy_ns / NEURON_NS_PER_S / seconds;
    add_growth(before == NULL ? NULL : before->refused, after->refused, sums->rate->refused,
               NEURON_COUNTER_STATUSES);
    add_latencies(before == NULL ? NULL : &before->run_times, &after->run_times,
                  after->ns_per_stamp, &sums->runs);
    add_latencies(before == NULL ? NULL : &before->request_times, &after->request_times,
                  after->ns_per_stamp, &sums->requests);
    add_memory(after, sums->rate);
}

/* Finds what is told of sums. */
static void
finish_rate(const struct sums *sums)
{
    struct neuron_process_rate *rate = sums->rate;

    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        bool has_result = i == NEURON_OK || i == NEURON_NUMERICAL_ERROR;

        rate->run_count += rate->ended[i];
        rate->failed_count += has_result ? 0 : rate->ended[i];
    }
    find_quantiles(&sums->runs, rate->run_s);
    find_quantiles(&sums->requests, rate->request_s);
}

/* Finds how much of the processors a process has used. */
static void
find_processor_time(const struct neuron_node_sample *before, const struct neuron_node_sample *after,
                    uint32_t position, struct neuron_node_rates *rates)
{
    static const struct neuron_process_stats nothing = {0};
    const struct neuron_node_process *process = &after->processes[position];
    const struct neuron_node_process *earlier = find_process(before, process);
    const struct neuron_process_stats *stats = earlier == NULL ? &nothing : &earlier->stats;
    struct neuron_process_rate *rate = &rates->processes[position];
    uint64_t start_ns = process->start_ticks * (NEURON_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    double seconds = earlier == NULL
                         ? seconds_between(find_begin(start_ns, before->time_ns), after->time_ns)
                         : rates->seconds;

    rate->user_cpus =
        (double)growth(stats->user_ns, process->stats.user_ns) / NEURON_NS_PER_S / seconds;
    rate->system_cpus =
        (double)growth(stats->system_ns, process->stats.system_ns) / NEURON_NS_PER_S / seconds;
}

/* Finds the rate of one process, and adds it to those of its cores and to the sums of all. */
static void
add_process(const struct neuron_node_sample *before, const struct neuron_node_process *after,
            struct neuron_process_rate *rate, struct sums *all, struct neuron_node_rates *rates)
{
    const struct neuron_node_process *earlier = find_process(before, after);
    struct sums sums = {.rate = rate};

    for (uint32_t i = 0; i < after->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &after->runtimes[i];
        const struct neuron_counter_sample *same = find_runtime(earlier, runtime);
        double seconds = find_seconds(same, runtime, before->time_ns);

        add_runtime(same, runtime, seconds, &sums);
        add_runtime(same, runtime, seconds, all);
        add_to_cores(same, runtime, seconds, rates);
    }
    finish_rate(&sums);
}

/* Notes that a process holds cores, but for those that one holds who is as far in. */
static void
note_holder(const struct neuron_node_sample *after, uint32_t position,
            struct neuron_node_rates *rates)
{
    const struct neuron_node_process *process = &after->processes[position];

    for (uint32_t i = 0; i < neuron_core_set_count(process->cores); i += 1) {
        uint32_t core = neuron_core_set_at(process->cores, i);
        uint32_t holder = core < rates->core_count ? rates->cores[core].process : 0;

        if (core < rates->core_count &&
            (holder == neuron_no_process || process->parent == holder)) {
            rates->cores[core].process = position;
        }
    }
}

/* Notes who holds each core: those further in come later in the list, and of those at one depth the
   first one counts. */
static void
note_holders(const struct neuron_node_sample *after, struct neuron_node_rates *rates)
{
    for (uint32_t i = 0; i < after->process_count; i += 1) {
        note_holder(after, i, rates);
    }
}

/* Says whether what a process does can be seen. */
static bool
is_readable(const struct neuron_node_process *process)
{
    /* Who only keeps cores for others has no counters. */
    return process->pid != 0 && (process->kind == NEURON_CORE_LEASE_RESERVATION ||
                                 process->runtime_count > 0 || process->trouble[0] == '\0');
}

uint32_t
neuron_node_unreadable_count(const struct neuron_node_sample *sample)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        count += is_readable(&sample->processes[i]) ? 0 : 1;
    }
    return count;
}

/* Notes that what happens on cores is not known. */
static void
note_unknown_cores(const struct neuron_core_set *cores, struct neuron_node_rates *rates)
{
    for (uint32_t i = 0; i < neuron_core_set_count(cores); i += 1) {
        uint32_t core = neuron_core_set_at(cores, i);

        if (core < rates->core_count) {
            rates->cores[core].is_known = false;
        }
    }
}

/* Notes which of the rates are known: none of cores that a process holds which cannot be read, or
   of those around one without cores of its own. */
static void
note_unknown(const struct neuron_node_sample *after, struct neuron_node_rates *rates)
{
    rates->unknown_count = neuron_node_unreadable_count(after);
    for (uint32_t i = 0; i < rates->core_count; i += 1) {
        rates->cores[i].is_known = true;
    }
    for (uint32_t i = 0; i < after->process_count; i += 1) {
        const struct neuron_node_process *process = &after->processes[i];
        bool has_cores = neuron_core_set_count(process->cores) > 0;

        if (!is_readable(process) && (has_cores || process->parent != neuron_no_process)) {
            note_unknown_cores(has_cores ? process->cores : after->processes[process->parent].cores,
                               rates);
        }
    }
}

static enum neuron_status
make_room(struct neuron_node_rates *rates, uint32_t core_count, uint32_t process_count,
          struct neuron_error *error)
{
    neuron_node_rates_clear(rates);
    rates->cores = calloc(core_count, sizeof(*rates->cores));
    rates->processes = calloc((size_t)process_count + 1, sizeof(*rates->processes));
    if (rates->cores == NULL || rates->processes == NULL) {
        neuron_node_rates_clear(rates);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the rates of cores");
    }
    rates->core_count = core_count;
    rates->process_count = process_count;
    for (uint32_t i = 0; i < core_count; i += 1) {
        rates->cores[i].process = neuron_no_process;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_node_rates_find(const struct neuron_topology *topology,
                       const struct neuron_node_sample *before,
                       const struct neuron_node_sample *after, struct neuron_node_rates *rates,
                       struct neuron_error *error)
{
    enum neuron_status status =
        make_room(rates, neuron_topology_core_count(topology), after->process_count, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct sums all = {.rate = &rates->all};
    rates->seconds = seconds_between(before->time_ns, after->time_ns);
    for (uint32_t i = 0; i < after->process_count; i += 1) {
        struct neuron_process_rate *rate = &rates->processes[i];

        add_process(before, &after->processes[i], rate, &all, rates);
        find_processor_time(before, after, i, rates);
        rates->all.user_cpus += rate->user_cpus;
        rates->all.system_cpus += rate->system_cpus;
    }
    finish_rate(&all);
    note_holders(after, rates);
    note_unknown(after, rates);
    return NEURON_OK;
}

double
neuron_node_core_busy(const struct neuron_node_sample *before,
                      const struct neuron_node_process *process, uint32_t runtime, uint32_t nc)
{
    const struct neuron_counter_sample *after = &process->runtimes[runtime];
    const struct neuron_counter_sample *same = find_runtime(find_process(before, process), after);

    return find_busy(same, after, nc, find_seconds(same, after, before->time_ns));
}

void
neuron_node_rates_clear(struct neuron_node_rates *rates)
{
    free(rates->cores);
    free(rates->processes);
    *rates = (struct neuron_node_rates){0};
}
