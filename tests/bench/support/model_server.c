/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves a compiled model on the inputs of a conformance case (order_loop.h):
 *
 *   model_server CASE NEFF SCRATCH STREAMS
 *
 * A stream is a replica on a core of its own. Each run is a request of its own, which goes through
 * the inbox of the core's executor.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/executor.h"
#include "neuron/module.h"
#include "neuron/runtime.h"

#include "case_file.h"
#include "order_loop.h"

enum { STREAM_LIMIT = 16 };

struct server;

/* A replica, and what it runs on. */
struct stream {
    struct server *server;
    struct neuron_executor *executor;
    struct neuron_request request; /* submitted again by the run that it asked for */
    void *outputs[CASE_TENSOR_LIMIT];
    uint32_t replica;
    struct neuron_error error; /* of the first run that failed */
};

struct server {
    struct case_file file;
    struct neuron_model *model;
    struct neuron_runtime *runtime;
    struct neuron_module *module;
    struct neuron_completion *completion;
    void *inputs[CASE_TENSOR_LIMIT];
    struct stream streams[STREAM_LIMIT];
    uint32_t stream_count;
    atomic_int_fast64_t runs_left; /* of an order, not begun yet */
};

/* Does one run of the order, and asks for the next. */
static void
run_stream(void *argument)
{
    struct stream *stream = argument;
    struct server *server = stream->server;
    enum neuron_status status = NEURON_STOPPED;

    if (atomic_fetch_sub(&server->runs_left, 1) > 0) {
        status = neuron_module_run_replica(server->module, stream->replica, server->inputs,
                                           stream->outputs, &stream->error);
        if (status == NEURON_OK) {
            status = neuron_executor_submit(stream->executor, &stream->request, &stream->error);
        }
    }
    if (status != NEURON_OK) {
        neuron_completion_count_down(server->completion);
    }
}

static enum neuron_status
run_streams(void *engine, uint32_t stream_count, uint64_t run_count, struct neuron_error *error)
{
    struct server *server = engine;
    enum neuron_status status = NEURON_OK;

    atomic_store(&server->runs_left, (int_fast64_t)run_count);
    neuron_completion_arm(server->completion, stream_count);
    for (uint32_t i = 0; i < stream_count; i += 1) {
        struct stream *stream = &server->streams[i];

        if (neuron_executor_submit(stream->executor, &stream->request, &stream->error) !=
            NEURON_OK) {
            neuron_completion_count_down(server->completion);
        }
    }
    neuron_completion_wait(server->completion);
    for (uint32_t i = 0; status == NEURON_OK && i < stream_count; i += 1) {
        status = server->streams[i].error.status;
        if (status != NEURON_OK && error != NULL) {
            *error = server->streams[i].error;
        }
    }
    return status;
}

static enum neuron_status
view_output(void *engine, uint32_t index, struct neuron_tensor_view *view,
            struct neuron_error *error)
{
    struct server *server = engine;

    (void)error;
    *view = neuron_tensor_view_of(&neuron_model_output(server->model, index)->shape,
                                  server->streams[0].outputs[index]);
    return NEURON_OK;
}

/* Gives a stream its replica, and memory for its outputs. */
static enum neuron_status
open_stream(struct server *server, uint32_t replica, struct neuron_error *error)
{
    struct stream *stream = &server->streams[replica];

    *stream = (struct stream){
        .server = server,
        .replica = replica,
        .executor = neuron_module_replica_executor(server->module, replica),
        .request = {.work = run_stream, .argument = stream},
    };
    server->stream_count += 1;
    for (uint32_t i = 0; i < neuron_model_output_count(server->model); i += 1) {
        const struct neuron_tensor_shape *shape = &neuron_model_output(server->model, i)->shape;

        stream->outputs[i] = malloc(neuron_tensor_shape_size_bytes(shape) + 1);
        if (stream->outputs[i] == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
        }
    }
    return NEURON_OK;
}

static enum neuron_status
open_streams(struct server *server, uint32_t stream_count, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (neuron_model_output_count(server->model) > CASE_TENSOR_LIMIT ||
        neuron_model_input_count(server->model) != server->file.input_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the compiled model is not that of the case");
    }
    for (uint32_t i = 0; i < server->file.input_count; i += 1) {
        const struct case_tensor *input = &server->file.inputs[i];

        if (!neuron_tensor_shape_equals(&neuron_model_input(server->model, i)->shape,
                                        &input->spec.shape)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "the input %s is compiled for another shape", input->spec.name);
        }
        server->inputs[i] = input->bytes;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < stream_count; i += 1) {
        status = open_stream(server, i, error);
    }
    return status;
}

static enum neuron_status
open_server(char *const *arguments, uint32_t stream_count, struct server *server,
            struct neuron_error *error)
{
    const struct neuron_runtime_options options = {.core_count = stream_count,
                                                   .lease.directory = arguments[3]};
    const struct neuron_module_placement placement = {.kind = NEURON_PLACEMENT_ALL};
    enum neuron_status status = case_file_read(arguments[1], &server->file, error);

    if (status == NEURON_OK) {
        status = neuron_model_load(arguments[2], &server->model, error);
    }
    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &server->runtime, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_create(server->runtime, server->model, &placement, &server->module,
                                      error);
    }
    if (status == NEURON_OK) {
        status = neuron_completion_create(&server->completion, error);
    }
    return status == NEURON_OK ? open_streams(server, stream_count, error) : status;
}

static void
close_server(struct server *server)
{
    neuron_completion_destroy(server->completion);
    neuron_module_destroy(server->module);
    neuron_runtime_destroy(server->runtime);
    neuron_model_destroy(server->model);
    for (uint32_t i = 0; i < server->stream_count; i += 1) {
        for (uint32_t j = 0; j < CASE_TENSOR_LIMIT; j += 1) {
            free(server->streams[i].outputs[j]);
        }
    }
    case_file_close(&server->file);
}

int
main(int argc, char **argv)
{
    struct server server = {0};
    struct neuron_error error = {0};
    const unsigned long stream_count = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;

    if (stream_count == 0 || stream_count > STREAM_LIMIT) {
        (void)fprintf(stderr, "usage: model_server CASE NEFF SCRATCH STREAMS\n");
        return EXIT_FAILURE;
    }
    enum neuron_status status = open_server(argv, (uint32_t)stream_count, &server, &error);
    if (status == NEURON_OK) {
        const struct served_model model = {
            .engine = &server,
            .output_count = neuron_model_output_count(server.model),
            .run = run_streams,
            .output = view_output,
        };

        status = serve_orders(&model, server.stream_count, argv[3], &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "model_server: %s\n", error.text);
    }
    close_server(&server);
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
