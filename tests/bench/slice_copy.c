/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slices of a tensor, packed and unpacked by two threads on two cores at a time, each its half of
 * the inner dimension, beside two threads that copy as many bytes by memcpy(). In memory that no
 * cache holds. Prints how many times as fast the slices are: the median of pairs of passes.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/tensor.h"

#include "dense_slice.h"
#include "measure.h"
#include "slice_copy.h"

enum {
    SKIPPED = 77,
    THREADS = 2,
    PASSES = 15,
    PAGE_BYTES = 4096,
    UNALIGNED_BYTES = 16,           /* as malloc() aligns large blocks */
    SLICE_BYTES = 64 * 1024 * 1024, /* of each thread */
    TENSOR_BYTES = 2 * SLICE_BYTES
};

enum task { COPY_IN, COPY_OUT, PACK, UNPACK };

/* What both threads do next. The first of them is the main one. */
struct round {
    pthread_barrier_t gate;
    unsigned char *tensor;
    unsigned char *dense[THREADS];
    size_t run_bytes; /* 0 ends the second thread */
    enum task task;
};

struct thread {
    struct round *round;
    int core;
    int64_t index;
};

static bool
pin_thread(int core)
{
    cpu_set_t cores;

    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    return sched_setaffinity(0, sizeof(cores), &cores) == 0;
}

/* The first two cores that this process may use. */
static bool
find_cores(int found[THREADS])
{
    cpu_set_t cores;
    int count = 0;

    if (sched_getaffinity(0, sizeof(cores), &cores) != 0) {
        return false;
    }
    for (int core = 0; core < CPU_SETSIZE && count < THREADS; core += 1) {
        if (CPU_ISSET((size_t)core, &cores)) {
            found[count] = core;
            count += 1;
        }
    }
    return count == THREADS;
}

static void
do_task(const struct round *round, int64_t index)
{
    int64_t run = (int64_t)round->run_bytes;
    int64_t run_count = SLICE_BYTES / run;
    const struct neuron_tensor_shape shape = {
        .type = NEURON_UINT8, .rank = 2, .dims = {run_count, THREADS * run}};
    const struct neuron_row_range range = {.first = index * run, .count = run};
    const struct neuron_slice slice = dense_slice_of(&shape, 1, range);
    size_t size_bytes = neuron_slice_size_bytes(&slice);
    unsigned char *half = round->tensor + (size_t)index * size_bytes;
    unsigned char *dense = round->dense[index];

    switch (round->task) {
    case COPY_IN:
        memcpy(dense, half, size_bytes);
        break;
    case COPY_OUT:
        memcpy(half, dense, size_bytes);
        break;
    case PACK:
        neuron_slice_pack(&slice, round->tensor, dense);
        break;
    case UNPACK:
        neuron_slice_unpack(&slice, dense, round->tensor);
        break;
    }
}

static void *
run_second(void *argument)
{
    const struct thread *thread = argument;

    if (!pin_thread(thread->core)) {
        (void)fprintf(stderr, "slice_copy: cannot pin a thread to core %d\n", thread->core);
    }
    for (;;) {
        pthread_barrier_wait(&thread->round->gate);
        if (thread->round->run_bytes == 0) {
            return NULL;
        }
        do_task(thread->round, thread->index);
        pthread_barrier_wait(&thread->round->gate);
    }
}

/* The time until both threads are done. */
static double
time_us(struct round *round, enum task task)
{
    round->task = task;
    const double begin = read_clock_us();

    pthread_barrier_wait(&round->gate);
    do_task(round, 0);
    pthread_barrier_wait(&round->gate);
    return read_clock_us() - begin;
}

static void
measure(struct round *round, const char *name, size_t run_bytes, const char *target)
{
    double packs[PASSES];
    double unpacks[PASSES];

    round->run_bytes = run_bytes;
    for (int i = 0; i < PASSES; i += 1) {
        packs[i] = time_us(round, COPY_IN) / time_us(round, PACK);
        unpacks[i] = time_us(round, COPY_OUT) / time_us(round, UNPACK);
    }
    printf("slice_pack_%s%zu_over_memcpy %.2f ratio %s\n", name, run_bytes, median(packs, PASSES),
           target);
    printf("slice_unpack_%s%zu_over_memcpy %.2f ratio %s\n", name, run_bytes,
           median(unpacks, PASSES), target);
}

static void
measure_all(struct round *round)
{
    static const size_t judged[] = {64, 96, 128, 256, 1000, 1024, 4096, 65536};
    static const size_t small[] = {1, 2, 4, 8, 12, 16, 32};
    static const size_t unaligned[] = {64, 128, 256, 1024};

    for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i += 1) {
        measure(round, "run", judged[i], ">=0.8");
    }
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i += 1) {
        measure(round, "run", small[i], "-");
    }
    round->tensor += UNALIGNED_BYTES;
    for (size_t i = 0; i < sizeof(unaligned) / sizeof(unaligned[0]); i += 1) {
        measure(round, "unaligned_run", unaligned[i], "-");
    }
    round->tensor -= UNALIGNED_BYTES;
}

static bool
make_memory(struct round *round)
{
    round->tensor = aligned_alloc(PAGE_BYTES, TENSOR_BYTES + PAGE_BYTES);
    if (round->tensor == NULL) {
        return false;
    }
    memset(round->tensor, 1, TENSOR_BYTES + PAGE_BYTES);
    for (int i = 0; i < THREADS; i += 1) {
        round->dense[i] = aligned_alloc(PAGE_BYTES, SLICE_BYTES);
        if (round->dense[i] == NULL) {
            return false;
        }
        memset(round->dense[i], 2, SLICE_BYTES);
    }
    return true;
}

int
main(void)
{
    static struct round round;
    struct thread second = {.round = &round, .index = 1};
    int cores[THREADS] = {0};
    pthread_t thread;
    int status = EXIT_FAILURE;

    if (!find_cores(cores) || !pin_thread(cores[0])) {
        (void)fprintf(stderr, "slice_copy: needs two cores\n");
        return SKIPPED;
    }
    second.core = cores[1];
    (void)pthread_barrier_init(&round.gate, NULL, THREADS);
    if (!make_memory(&round) || pthread_create(&thread, NULL, run_second, &second) != 0) {
        (void)fprintf(stderr, "slice_copy: no memory, or no thread\n");
        goto done;
    }
    measure_all(&round);
    round.run_bytes = 0;
    pthread_barrier_wait(&round.gate);
    (void)pthread_join(thread, NULL);
    status = EXIT_SUCCESS;

done:
    for (int i = 0; i < THREADS; i += 1) {
        free(round.dense[i]);
    }
    free(round.tensor);
    (void)pthread_barrier_destroy(&round.gate);
    return status;
}
