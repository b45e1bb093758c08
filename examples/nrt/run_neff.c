/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a NEFF file once: run_neff MODEL.neff [INPUT FILE]...
 *
 * Each input that is named is read from its file, raw bytes; the others are zeros. It knows of its
 * model what the runtime tells, and nothing of the machine: as it stands it compiles for an
 * accelerator, too.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nrt/nrt.h>
#include <nrt/nrt_experimental.h>

/* A file in memory. */
struct contents {
    void *bytes;
    size_t size;
};

/* What a run needs. */
struct session {
    nrt_model_t *model;
    nrt_tensor_info_array_t *tensors;
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
};

/* Says what went wrong. Returns whether nothing did. */
static bool
succeeded(NRT_STATUS status, const char *what)
{
    if (status != NRT_SUCCESS) {
        fprintf(stderr, "run_neff: %s: %s\n", what, nrt_get_status_as_str(status));
    }
    return status == NRT_SUCCESS;
}

static bool
map_file(const char *path, struct contents *contents)
{
    struct stat status;
    int file = open(path, O_RDONLY);

    if (file < 0 || fstat(file, &status) != 0) {
        perror(path);
        return false;
    }
    contents->size = (size_t)status.st_size;
    contents->bytes = mmap(NULL, contents->size, PROT_READ, MAP_PRIVATE, file, 0);
    (void)close(file);
    if (contents->bytes == MAP_FAILED) {
        perror(path);
        return false;
    }
    return true;
}

/* The set that a tensor belongs to. */
static nrt_tensor_set_t *
set_of(const struct session *session, const nrt_tensor_info_t *info)
{
    return info->usage == NRT_TENSOR_USAGE_INPUT ? session->inputs : session->outputs;
}

/* Makes a tensor for each input and output of the model, near its core. */
static bool
allocate_tensors(struct session *session)
{
    if (!succeeded(nrt_allocate_tensor_set(&session->inputs), "a set for the inputs") ||
        !succeeded(nrt_allocate_tensor_set(&session->outputs), "a set for the outputs")) {
        return false;
    }
    for (uint64_t i = 0; i < session->tensors->tensor_count; i += 1) {
        const nrt_tensor_info_t *info = &session->tensors->tensor_array[i];
        nrt_tensor_t *tensor = NULL;

        if (!succeeded(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info->size, info->name,
                                           &tensor),
                       info->name) ||
            !succeeded(nrt_add_tensor_to_tensor_set(set_of(session, info), info->name, tensor),
                       info->name)) {
            return false;
        }
    }
    return true;
}

/* Fills an input from a file. */
static bool
fill_input(const struct session *session, const char *name, const char *path)
{
    struct contents contents = {NULL, 0};
    nrt_tensor_t *tensor = NULL;

    if (!succeeded(nrt_get_tensor_from_tensor_set(session->inputs, name, &tensor), name) ||
        !map_file(path, &contents)) {
        return false;
    }
    bool is_written = succeeded(nrt_tensor_write(tensor, contents.bytes, 0, contents.size), path);
    (void)munmap(contents.bytes, contents.size);
    return is_written;
}

/* Prints an output: its numbers where they are float32, else its size. */
static bool
print_output(const struct session *session, const nrt_tensor_info_t *info)
{
    nrt_tensor_t *tensor = NULL;
    float *numbers = malloc(info->size + 1);

    if (numbers == NULL ||
        !succeeded(nrt_get_tensor_from_tensor_set(session->outputs, info->name, &tensor),
                   info->name) ||
        !succeeded(nrt_tensor_read(tensor, numbers, 0, info->size), info->name)) {
        free(numbers);
        return false;
    }
    printf("%s:", info->name);
    if (info->dtype == NRT_DTYPE_FLOAT32) {
        for (size_t i = 0; i < info->size / sizeof(float); i += 1) {
            printf(" %g", (double)numbers[i]);
        }
        printf("\n");
    } else {
        printf(" %zu bytes\n", info->size);
    }
    free(numbers);
    return true;
}

static bool
run_and_print(const struct session *session)
{
    bool is_done = succeeded(nrt_execute(session->model, session->inputs, session->outputs), "run");

    for (uint64_t i = 0; is_done && i < session->tensors->tensor_count; i += 1) {
        const nrt_tensor_info_t *info = &session->tensors->tensor_array[i];

        if (info->usage == NRT_TENSOR_USAGE_OUTPUT) {
            is_done = print_output(session, info);
        }
    }
    return is_done;
}

static bool
load(const char *path, struct session *session)
{
    struct contents neff = {NULL, 0};

    if (!map_file(path, &neff)) {
        return false;
    }
    bool is_loaded = succeeded(nrt_load(neff.bytes, neff.size, -1, -1, &session->model), path) &&
                     succeeded(nrt_get_model_tensor_info(session->model, &session->tensors), path);
    (void)munmap(neff.bytes, neff.size);
    return is_loaded;
}

/* Unloads the model, and frees the tensors before the sets that they are in. */
static void
end_session(struct session *session)
{
    if (session->model != NULL) {
        (void)nrt_unload(session->model);
    }
    for (uint64_t i = 0; session->tensors != NULL && i < session->tensors->tensor_count; i += 1) {
        const nrt_tensor_info_t *info = &session->tensors->tensor_array[i];
        nrt_tensor_t *tensor = NULL;

        if (set_of(session, info) != NULL &&
            nrt_get_tensor_from_tensor_set(set_of(session, info), info->name, &tensor) ==
                NRT_SUCCESS) {
            nrt_tensor_free(&tensor);
        }
    }
    nrt_destroy_tensor_set(&session->inputs);
    nrt_destroy_tensor_set(&session->outputs);
    if (session->tensors != NULL) {
        (void)nrt_free_model_tensor_info(session->tensors);
    }
}

int
main(int argc, char **argv)
{
    struct session session = {NULL, NULL, NULL, NULL};

    if (argc < 2 || argc % 2 != 0) {
        fprintf(stderr, "run_neff: give MODEL.neff [INPUT FILE]...\n");
        return 2;
    }
    if (!succeeded(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "nrt_init")) {
        return EXIT_FAILURE;
    }
    bool is_done = load(argv[1], &session) && allocate_tensors(&session);
    for (int i = 2; is_done && i < argc; i += 2) {
        is_done = fill_input(&session, argv[i], argv[i + 1]);
    }
    is_done = is_done && run_and_print(&session);
    end_session(&session);
    nrt_close();
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
