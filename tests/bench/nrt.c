/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of nrt_execute() costs: a model that copies 4 KB, run from 1 and from 8 threads on
 * one core, beside the barest thing that ZeroMQ can do between threads of a process: a blocking
 * inproc round trip of 8 bytes to a thread on the same core that sends back what it gets (PAIR for
 * one caller, DEALER to one ROUTER for eight). Both take turns, block by block; a figure is the
 * median over blocks, in microseconds of wall time for each call. Needs a free core; run it on an
 * idle machine.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "neuron/topology.h"
#include "nrt/nrt.h"

#include "bench_model.h"
#include "bench_nrt.h"
#include "measure.h"

enum { BLOCKS = 21, THREADS = 8, CALLS = 2000 /* of a block, by all threads together */ };

/* One calling thread. */
struct caller {
    pthread_t thread;
    pthread_barrier_t *start;
    uint32_t calls;
    bool failed;
    nrt_model_t *model;
    struct bench_tensors tensors;
    void *context; /* of ZeroMQ */
    int socket_type;
};

/* The thread that sends back what it gets. */
struct echo {
    pthread_t thread;
    void *context;
    void *socket;
};

static enum neuron_status
copy_input(struct neuron_trace *trace, const struct neuron_value *inputs,
           struct neuron_value *outputs, void *unused)
{
    (void)unused;
    outputs[0] = inputs[0];
    return neuron_trace_status(trace);
}

/* Keeps the calling thread on the first core of the machine, where the runtime is as well. */
static bool
bind_to_first_core(void)
{
    struct neuron_topology *topology = NULL;
    struct neuron_core_set *core = NULL;
    bool is_bound = neuron_topology_create(&topology, NULL) == NEURON_OK &&
                    neuron_core_set_create(0, 1, &core, NULL) == NEURON_OK &&
                    neuron_topology_bind_thread(topology, core, NULL) == NEURON_OK;

    neuron_core_set_destroy(core);
    neuron_topology_destroy(topology);
    return is_bound;
}

/* Sends all parts of a message back. Returns false at the end of the context. */
static bool
echo_message(void *socket)
{
    int more = 1;

    while (more != 0) {
        char part[64];
        size_t size = sizeof(more);
        int received = zmq_recv(socket, part, sizeof(part), 0);

        if (received < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0 ||
            zmq_send(socket, part, (size_t)received, more != 0 ? ZMQ_SNDMORE : 0) < 0) {
            return false;
        }
    }
    return true;
}

static void *
run_echo(void *argument)
{
    struct echo *echo = argument;

    if (!bind_to_first_core()) {
        (void)fprintf(stderr, "nrt: the echo runs unbound\n");
    }
    while (echo_message(echo->socket)) {
    }
    (void)zmq_close(echo->socket);
    return NULL;
}

static void *
call_zmq(void *argument)
{
    struct caller *caller = argument;
    void *socket = zmq_socket(caller->context, caller->socket_type);
    uint64_t number = 0;

    caller->failed = socket == NULL || zmq_connect(socket, "inproc://echo") != 0;
    (void)pthread_barrier_wait(caller->start);
    for (uint32_t i = 0; i < caller->calls && !caller->failed; i += 1) {
        caller->failed = zmq_send(socket, &number, sizeof(number), 0) != sizeof(number) ||
                         zmq_recv(socket, &number, sizeof(number), 0) != sizeof(number);
    }
    (void)zmq_close(socket);
    return NULL;
}

static void *
call_nrt(void *argument)
{
    struct caller *caller = argument;

    (void)pthread_barrier_wait(caller->start);
    for (uint32_t i = 0; i < caller->calls && !caller->failed; i += 1) {
        caller->failed = nrt_execute(caller->model, caller->tensors.inputs,
                                     caller->tensors.outputs) != NRT_SUCCESS;
    }
    return NULL;
}

/* Lets so many threads call at once; returns the wall time of a call, or -1 after a failure. */
static double
time_calls(void *(*call)(void *), struct caller *callers, uint32_t thread_count)
{
    pthread_barrier_t start;
    bool failed = false;

    (void)pthread_barrier_init(&start, NULL, thread_count + 1);
    for (uint32_t i = 0; i < thread_count; i += 1) {
        callers[i].start = &start;
        callers[i].calls = CALLS / thread_count;
        if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0) {
            (void)fprintf(stderr, "nrt: cannot start a thread\n");
            exit(EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe): nothing is at stake */
        }
    }
    (void)pthread_barrier_wait(&start);
    double begin_us = read_clock_us();
    for (uint32_t i = 0; i < thread_count; i += 1) {
        (void)pthread_join(callers[i].thread, NULL);
        failed = failed || callers[i].failed;
    }
    double time_us = read_clock_us() - begin_us;
    (void)pthread_barrier_destroy(&start);
    return failed ? -1 : time_us / CALLS;
}

/* One block of bare round trips, with a context of its own. */
static double
time_zmq(uint32_t thread_count)
{
    struct caller callers[THREADS] = {0};
    struct echo echo = {.context = zmq_ctx_new()};
    double time_us = -1;

    for (uint32_t i = 0; i < thread_count; i += 1) {
        callers[i].context = echo.context;
        callers[i].socket_type = thread_count == 1 ? ZMQ_PAIR : ZMQ_DEALER;
    }
    echo.socket = zmq_socket(echo.context, thread_count == 1 ? ZMQ_PAIR : ZMQ_ROUTER);
    if (echo.socket != NULL && zmq_bind(echo.socket, "inproc://echo") == 0 &&
        pthread_create(&echo.thread, NULL, run_echo, &echo) == 0) {
        time_us = time_calls(call_zmq, callers, thread_count);
        (void)zmq_ctx_shutdown(echo.context);
        (void)pthread_join(echo.thread, NULL);
    }
    (void)zmq_ctx_term(echo.context);
    return time_us;
}

static bool
measure(struct caller *callers, uint32_t thread_count)
{
    double ours[BLOCKS];
    double bare[BLOCKS];
    double ratios[BLOCKS];

    for (int i = -1; i < BLOCKS; i += 1) {
        double ours_us = time_calls(call_nrt, callers, thread_count);
        double bare_us = time_zmq(thread_count);

        if (ours_us < 0 || bare_us < 0) {
            (void)fprintf(stderr, "nrt: a call failed\n");
            return false;
        }
        if (i >= 0) { /* the first block warms up */
            ours[i] = ours_us;
            bare[i] = bare_us;
            ratios[i] = ours_us / bare_us;
        }
    }
    printf("nrt_execute_threads%u %.2f us -\n", thread_count, median(ours, BLOCKS));
    printf("nrt_zmq_round_trip_threads%u %.2f us -\n", thread_count, median(bare, BLOCKS));
    printf("nrt_execute_over_zmq_threads%u %.3f ratio <=1.5\n", thread_count,
           median(ratios, BLOCKS));
    return true;
}

int
main(void)
{
    const struct neuron_tensor_view row = {.type = NEURON_FLOAT32, .rank = 2, .shape = {1, 1024}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &row, .input_count = 1, .output_count = 1};
    struct caller callers[THREADS] = {0};
    nrt_model_t *model = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
    bool is_done = setenv("NEURON_RT_VISIBLE_CORES", "0", 1) == 0 &&
                   bench_nrt_open(copy_input, &signature, NULL, 1, &model);

    for (uint32_t i = 0; i < THREADS && is_done; i += 1) {
        callers[i].model = model;
        is_done = bench_tensors_create(model, &callers[i].tensors);
    }
    is_done = is_done && measure(callers, 1) && measure(callers, THREADS);
    nrt_close();
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
