/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_nrt.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nrt/nrt_experimental.h"

#include "bench_model.h"

/* Says what failed. Returns whether it did not. */
static bool
check(NRT_STATUS status, const char *call)
{
    if (status != NRT_SUCCESS) {
        (void)fprintf(stderr, "%s returned %s\n", call, nrt_get_status_as_str(status));
    }
    return status == NRT_SUCCESS;
}

bool
bench_nrt_load(const char *path, int32_t core_count, nrt_model_t **model)
{
    struct stat file = {0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    void *neff = MAP_FAILED;
    bool is_loaded = false;

    if (descriptor >= 0 && fstat(descriptor, &file) == 0) {
        neff = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    if (neff == MAP_FAILED) {
        perror(path);
    } else {
        is_loaded = check(nrt_load(neff, (size_t)file.st_size, 0, core_count, model), "nrt_load");
        (void)munmap(neff, (size_t)file.st_size);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return is_loaded;
}

bool
bench_nrt_open(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
               void *user, int32_t core_count, nrt_model_t **model)
{
    char path[] = BENCH_MODEL_PATH;
    struct neuron_error error = {0};
    bool is_open = false;

    if (compile_bench_model(function, signature, user, path, &error) != NEURON_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
    } else {
        is_open = check(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "nrt_init") &&
                  bench_nrt_load(path, core_count, model);
    }
    (void)unlink(path);
    return is_open;
}

static bool
add_tensor(const nrt_tensor_info_t *described, struct bench_tensors *tensors)
{
    nrt_tensor_set_t *set =
        described->usage == NRT_TENSOR_USAGE_INPUT ? tensors->inputs : tensors->outputs;
    nrt_tensor_t *tensor = NULL;

    return check(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, described->size,
                                     described->name, &tensor),
                 "nrt_tensor_allocate") &&
           check(nrt_add_tensor_to_tensor_set(set, described->name, tensor),
                 "nrt_add_tensor_to_tensor_set");
}

bool
bench_tensors_create(nrt_model_t *model, struct bench_tensors *tensors)
{
    nrt_tensor_info_array_t *described = NULL;
    bool is_done = check(nrt_allocate_tensor_set(&tensors->inputs), "nrt_allocate_tensor_set") &&
                   check(nrt_allocate_tensor_set(&tensors->outputs), "nrt_allocate_tensor_set") &&
                   check(nrt_get_model_tensor_info(model, &described), "nrt_get_model_tensor_info");

    for (uint64_t i = 0; is_done && i < described->tensor_count; i += 1) {
        is_done = add_tensor(&described->tensor_array[i], tensors);
    }
    (void)nrt_free_model_tensor_info(described);
    return is_done;
}
