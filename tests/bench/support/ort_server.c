/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves the model of a conformance case in ONNX Runtime (order_loop.h):
 *
 *   ort_server CASE LIBRARY SCRATCH STREAMS
 *
 * LIBRARY is libonnxruntime.so.1. A stream is a thread pinned to a core of its own; all of them
 * call one session, whose runs have no further threads.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "case_file.h"
#include "order_loop.h"
#include "ort_session.h"

enum { STREAM_LIMIT = 16 };

struct server;

struct stream {
    struct server *server;
    struct ort_value *outputs[CASE_TENSOR_LIMIT]; /* allocated by the first run */
    size_t cpu;
    enum neuron_status status;
    struct neuron_error error;
};

struct server {
    struct case_file file;
    struct ort_library ort;
    const char *input_names[CASE_TENSOR_LIMIT];
    struct ort_value *inputs[CASE_TENSOR_LIMIT];
    char *output_names[CASE_TENSOR_LIMIT]; /* the library's memory, until the process ends */
    size_t output_count;
    struct stream streams[STREAM_LIMIT];
    atomic_int_fast64_t runs_left; /* of an order, not begun yet */
};

static enum neuron_status
run_once(struct stream *stream, struct neuron_error *error)
{
    struct server *server = stream->server;

    return ort_check(&server->ort,
                     server->ort.functions->run(server->ort.session, NULL, server->input_names,
                                                (const struct ort_value *const *)server->inputs,
                                                server->file.input_count,
                                                (const char *const *)server->output_names,
                                                server->output_count, stream->outputs),
                     error);
}

static void *
run_stream(void *argument)
{
    struct stream *stream = argument;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(stream->cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
    while (stream->status == NEURON_OK && atomic_fetch_sub(&stream->server->runs_left, 1) > 0) {
        stream->status = run_once(stream, &stream->error);
    }
    return NULL;
}

static enum neuron_status
run_streams(void *engine, uint32_t stream_count, uint64_t run_count, struct neuron_error *error)
{
    struct server *server = engine;
    pthread_t threads[STREAM_LIMIT];
    uint32_t started = 0;
    enum neuron_status status = NEURON_OK;

    atomic_store(&server->runs_left, (int_fast64_t)run_count);
    while (started < stream_count &&
           pthread_create(&threads[started], NULL, run_stream, &server->streams[started]) == 0) {
        started += 1;
    }
    for (uint32_t i = 0; i < started; i += 1) {
        (void)pthread_join(threads[i], NULL);
        if (server->streams[i].status != NEURON_OK && status == NEURON_OK) {
            status = server->streams[i].status;
            *error = server->streams[i].error;
        }
    }
    if (started < stream_count) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot start a thread");
    }
    return status;
}

static enum neuron_status
view_output(void *engine, uint32_t index, struct neuron_tensor_view *view,
            struct neuron_error *error)
{
    struct server *server = engine;
    const struct ort_functions *functions = server->ort.functions;
    struct ort_value *value = server->streams[0].outputs[index];
    struct ort_tensor_shape *shape = NULL;
    int type = 0;
    size_t count = 0;

    enum neuron_status status =
        ort_check(&server->ort, functions->get_tensor_shape(value, &shape), error);
    if (status == NEURON_OK) {
        status = ort_check(&server->ort, functions->get_tensor_type(shape, &type), error);
    }
    if (status == NEURON_OK) {
        status = ort_check(&server->ort, functions->get_element_count(shape, &count), error);
    }
    if (status == NEURON_OK) {
        status = ort_check(&server->ort, functions->get_tensor_bytes(value, &view->data), error);
    }
    if (shape != NULL) {
        functions->release_tensor_shape(shape);
    }
    /* ONNX's numbers of these types. */
    view->type = type == 1 ? NEURON_FLOAT32 : type == 7 ? NEURON_INT64 : NEURON_NO_TYPE;
    view->rank = 1;
    view->shape[0] = (int64_t)count;
    if (status == NEURON_OK && view->type == NEURON_NO_TYPE) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "output %u is of type %d", index, type);
    }
    return status;
}

static enum neuron_status
open_inputs(struct server *server, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < server->file.input_count; i += 1) {
        const struct case_tensor *tensor = &server->file.inputs[i];
        const struct neuron_tensor_shape *shape = &tensor->spec.shape;

        server->input_names[i] = tensor->spec.name;
        status = ort_check(&server->ort,
                           server->ort.functions->create_tensor(
                               server->ort.memory, tensor->bytes,
                               neuron_tensor_shape_size_bytes(shape), shape->dims, shape->rank,
                               shape->type == NEURON_INT64 ? 7 : 1, &server->inputs[i]),
                           error);
    }
    return status;
}

static enum neuron_status
open_outputs(struct server *server, struct neuron_error *error)
{
    const struct ort_functions *functions = server->ort.functions;
    struct ort_allocator *allocator = NULL;
    enum neuron_status status =
        ort_check(&server->ort,
                  functions->get_output_count(server->ort.session, &server->output_count), error);

    if (status == NEURON_OK && server->output_count > CASE_TENSOR_LIMIT) {
        server->output_count = 0;
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "too many outputs");
    }
    if (status == NEURON_OK) {
        status = ort_check(&server->ort, functions->get_default_allocator(&allocator), error);
    }
    for (size_t i = 0; status == NEURON_OK && i < server->output_count; i += 1) {
        status = ort_check(
            &server->ort,
            functions->get_output_name(server->ort.session, i, allocator, &server->output_names[i]),
            error);
    }
    return status;
}

/* Gives each stream one of the CPUs that the process may use. */
static enum neuron_status
place_streams(struct server *server, uint32_t stream_count, struct neuron_error *error)
{
    cpu_set_t allowed;
    uint32_t placed = 0;

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof(allowed), &allowed);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && placed < stream_count; cpu += 1) {
        if (CPU_ISSET(cpu, &allowed)) {
            server->streams[placed] = (struct stream){.server = server, .cpu = cpu};
            placed += 1;
        }
    }
    return placed == stream_count ? NEURON_OK
                                  : NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                                                "%u CPUs for %u streams", placed, stream_count);
}

static enum neuron_status
open_server(char *const *arguments, uint32_t stream_count, struct server *server,
            struct neuron_error *error)
{
    enum neuron_status status = case_file_read(arguments[1], &server->file, error);

    if (status == NEURON_OK) {
        status = ort_open(arguments[2], server->file.model_path, &server->ort, error);
    }
    if (status == NEURON_OK) {
        status = open_inputs(server, error);
    }
    if (status == NEURON_OK) {
        status = open_outputs(server, error);
    }
    return status == NEURON_OK ? place_streams(server, stream_count, error) : status;
}

int
main(int argc, char **argv)
{
    struct server server = {0};
    struct neuron_error error = {0};
    const unsigned long stream_count = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;

    if (stream_count == 0 || stream_count > STREAM_LIMIT) {
        (void)fprintf(stderr, "usage: ort_server CASE LIBRARY SCRATCH STREAMS\n");
        return EXIT_FAILURE;
    }
    enum neuron_status status = open_server(argv, (uint32_t)stream_count, &server, &error);
    if (status == NEURON_OK) {
        const struct served_model model = {
            .engine = &server,
            .output_count = (uint32_t)server.output_count,
            .run = run_streams,
            .output = view_output,
        };

        status = serve_orders(&model, (uint32_t)stream_count, argv[3], &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "ort_server: %s\n", error.text);
    }
    /* The end of the process gives back all that the session holds. */
    case_file_close(&server.file);
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
