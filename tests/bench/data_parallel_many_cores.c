/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How dispatch scales: on invented machines of up to 1,024 cores a program that sleeps for 5 ms
 * instead of computing, with 1, 4 and 20 chunks a core. Printed are the time that the calling
 * thread itself computes for each chunk; the time of the call over that of cores which do nothing
 * but sleep (makespan); and the same over the time that the runs really took, of which Linux
 * decides when they wake (over_runs). All threads share the cores of the real machine, so that the
 * figures say of many cores how fast these few wake threads.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "neuron/clock.h"
#include "neuron/runtime.h"

#include "bare_handover.h"
#include "bench_program.h"
#include "measure.h"

enum { RUN_MS = 5, CALLS = 15, LEAST_SLACK_NS = 1, TARGET_CORES = 64, BARE_CORES = 256 };

static _Atomic uint64_t slept_ns; /* by all runs together */

struct subject {
    uint32_t core_count;
    struct bench_program bench;
    struct bare_handover *bare; /* NULL for none */
};

/* Of one call. */
struct figures {
    double caller_us; /* a chunk */
    double makespan;
    double over_runs;
    double over_bare;
};

/* Lets the executor's thread be woken when its time is over; Linux may add 50 us otherwise. */
static enum neuron_status
create_sleeper(const char *config, const struct neuron_custom_place *place, void **instance,
               struct neuron_error *error)
{
    (void)config;
    (void)place;
    (void)instance;
    (void)error;
    (void)prctl(PR_SET_TIMERSLACK, LEAST_SLACK_NS);
    return NEURON_OK;
}

static void
sleep_bare(void *unused)
{
    (void)unused;
    (void)prctl(PR_SET_TIMERSLACK, LEAST_SLACK_NS);
    pause_ms(RUN_MS);
}

static enum neuron_status
sleep_instead(void *instance, const struct neuron_tensor_view *inputs,
              const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    uint64_t begin_ns = neuron_clock_ns();

    (void)instance;
    (void)inputs;
    (void)outputs;
    (void)error;
    pause_ms(RUN_MS);
    atomic_fetch_add(&slept_ns, neuron_clock_ns() - begin_ns);
    return NEURON_OK;
}

/* What the calling thread has computed. */
static double
read_own_cpu_us(void)
{
    struct timespec used = {0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

/* The time of a bare hand-over of so many chunks. Returns a negative number after a failure. */
static double
time_bare(struct subject *subject, int64_t chunks)
{
    double begin_us = read_clock_us();

    return bare_handover_run(subject->bare, subject->bench.numbers, (uint32_t)chunks,
                             sizeof(*subject->bench.numbers))
               ? read_clock_us() - begin_us
               : -1;
}

static enum neuron_status
measure_call(struct subject *subject, uint32_t per_core, struct figures *figures,
             struct neuron_error *error)
{
    int64_t chunks = (int64_t)subject->core_count * per_core;
    double bare_us = subject->bare == NULL ? 1 : time_bare(subject, chunks);

    if (bare_us < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the bare hand-over failed");
    }
    atomic_store(&slept_ns, 0);
    double own_begin_us = read_own_cpu_us();
    double begin_us = read_clock_us();
    enum neuron_status status = bench_program_run(&subject->bench, chunks, error);
    double took_us = read_clock_us() - begin_us;

    *figures = (struct figures){
        .caller_us = (read_own_cpu_us() - own_begin_us) / (double)chunks,
        .makespan = took_us / (per_core * RUN_MS * 1e3),
        .over_runs = took_us / ((double)atomic_load(&slept_ns) / 1e3 / subject->core_count),
        .over_bare = took_us / bare_us,
    };
    return status;
}

static enum neuron_status
measure_calls(struct subject *subject, uint32_t per_core, struct neuron_error *error)
{
    uint32_t cores = subject->core_count;
    double caller_us[CALLS];
    double makespan[CALLS];
    double over_runs[CALLS];
    double over_bare[CALLS];

    for (int i = -1; i < CALLS; i += 1) { /* the first one warms up */
        int place = i < 0 ? 0 : i;
        struct figures figures = {0};
        enum neuron_status status = measure_call(subject, per_core, &figures, error);

        if (status != NEURON_OK) {
            return status;
        }
        caller_us[place] = figures.caller_us;
        makespan[place] = figures.makespan;
        over_runs[place] = figures.over_runs;
        over_bare[place] = figures.over_bare;
    }
    printf("data_parallel_cores%u_chunks%u_caller %.3f us <=2\n", cores, per_core,
           median(caller_us, CALLS));
    printf("data_parallel_cores%u_chunks%u_makespan %.4f ratio %s\n", cores, per_core,
           median(makespan, CALLS), cores == TARGET_CORES ? "<=1.03" : "-");
    printf("data_parallel_cores%u_chunks%u_over_runs %.4f ratio -\n", cores, per_core,
           median(over_runs, CALLS));
    if (subject->bare != NULL) {
        printf("data_parallel_cores%u_chunks%u_over_bare %.4f ratio -\n", cores, per_core,
               median(over_bare, CALLS));
    }
    return NEURON_OK;
}

/* Starts the threads to compare with, where there are descriptors for their sockets. */
static enum neuron_status
start_bare(struct subject *subject, struct neuron_error *error)
{
    const struct bare_handover_options options = {
        .thread_count = subject->core_count, .polls = true, .work = sleep_bare};

    if (subject->core_count > BARE_CORES) {
        return NEURON_OK;
    }
    subject->bare = bare_handover_start(&options);
    return subject->bare != NULL
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_SYSTEM, "there is nothing to compare with");
}

static enum neuron_status
measure_machine(uint32_t core_count, const char *folder, struct neuron_error *error)
{
    static const uint32_t per_core[] = {1, 4, 20};
    enum { MOST_PER_CORE = 20 };
    const struct neuron_runtime_options options = {.core_count = core_count,
                                                   .lease.directory = folder};
    struct neuron_runtime *runtime = NULL;
    struct subject subject = {.core_count = core_count};
    char machine[32] = "";

    (void)snprintf(machine, sizeof(machine), "pack:1 core:%u pu:1", core_count);
    (void)setenv("HWLOC_SYNTHETIC", machine, 1); /* NOLINT(concurrency-mt-unsafe): one thread */
    enum neuron_status status = neuron_runtime_create(&options, &runtime, error);
    if (status == NEURON_OK) {
        status = bench_program_create(runtime, create_sleeper, sleep_instead,
                                      (int64_t)core_count * MOST_PER_CORE, &subject.bench, error);
    }
    if (status == NEURON_OK) {
        status = start_bare(&subject, error);
    }
    for (size_t i = 0; i < sizeof(per_core) / sizeof(per_core[0]) && status == NEURON_OK; i += 1) {
        status = measure_calls(&subject, per_core[i], error);
    }
    bare_handover_stop(subject.bare);
    bench_program_destroy(&subject.bench);
    neuron_runtime_destroy(runtime);
    return status;
}

int
main(void)
{
    const char *folder = getenv("NEURON_BENCH_FOLDER"); /* NOLINT(concurrency-mt-unsafe) */
    static const uint32_t machines[] = {TARGET_CORES, 256, 1024};
    struct neuron_error error = {0};
    enum neuron_status status = NEURON_OK;

    if (folder == NULL) {
        (void)fprintf(stderr, "data_parallel_many_cores: set NEURON_BENCH_FOLDER to an empty "
                              "folder, for the leases of invented machines\n");
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]) && status == NEURON_OK; i += 1) {
        status = measure_machine(machines[i], folder, &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "data_parallel_many_cores: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
