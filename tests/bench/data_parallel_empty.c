/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a batch costs that has one empty chunk for each of two cores, beside two pinned threads that
 * wait and are waited for by blocking alone (a ZeroMQ inproc pair each, and a futex), and beside an
 * OpenMP loop of two threads that spin. All take turns, block by block; a ratio is taken in a
 * block, and the median of them is printed. Before that: how much of a core an object uses that has
 * nothing to do. Needs two free cores; run it on an idle machine.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "neuron/executor.h"
#include "neuron/runtime.h"

#include "bare_handover.h"
#include "bench_program.h"
#include "measure.h"

enum { CORES = 2, BLOCKS = 31, BATCHES = 200, SETTLE_MS = 5, IDLE_MS = 3000 };

enum way { BLOCKING, OPENMP, OURS, WAYS };

struct subject {
    int cpus[CORES];
    struct bench_program ours;
    struct bare_handover *blocking;
};

static void
do_nothing(void *unused)
{
    (void)unused;
}

static enum neuron_status
run_nothing(void *instance, const struct neuron_tensor_view *inputs,
            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    (void)instance;
    (void)inputs;
    (void)outputs;
    (void)error;
    return NEURON_OK;
}

static enum neuron_status
run_blocking(struct subject *subject, struct neuron_error *error)
{
    int items[CORES] = {0};

    return bare_handover_run(subject->blocking, items, CORES, sizeof(items[0]))
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_SYSTEM, "the bare hand-over failed");
}

static void
run_openmp(void)
{
#pragma omp parallel for num_threads(CORES) schedule(static)
    for (int i = 0; i < CORES; i += 1) {
        do_nothing(NULL);
    }
}

static enum neuron_status
run_batch(struct subject *subject, enum way way, struct neuron_error *error)
{
    if (way == OURS) {
        return bench_program_run(&subject->ours, CORES, error);
    }
    if (way == BLOCKING) {
        return run_blocking(subject, error);
    }
    run_openmp();
    return NEURON_OK;
}

/*
 * Binds this thread to a CPU, and OpenMP's other one to another; left to Linux, both may be on one
 * for a whole run of the benchmark. `before` receives where this thread was allowed to be.
 */
static void
bind_openmp(const struct subject *subject, cpu_set_t *before)
{
    (void)sched_getaffinity(0, sizeof(*before), before);
#pragma omp parallel for num_threads(CORES) schedule(static)
    for (int i = 0; i < CORES; i += 1) {
        cpu_set_t own;

        CPU_ZERO(&own);
        CPU_SET((size_t)subject->cpus[i], &own);
        (void)sched_setaffinity(0, sizeof(own), &own);
    }
}

/* The time of a batch in one block. The first one is not counted: it wakes the threads. */
static enum neuron_status
measure_way(struct subject *subject, enum way way, double *batch_us, struct neuron_error *error)
{
    cpu_set_t before;

    if (way == OPENMP) {
        bind_openmp(subject, &before);
    }
    enum neuron_status status = run_batch(subject, way, error);
    double begin_us = read_clock_us();
    for (int i = 0; i < BATCHES && status == NEURON_OK; i += 1) {
        status = run_batch(subject, way, error);
    }
    *batch_us = (read_clock_us() - begin_us) / BATCHES;
    if (way == OPENMP) {
        (void)sched_setaffinity(0, sizeof(before), &before);
    }
    pause_ms(SETTLE_MS);
    return status;
}

/* Measures the ways in turn; another comes first in each block. */
static enum neuron_status
measure_block(struct subject *subject, int block, double times[WAYS][BLOCKS],
              struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (int i = 0; i < WAYS && status == NEURON_OK; i += 1) {
        enum way way = (enum way)((block + i) % (int)WAYS);

        status = measure_way(subject, way, &times[way][block], error);
    }
    return status;
}

static enum neuron_status
measure_blocks(struct subject *subject, struct neuron_error *error)
{
    double times[WAYS][BLOCKS];
    double over_blocking[BLOCKS];
    double over_openmp[BLOCKS];

    for (int i = 0; i < BLOCKS; i += 1) {
        enum neuron_status status = measure_block(subject, i, times, error);

        if (status != NEURON_OK) {
            return status;
        }
        over_blocking[i] = times[OURS][i] / times[BLOCKING][i];
        over_openmp[i] = times[OURS][i] / times[OPENMP][i];
    }
    printf("data_parallel_empty_batch %.2f us -\n", median(times[OURS], BLOCKS));
    printf("data_parallel_empty_blocking %.2f us -\n", median(times[BLOCKING], BLOCKS));
    printf("data_parallel_empty_openmp %.2f us -\n", median(times[OPENMP], BLOCKS));
    printf("data_parallel_empty_over_blocking %.3f ratio <=0.15\n", median(over_blocking, BLOCKS));
    printf("data_parallel_empty_over_openmp %.2f ratio <=5\n", median(over_openmp, BLOCKS));
    return NEURON_OK;
}

static double
read_cpu_us(void)
{
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* How much of one core the process uses after a batch, when its threads have stopped to poll. */
static enum neuron_status
measure_idle(struct subject *subject, struct neuron_error *error)
{
    enum neuron_status status = run_batch(subject, OURS, error);

    pause_ms(SETTLE_MS);
    double begin_us = read_cpu_us();
    pause_ms(IDLE_MS);
    printf("data_parallel_idle_cpu %.5f ratio <=0.0005\n",
           (read_cpu_us() - begin_us) / (IDLE_MS * 1e3));
    return status;
}

static enum neuron_status
measure(struct neuron_runtime *runtime, struct subject *subject, struct neuron_error *error)
{
    const struct bare_handover_options options = {
        .cpus = subject->cpus, .thread_count = CORES, .work = do_nothing};
    enum neuron_status status =
        bench_program_create(runtime, NULL, run_nothing, CORES, &subject->ours, error);

    if (status == NEURON_OK) {
        status = measure_idle(subject, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < CORES; i += 1) {
        subject->cpus[i] = neuron_executor_cpu(neuron_runtime_executor(runtime, i));
    }
    subject->blocking = bare_handover_start(&options);
    if (subject->blocking == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "there is nothing to compare with");
    }
    return measure_blocks(subject, error);
}

/*
 * Starts the program anew with OpenMP's threads spinning, which its library decides as it is
 * loaded. They spin for a millisecond or two and then sleep, to be out of the way of the others.
 */
static void
let_openmp_spin(char **arguments)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): there is one thread. */
    if (getenv("GOMP_SPINCOUNT") == NULL && setenv("OMP_WAIT_POLICY", "active", 1) == 0 &&
        setenv("GOMP_SPINCOUNT", "100000", 1) == 0) {
        (void)execv("/proc/self/exe", arguments);
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
}

int
main(int argument_count, char **arguments)
{
    const struct neuron_runtime_options options = {.core_count = CORES};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    struct subject subject = {0};

    (void)argument_count;
    let_openmp_spin(arguments);
    enum neuron_status status = neuron_runtime_create(&options, &runtime, &error);
    if (status == NEURON_OK) {
        status = measure(runtime, &subject, &error);
    }
    bare_handover_stop(subject.blocking);
    bench_program_destroy(&subject.ours);
    neuron_runtime_destroy(runtime);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "data_parallel_empty: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
