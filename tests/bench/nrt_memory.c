/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory 1, 2 and 8 replicas of a model of 100 MB take: what the process holds more after
 * nrt_load() and a run of each replica than before, by the kernel's account (Rss, mapped files
 * included), over the weights and over weights and arenas together. The machine is an invented one
 * of 8 cores, so that it does not matter how many this one has; each count has a process of its
 * own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nrt/nrt.h"

#include "bench_model.h"
#include "bench_nrt.h"

enum { LAYERS = 6, WIDTH = 2048, ROWS = 8, MEGABYTE = 1000000 };

static const double weight_bytes = (double)LAYERS * WIDTH * WIDTH * sizeof(float);

static enum neuron_status
record_layers(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *unused)
{
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, WIDTH}};
    struct neuron_value layer = inputs[0];

    (void)unused;
    for (int i = 0; i < LAYERS; i += 1) {
        layer = neuron_relu(trace, neuron_matmul(trace, layer, record_weights(trace, weights)));
    }
    outputs[0] = layer;
    return neuron_trace_status(trace);
}

/* What the kernel counts for this process, in bytes; -1 where it does not say. */
static double
read_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[160];
    double kilobytes = -1;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "Rss:", 4) == 0) {
            kilobytes = strtod(line + 4, NULL);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kilobytes < 0 ? -1 : kilobytes * 1024;
}

/* In a process of its own: loads the replicas, runs each once, and prints the figures. */
static int
measure(const char *path, int32_t replica_count)
{
    nrt_model_t *model = NULL;
    struct bench_tensors tensors = {0};
    nrt_vnc_memory_stats_t before = {0};
    nrt_vnc_memory_stats_t after = {0};
    size_t written = 0;

    if (nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") != NRT_SUCCESS) {
        return EXIT_FAILURE;
    }
    double resident = read_resident_bytes();
    (void)nrt_get_vnc_memory_stats(0, &before, sizeof(before), &written);
    if (!bench_nrt_load(path, replica_count, &model)) {
        return EXIT_FAILURE;
    }
    (void)nrt_get_vnc_memory_stats(0, &after, sizeof(after), &written);
    if (!bench_tensors_create(model, &tensors)) {
        return EXIT_FAILURE;
    }
    for (int32_t i = 0; i < replica_count; i += 1) {
        if (nrt_execute(model, tensors.inputs, tensors.outputs) != NRT_SUCCESS) {
            return EXIT_FAILURE;
        }
    }
    double grown = read_resident_bytes() - resident;
    double charged = (double)(after.bytes_used - before.bytes_used);
    printf("nrt_memory_replicas%d %.1f MB -\n", replica_count, grown / MEGABYTE);
    printf("nrt_memory_replicas%d_charged %.1f MB -\n", replica_count, charged / MEGABYTE);
    printf("nrt_memory_replicas%d_over_weights %.3f ratio -\n", replica_count,
           grown / weight_bytes);
    printf("nrt_memory_replicas%d_over_weights_and_arenas %.3f ratio <=1.05\n", replica_count,
           grown / charged);
    nrt_close();
    return EXIT_SUCCESS;
}

static int
measure_in_child(const char *path, int32_t replica_count)
{
    int status = 0;

    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int result = measure(path, replica_count);

        (void)fflush(stdout);
        _exit(result);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return EXIT_FAILURE;
    }
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(void)
{
    static const int32_t counts[] = {1, 2, 8};
    const struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, WIDTH}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &rows, .input_count = 1, .output_count = 1};
    char path[] = BENCH_MODEL_PATH;
    struct neuron_error error = {0};
    int result = EXIT_FAILURE;

    /* NOLINTBEGIN(concurrency-mt-unsafe): before any thread */
    if (setenv("HWLOC_SYNTHETIC", "core:8 pu:1", 1) != 0 ||
        setenv("NEURON_RT_DEVICE_MEMORY", "4G", 1) != 0) {
        /* NOLINTEND(concurrency-mt-unsafe) */
        perror("nrt_memory");
    } else if (compile_bench_model(record_layers, &signature, NULL, path, &error) != NEURON_OK) {
        (void)fprintf(stderr, "nrt_memory: %s\n", error.text);
    } else {
        result = EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && result == EXIT_SUCCESS; i += 1) {
        result = measure_in_child(path, counts[i]);
    }
    (void)unlink(path);
    return result;
}
