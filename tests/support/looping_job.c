/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job that others watch:
 *
 *   looping_job MODEL FILE
 *
 * Runs a model of one input and one output on all its cores in turn until it is killed, and keeps
 * the count of runs that are done in FILE.PID, eight bytes as this machine has them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

enum { PATH_BYTES = 4096 };

/* Makes the file, and gives its bytes as memory, whose contents stay when the process is killed. */
static volatile uint64_t *
map_count(const char *name)
{
    char path[PATH_BYTES] = "";

    (void)snprintf(path, sizeof(path), "%s.%d", name, (int)getpid());
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(uint64_t)) != 0) {
        return NULL;
    }
    void *memory = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    (void)close(file);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A tensor of zeros as the model has it. */
static struct neuron_tensor_view
make_tensor(const struct neuron_tensor_spec *spec)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&spec->shape);

    return neuron_tensor_view_of(&spec->shape, calloc(1, size_bytes + 1));
}

static enum neuron_status
run_for_ever(struct neuron_runtime *runtime, const struct neuron_model *model,
             volatile uint64_t *count, struct neuron_error *error)
{
    const struct neuron_module_placement everywhere = {.kind = NEURON_PLACEMENT_ALL};
    struct neuron_tensor_view input = make_tensor(neuron_model_input(model, 0));
    struct neuron_tensor_view output = make_tensor(neuron_model_output(model, 0));
    struct neuron_module *module = NULL;
    enum neuron_status status = neuron_module_create(runtime, model, &everywhere, &module, error);

    while (status == NEURON_OK) {
        status = neuron_module_run(module, &input, 1, &output, 1, error);
        *count += 1;
    }
    neuron_module_destroy(module);
    free(input.data);
    free(output.data);
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_runtime *runtime = NULL;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    volatile uint64_t *count = argument_count == 3 ? map_count(arguments[2]) : NULL;

    if (count == NULL) {
        (void)fprintf(stderr, "usage: looping_job MODEL FILE\n");
        return 2;
    }
    enum neuron_status status = neuron_runtime_create(NULL, &runtime, &error);
    if (status == NEURON_OK) {
        status = neuron_model_load(arguments[1], &model, &error);
    }
    if (status == NEURON_OK) {
        neuron_ignore(run_for_ever(runtime, model, count, &error)); /* it failed, then */
    }
    (void)fprintf(stderr, "looping_job: %s\n", error.text);
    neuron_model_destroy(model);
    neuron_runtime_destroy(runtime);
    return EXIT_FAILURE;
}
