/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps three requests under way on every core, and waits with poll(). Each request has its own
 * tensors; its result is compared with what nrt_execute() gave for the same input before.
 *
 * async_pipeline MODEL.neff [RUNS]
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nrt/nrt.h"
#include "nrt/nrt_async.h"
#include "nrt/nrt_experimental.h"

enum { IN_FLIGHT = 3, CORE_LIMIT = 64, SLOT_LIMIT = CORE_LIMIT * IN_FLIGHT };

/* One request: its tensors, what its outputs are to be, and how to learn that it is completed. */
struct slot {
    nrt_model_t *model;
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
    unsigned char *expected; /* all outputs, one after the other */
    nrta_seq_t sequence;
    int descriptor; /* -1 while nothing is under way */
};

struct pipeline {
    unsigned char *neff;
    size_t neff_size;
    nrt_tensor_info_array_t *tensors; /* inputs and outputs of the model */
    nrta_error_tracker_t *errors;
    struct slot slots[SLOT_LIMIT];
    uint32_t slot_count;
    uint64_t started;
    uint64_t completed;
    uint64_t wrong;
};

/* Says what failed. The log on stderr has said why. */
static int
fail(const char *what, NRT_STATUS status)
{
    (void)fprintf(stderr, "async_pipeline: %s: %s\n", what, nrt_get_status_as_str(status));
    return -1;
}

static int
read_file(const char *path, struct pipeline *pipeline)
{
    FILE *file = fopen(path, "rb");
    long size = 0;
    int result = -1;

    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size > 0 && fseek(file, 0, SEEK_SET) == 0) {
        pipeline->neff_size = (size_t)size;
        pipeline->neff = malloc(pipeline->neff_size);
    }
    if (pipeline->neff != NULL &&
        fread(pipeline->neff, 1, pipeline->neff_size, file) == pipeline->neff_size) {
        result = 0;
    } else {
        (void)fprintf(stderr, "async_pipeline: cannot read %s\n", path);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return result;
}

/* Small numbers, different ones for each slot; other types than float32 stay zero. */
static NRT_STATUS
fill_input(nrt_tensor_t *tensor, const nrt_tensor_info_t *about, uint32_t slot)
{
    NRT_STATUS status = NRT_SUCCESS;

    for (size_t offset = 0; status == NRT_SUCCESS && about->dtype == NRT_DTYPE_FLOAT32 &&
                            offset + sizeof(float) <= about->size;
         offset += sizeof(float)) {
        float number = (float)((offset / sizeof(float) + slot) % 17) / 16.0F;

        status = nrt_tensor_write(tensor, &number, offset, sizeof(number));
    }
    return status;
}

/* Makes the tensors of a slot on its core, and puts them into its sets. */
static int
make_tensors(struct pipeline *pipeline, struct slot *slot, int nc)
{
    uint32_t number = (uint32_t)(slot - pipeline->slots);
    NRT_STATUS status = nrt_allocate_tensor_set(&slot->inputs);

    if (status == NRT_SUCCESS) {
        status = nrt_allocate_tensor_set(&slot->outputs);
    }
    for (uint64_t i = 0; status == NRT_SUCCESS && i < pipeline->tensors->tensor_count; i += 1) {
        const nrt_tensor_info_t *about = &pipeline->tensors->tensor_array[i];
        int is_input = about->usage == NRT_TENSOR_USAGE_INPUT;
        nrt_tensor_t *tensor = NULL;

        status =
            nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, nc, about->size, about->name, &tensor);
        if (status == NRT_SUCCESS) {
            status = nrt_add_tensor_to_tensor_set(is_input ? slot->inputs : slot->outputs,
                                                  about->name, tensor);
        }
        if (status == NRT_SUCCESS && is_input) {
            status = fill_input(tensor, about, number);
        }
    }
    return status == NRT_SUCCESS ? 0 : fail("cannot make tensors", status);
}

/* Reads all outputs of a slot, one after the other; into nothing, it says how long they are. */
static size_t
read_outputs(const struct pipeline *pipeline, const struct slot *slot, unsigned char *into)
{
    size_t size = 0;

    for (uint64_t i = 0; i < pipeline->tensors->tensor_count; i += 1) {
        const nrt_tensor_info_t *about = &pipeline->tensors->tensor_array[i];
        nrt_tensor_t *tensor = NULL;

        if (about->usage != NRT_TENSOR_USAGE_OUTPUT) {
            continue;
        }
        if (into != NULL &&
            nrt_get_tensor_from_tensor_set(slot->outputs, about->name, &tensor) == NRT_SUCCESS) {
            (void)nrt_tensor_read(tensor, into + size, 0, about->size);
        }
        size += about->size;
    }
    return size;
}

/* Runs a slot once, waiting, and keeps what comes out. */
static int
keep_expected(const struct pipeline *pipeline, struct slot *slot)
{
    NRT_STATUS status = nrt_execute(slot->model, slot->inputs, slot->outputs);

    if (status != NRT_SUCCESS) {
        return fail("nrt_execute", status);
    }
    slot->expected = malloc(read_outputs(pipeline, slot, NULL) + 1);
    if (slot->expected == NULL) {
        return fail("no memory", NRT_RESOURCE);
    }
    (void)read_outputs(pipeline, slot, slot->expected);
    return 0;
}

/* Loads the model to a core, and makes what keeps it busy. */
static int
prepare_core(struct pipeline *pipeline, int nc)
{
    nrt_model_t *model = NULL;
    NRT_STATUS status = nrt_load(pipeline->neff, pipeline->neff_size, nc, 1, &model);

    if (status == NRT_SUCCESS && pipeline->tensors == NULL) {
        status = nrt_get_model_tensor_info(model, &pipeline->tensors);
    }
    if (status != NRT_SUCCESS) {
        return fail("nrt_load", status);
    }
    for (int i = 0; i < IN_FLIGHT; i += 1) {
        struct slot *slot = &pipeline->slots[pipeline->slot_count];

        pipeline->slot_count += 1;
        slot->model = model;
        slot->descriptor = -1;
        if (make_tensors(pipeline, slot, nc) != 0 || keep_expected(pipeline, slot) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Schedules the run of a slot, and opens a descriptor that tells of its end. */
static int
start(struct pipeline *pipeline, struct slot *slot)
{
    NRT_STATUS status = nrta_execute_schedule(slot->model, slot->inputs, slot->outputs, 0,
                                              pipeline->errors, &slot->sequence);

    if (status == NRT_SUCCESS) {
        pipeline->started += 1;
        status = nrta_get_completion_handle(slot->sequence, &slot->descriptor);
    }
    return status == NRT_SUCCESS ? 0 : fail("cannot schedule", status);
}

/* Compares what a completed request gave. */
static void
finish(struct pipeline *pipeline, struct slot *slot, unsigned char *outputs)
{
    size_t size = read_outputs(pipeline, slot, outputs);

    (void)close(slot->descriptor);
    slot->descriptor = -1;
    pipeline->completed += 1;
    pipeline->wrong += memcmp(outputs, slot->expected, size) != 0 ? 1 : 0;
}

/* Says which requests failed since it was asked last. */
static int
print_errors(const struct pipeline *pipeline)
{
    const nrta_error_t *errors = NULL;
    size_t count = 0;
    NRT_STATUS status = nrta_error_tracker_get_list(pipeline->errors, &errors, &count);

    for (size_t i = 0; i < count; i += 1) {
        (void)fprintf(stderr, "async_pipeline: request 0x%016llx: %s\n",
                      (unsigned long long)errors[i].seq_id,
                      nrt_get_status_as_str((NRT_STATUS)errors[i].error_code));
    }
    return status == NRT_SUCCESS && count == 0 ? 0 : -1;
}

/* Waits until at least one request is completed; starts the next one in each slot that is free. */
static int
turn_over(struct pipeline *pipeline, uint64_t runs, unsigned char *outputs)
{
    struct pollfd polled[SLOT_LIMIT];
    int result = 0;

    for (uint32_t i = 0; i < pipeline->slot_count; i += 1) {
        polled[i] = (struct pollfd){.fd = pipeline->slots[i].descriptor, .events = POLLIN};
    }
    if (poll(polled, pipeline->slot_count, -1) < 0) {
        return errno == EINTR ? 0 : -1;
    }
    for (uint32_t i = 0; result == 0 && i < pipeline->slot_count; i += 1) {
        struct slot *slot = &pipeline->slots[i];

        if ((polled[i].revents & POLLIN) != 0) {
            finish(pipeline, slot, outputs);
        }
        if (result == 0 && slot->descriptor < 0 && pipeline->started < runs) {
            result = start(pipeline, slot);
        }
    }
    return result == 0 ? print_errors(pipeline) : result;
}

static int
run(struct pipeline *pipeline, uint64_t runs)
{
    unsigned char *outputs = malloc(read_outputs(pipeline, &pipeline->slots[0], NULL) + 1);
    int result = outputs == NULL ? -1 : 0;

    for (uint32_t i = 0; result == 0 && i < pipeline->slot_count && i < runs; i += 1) {
        result = start(pipeline, &pipeline->slots[i]);
    }
    while (result == 0 && pipeline->completed < runs) {
        result = turn_over(pipeline, runs, outputs);
    }
    free(outputs);
    return result;
}

static int
prepare(struct pipeline *pipeline)
{
    uint32_t core_count = 0;
    NRT_STATUS status = nrt_get_visible_vnc_count(&core_count);

    if (status == NRT_SUCCESS) {
        status = nrta_error_tracker_create(0, &pipeline->errors);
    }
    if (status != NRT_SUCCESS) {
        return fail("cannot begin", status);
    }
    for (uint32_t nc = 0; nc < core_count && nc < CORE_LIMIT; nc += 1) {
        if (prepare_core(pipeline, (int)nc) != 0) {
            return -1;
        }
    }
    return 0;
}

int
main(int argc, char **argv)
{
    static struct pipeline pipeline;
    uint64_t runs = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
    int result = EXIT_FAILURE;

    if (argc < 2 || read_file(argv[1], &pipeline) != 0) {
        (void)fprintf(stderr, "usage: async_pipeline MODEL.neff [RUNS]\n");
        return EXIT_FAILURE;
    }
    NRT_STATUS status = nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "");
    if (status != NRT_SUCCESS) {
        (void)fail("nrt_init", status);
        return EXIT_FAILURE;
    }
    if (prepare(&pipeline) == 0 && run(&pipeline, runs) == 0 && pipeline.wrong == 0) {
        (void)printf("%llu runs on %u cores, %d under way on each: all as expected\n",
                     (unsigned long long)pipeline.completed, pipeline.slot_count / IN_FLIGHT,
                     IN_FLIGHT);
        result = EXIT_SUCCESS;
    } else if (pipeline.wrong > 0) {
        (void)fprintf(stderr, "async_pipeline: %llu of %llu runs went wrong\n",
                      (unsigned long long)pipeline.wrong, (unsigned long long)pipeline.completed);
    }
    for (uint32_t i = 0; i < pipeline.slot_count; i += 1) {
        free(pipeline.slots[i].expected);
    }
    if (pipeline.tensors != NULL) {
        (void)nrt_free_model_tensor_info(pipeline.tensors);
    }
    nrt_close(); /* also unloads the models, and frees tensors, sets and the tracker */
    free(pipeline.neff);
    return result;
}
