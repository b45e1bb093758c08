/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads a compiled model in processes that live at the same time, and says what each one holds:
 *
 *   memory_probe NEFF LEASES REPLICAS PROCESSES
 *
 * Each process claims a core for each replica, loads the model, runs every replica once on zeros,
 * and waits for the others. Prints a line for each:
 *
 *   MODEL_LOAD_US MODULE_CREATE_US RSS PSS PEAK
 *
 * RSS and PSS are the bytes that the process holds more than before it loaded the model, by the
 * kernel's account, once all processes have loaded it; PSS divides what several processes share.
 * PEAK is how much more it held at most.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

#include "measure.h"

enum { PROCESS_LIMIT = 8, TENSOR_LIMIT = 64 };

struct probe {
    const char *path;
    struct neuron_runtime *runtime;
    struct neuron_model *model;
    struct neuron_module *module;
    struct neuron_tensor_view tensors[TENSOR_LIMIT]; /* inputs, then outputs */
    double load_us;
    double create_us;
};

/* A child, and the pipes by which it says that it has loaded, and hears that all have. */
struct child {
    pid_t pid;
    int ready;
    int go;
};

/* A line "NAME:   123 kB" of a file of the kernel's, in bytes; 0 where it does not say. */
static long long
read_bytes(const char *path, const char *name)
{
    FILE *file = fopen(path, "re");
    char line[160];
    long long kilobytes = 0;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kilobytes = strtoll(line + strlen(name), NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kilobytes * 1024;
}

static struct neuron_tensor_view
zeros(const struct neuron_tensor_spec *spec)
{
    return neuron_tensor_view_of(&spec->shape,
                                 calloc(1, neuron_tensor_shape_size_bytes(&spec->shape) + 1));
}

static enum neuron_status
load(struct probe *probe, struct neuron_error *error)
{
    const struct neuron_module_placement placement = {.kind = NEURON_PLACEMENT_ALL};
    double begin_us = read_clock_us();
    enum neuron_status status = neuron_model_load(probe->path, &probe->model, error);
    double loaded_us = read_clock_us();

    if (status == NEURON_OK) {
        status =
            neuron_module_create(probe->runtime, probe->model, &placement, &probe->module, error);
    }
    probe->load_us = loaded_us - begin_us;
    probe->create_us = read_clock_us() - loaded_us;
    return status;
}

/* Runs each replica once, so that all that it writes is there. */
static enum neuron_status
touch(struct probe *probe, struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(probe->model);
    uint32_t output_count = neuron_model_output_count(probe->model);
    uint32_t replica_count = neuron_module_replica_count(probe->module);
    enum neuron_status status = NEURON_OK;

    if (input_count + output_count > TENSOR_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "too many inputs and outputs");
    }
    for (uint32_t i = 0; i < input_count + output_count; i += 1) {
        probe->tensors[i] =
            zeros(i < input_count ? neuron_model_input(probe->model, i)
                                  : neuron_model_output(probe->model, i - input_count));
    }
    for (uint32_t i = 0; status == NEURON_OK && i < replica_count; i += 1) {
        status = neuron_module_run(probe->module, probe->tensors, input_count,
                                   probe->tensors + input_count, output_count, error);
    }
    for (uint32_t i = 0; i < input_count + output_count; i += 1) {
        free(probe->tensors[i].data);
    }
    return status;
}

/* What a child does; never returns. */
static _Noreturn void
run_child(char *const *arguments, const struct child *self)
{
    static const char rollup[] = "/proc/self/smaps_rollup";
    static const char account[] = "/proc/self/status";
    struct neuron_runtime_options options = {0};
    struct probe probe = {.path = arguments[1]};
    struct neuron_error error = {0};
    char byte = 0;

    enum neuron_status status = neuron_runtime_options_read(&options, &error);
    options.core_count = (uint32_t)strtoul(arguments[3], NULL, 10);
    options.lease.directory = arguments[2];
    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &probe.runtime, &error);
    }
    long long rss = read_bytes(rollup, "Rss:");
    long long pss = read_bytes(rollup, "Pss:");
    if (status == NEURON_OK) {
        status = load(&probe, &error);
    }
    if (status == NEURON_OK) {
        status = touch(&probe, &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "memory_probe: %s\n", error.text);
        _exit(EXIT_FAILURE);
    }
    if (write(self->ready, &byte, 1) == 1 && read(self->go, &byte, 1) == 1) {
        (void)printf("%.0f %.0f %lld %lld %lld\n", probe.load_us, probe.create_us,
                     read_bytes(rollup, "Rss:") - rss, read_bytes(rollup, "Pss:") - pss,
                     read_bytes(account, "VmHWM:") - rss);
        (void)fflush(stdout);
        /* The others count what is shared with this process until all are ended. */
        (void)write(self->ready, &byte, 1);
        (void)read(self->go, &byte, 1);
    }
    _exit(EXIT_SUCCESS);
}

/* A child that cannot be started has no number. */
static bool
start_child(char *const *arguments, struct child *child)
{
    int ready[2] = {-1, -1};
    int go[2] = {-1, -1};

    if (pipe(ready) != 0 || pipe(go) != 0) {
        return false;
    }
    child->pid = fork();
    if (child->pid == 0) {
        const struct child self = {.ready = ready[1], .go = go[0]};

        (void)close(ready[0]);
        (void)close(go[1]);
        /* It never outlives the program that waits for it. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_child(arguments, &self);
    }
    (void)close(ready[1]);
    (void)close(go[0]);
    child->ready = ready[0];
    child->go = go[1];
    return child->pid > 0;
}

/* Waits for a byte of the child, which it does not write where it failed. */
static bool
await(const struct child *child)
{
    char byte = 0;

    return read(child->ready, &byte, 1) == 1;
}

static bool
tell(const struct child *child)
{
    const char byte = 0;

    return write(child->go, &byte, 1) == 1;
}

int
main(int argc, char **argv)
{
    struct child children[PROCESS_LIMIT] = {{.pid = 0}};
    unsigned long count = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    unsigned long started = 0;
    bool is_done = count > 0 && count <= PROCESS_LIMIT;

    if (!is_done) {
        (void)fprintf(stderr, "usage: memory_probe NEFF LEASES REPLICAS PROCESSES\n");
        return EXIT_FAILURE;
    }
    /* One after the other: the first leaves what the others may share. */
    for (; is_done && started < count; started += 1) {
        is_done = start_child(argv, &children[started]) && await(&children[started]);
    }
    for (unsigned long i = 0; is_done && i < count; i += 1) {
        is_done = tell(&children[i]) && await(&children[i]);
    }
    for (unsigned long i = 0; i < started; i += 1) {
        if (children[i].pid > 0) {
            (void)kill(children[i].pid, SIGKILL);
            (void)waitpid(children[i].pid, NULL, 0);
        }
    }
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
