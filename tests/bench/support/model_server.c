/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the model of a conformance case as it is told, beside a program that does the same with
 * another runtime:
 *
 *   model_server CASE SCRATCH
 *
 * Prints "ready". Answers a line "run N" with the microseconds that one of N runs took, after a run
 * that is not counted, and a line "write" with "written", when the outputs of a run are in the
 * files SCRATCH/output_0.bin and so on. Ends with its input.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

#include "case_file.h"
#include "case_model.h"
#include "measure.h"

/* A loaded model and its tensors. */
struct server {
    const char *scratch;
    struct case_file file;
    struct neuron_model *model;
    struct neuron_runtime *runtime;
    struct neuron_module *module;
    struct neuron_tensor_view inputs[CASE_TENSOR_LIMIT];
    struct neuron_tensor_view outputs[CASE_TENSOR_LIMIT];
    uint32_t output_count;
};

static enum neuron_status
allocate_outputs(struct server *server, struct neuron_error *error)
{
    uint32_t count = neuron_model_output_count(server->model);

    if (count > CASE_TENSOR_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the model has %u outputs", count);
    }
    for (; server->output_count < count; server->output_count += 1) {
        const struct neuron_tensor_shape *shape =
            &neuron_model_output(server->model, server->output_count)->shape;
        void *bytes = malloc(neuron_tensor_shape_size_bytes(shape) + 1);

        if (bytes == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
        }
        server->outputs[server->output_count] = neuron_tensor_view_of(shape, bytes);
    }
    return NEURON_OK;
}

static enum neuron_status
open_server(const char *folder, struct server *server, struct neuron_error *error)
{
    const struct neuron_runtime_options options = {.core_count = 1,
                                                   .lease.directory = server->scratch};
    enum neuron_status status = case_file_read(folder, &server->file, error);

    if (status == NEURON_OK) {
        status = case_model_load(&server->file, server->scratch, &server->model, error);
    }
    if (status == NEURON_OK) {
        status = allocate_outputs(server, error);
    }
    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &server->runtime, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_create(server->runtime, server->model, NULL, &server->module, error);
    }
    for (uint32_t i = 0; i < server->file.input_count; i += 1) {
        server->inputs[i] =
            neuron_tensor_view_of(&server->file.inputs[i].spec.shape, server->file.inputs[i].bytes);
    }
    return status;
}

static void
close_server(struct server *server)
{
    neuron_module_destroy(server->module);
    neuron_runtime_destroy(server->runtime);
    neuron_model_destroy(server->model);
    for (uint32_t i = 0; i < server->output_count; i += 1) {
        free(server->outputs[i].data);
    }
    case_file_close(&server->file);
}

static enum neuron_status
run_once(struct server *server, struct neuron_error *error)
{
    return neuron_module_run(server->module, server->inputs, server->file.input_count,
                             server->outputs, server->output_count, error);
}

static enum neuron_status
time_runs(struct server *server, long run_count, struct neuron_error *error)
{
    enum neuron_status status = run_once(server, error);
    double begin_us = read_clock_us();

    for (long i = 0; status == NEURON_OK && i < run_count; i += 1) {
        status = run_once(server, error);
    }
    if (status == NEURON_OK) {
        (void)printf("%.3f\n", (read_clock_us() - begin_us) / (double)run_count);
    }
    return status;
}

static enum neuron_status
write_output(const struct server *server, uint32_t index, struct neuron_error *error)
{
    char path[CASE_PATH_BYTES];
    const struct neuron_tensor_shape shape = neuron_tensor_view_shape(&server->outputs[index]);
    const size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);
    int length = snprintf(path, sizeof(path), "%s/output_%u.bin", server->scratch, index);
    FILE *file = length > 0 && length < CASE_PATH_BYTES ? fopen(path, "wbe") : NULL;

    if (file == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    size_t written = fwrite(server->outputs[index].data, 1, size_bytes, file);
    if (fclose(file) != 0 || written != size_bytes) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    return NEURON_OK;
}

static enum neuron_status
write_outputs(struct server *server, struct neuron_error *error)
{
    enum neuron_status status = run_once(server, error);

    for (uint32_t i = 0; status == NEURON_OK && i < server->output_count; i += 1) {
        status = write_output(server, i, error);
    }
    if (status == NEURON_OK) {
        (void)printf("written\n");
    }
    return status;
}

/* Does what the lines of standard input say. */
static enum neuron_status
serve(struct server *server, struct neuron_error *error)
{
    char line[64];
    enum neuron_status status = NEURON_OK;

    (void)printf("ready\n");
    while (status == NEURON_OK && fflush(stdout) == 0 && fgets(line, sizeof(line), stdin) != NULL) {
        if (strncmp(line, "run ", 4) == 0 && strtol(line + 4, NULL, 10) > 0) {
            status = time_runs(server, strtol(line + 4, NULL, 10), error);
        } else if (strcmp(line, "write\n") == 0) {
            status = write_outputs(server, error);
        } else {
            status = NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "no order: %s", line);
        }
    }
    return status;
}

int
main(int argc, char **argv)
{
    struct server server = {0};
    struct neuron_error error = {0};

    if (argc != 3) {
        (void)fprintf(stderr, "usage: model_server CASE SCRATCH\n");
        return EXIT_FAILURE;
    }
    server.scratch = argv[2];
    enum neuron_status status = open_server(argv[1], &server, &error);
    if (status == NEURON_OK) {
        status = serve(&server, &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "model_server: %s\n", error.text);
    }
    close_server(&server);
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
