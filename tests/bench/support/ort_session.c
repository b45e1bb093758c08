/* SPDX-License-Identifier: Apache-2.0 */
#include "ort_session.h"

#include <dlfcn.h>

_Static_assert(offsetof(struct ort_functions, release_options) == 100 * sizeof(void *),
               "a table of pointers");

enum neuron_status
ort_check(const struct ort_library *library, struct ort_status *status, struct neuron_error *error)
{
    if (status == NULL) {
        return NEURON_OK;
    }
    neuron_error_set(error, NEURON_SYSTEM, "ONNX Runtime: %.200s",
                     library->functions->get_error_message(status));
    library->functions->release_status(status);
    return NEURON_SYSTEM;
}

static enum neuron_status
load_library(const char *path, struct ort_library *library, struct neuron_error *error)
{
    void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = loaded == NULL ? NULL : dlsym(loaded, "OrtGetApiBase");

    if (symbol == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: this is no library of ONNX Runtime", path);
    }
    const struct ort_base *(*get_base)(void) = NULL;
    *(void **)&get_base = symbol;
    library->functions = get_base()->get_functions(ORT_TABLE_VERSION);
    return library->functions != NULL
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_SYSTEM, "%s: no functions of version %d", path,
                             ORT_TABLE_VERSION);
}

static enum neuron_status
set_options(struct ort_library *library, struct neuron_error *error)
{
    const struct ort_functions *functions = library->functions;
    enum neuron_status status =
        ort_check(library, functions->create_session_options(&library->options), error);

    if (status == NEURON_OK) {
        status = ort_check(library, functions->set_intra_op_threads(library->options, 1), error);
    }
    if (status == NEURON_OK) {
        status = ort_check(library, functions->set_inter_op_threads(library->options, 1), error);
    }
    if (status == NEURON_OK) {
        status = ort_check(
            library, functions->set_optimization_level(library->options, ORT_ALL_OPTIMIZATIONS),
            error);
    }
    return status;
}

enum neuron_status
ort_open(const char *library_path, const char *model_path, struct ort_library *library,
         struct neuron_error *error)
{
    enum neuron_status status = load_library(library_path, library, error);

    if (status == NEURON_OK) {
        status = ort_check(
            library,
            library->functions->create_environment(ORT_LOG_ERRORS, "bench", &library->environment),
            error);
    }
    if (status == NEURON_OK) {
        status = set_options(library, error);
    }
    if (status == NEURON_OK) {
        status = ort_check(library,
                           library->functions->create_session(library->environment, model_path,
                                                              library->options, &library->session),
                           error);
    }
    if (status == NEURON_OK) {
        status = ort_check(library,
                           library->functions->create_cpu_memory(
                               ORT_DEVICE_ALLOCATOR, ORT_DEFAULT_MEMORY, &library->memory),
                           error);
    }
    return status;
}
