/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared library with a custom program. The program is copied with all that it points to: a
 * library that decides about shapes by `config` may keep its answer in one static variable, which
 * the next opening, that gets the same library from the loader, overwrites.
 */
#include "custom_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "custom_failure.h"

static const char function_name[] = "neuron_custom_program";

struct neuron_custom_library {
    struct neuron_custom_program program; /* points to what follows */
    struct neuron_custom_tensor *inputs;
    struct neuron_custom_tensor *outputs;
    char *name;
    char *program_config; /* NULL for none */
    char *config;         /* that the library was opened with; NULL for none */
    char *path;           /* of the file, absolute */
    void *file;           /* what dlopen() gave */
};

/* Copies a text, where there is one. Returns false when there is no memory for it. */
static bool
copy_text(const char *text, char **copy)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *copy != NULL;
}

static struct neuron_custom_tensor *
copy_tensors(const struct neuron_custom_tensor *tensors, uint32_t count)
{
    struct neuron_custom_tensor *copy = calloc(count, sizeof(*copy));

    if (copy != NULL) {
        memcpy(copy, tensors, count * sizeof(*copy));
    }
    return copy;
}

/* Copies a checked program. */
static enum neuron_status
copy_program(struct neuron_custom_library *library, const struct neuron_custom_program *program,
             struct neuron_error *error)
{
    library->inputs = copy_tensors(program->inputs, program->input_count);
    library->outputs = copy_tensors(program->outputs, program->output_count);
    bool is_copied = copy_text(program->name, &library->name) &&
                     copy_text(program->config, &library->program_config);

    if (!is_copied || library->inputs == NULL || library->outputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%.100s: no memory for its program",
                           library->path);
    }
    library->program = *program;
    library->program.name = library->name;
    library->program.inputs = library->inputs;
    library->program.outputs = library->outputs;
    library->program.config = library->program_config;
    library->program.library = library;
    return NEURON_OK;
}

/* What the loader says of its last failure, without the path that our own text begins with. */
static const char *
loader_text(const char *path)
{
    const char *text = dlerror(); /* NOLINT(concurrency-mt-unsafe): glibc has one a thread */
    size_t length = strlen(path);

    if (text == NULL) {
        return "the loader gave no reason";
    }
    return strncmp(text, path, length) == 0 && strncmp(text + length, ": ", 2) == 0
               ? text + length + 2
               : text;
}

/* Loads the file, and notes where it lies. */
static enum neuron_status
load_file(struct neuron_custom_library *library, const char *path, struct neuron_error *error)
{
    struct link_map *map = NULL;

    library->file = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library->file == NULL || dlinfo(library->file, RTLD_DI_LINKMAP, &map) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%.100s: cannot be loaded: %s", path,
                           loader_text(path));
    }
    library->path = realpath(map->l_name, NULL);
    if (library->path == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%.100s: is loaded, but its file cannot be found: %s", path,
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

/* Finds the library's function. ISO C has no conversion from what dlsym() returns. */
static enum neuron_status
find_function(const struct neuron_custom_library *library, neuron_custom_program_fn **function,
              struct neuron_error *error)
{
    const void *address = dlsym(library->file, function_name);

    if (address == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%.100s: defines no function %s()",
                           library->path, function_name);
    }
    memcpy(function, &address, sizeof(address));
    return NEURON_OK;
}

/* Asks the library for its program, checks it, and copies it. */
static enum neuron_status
take_program(struct neuron_custom_library *library, struct neuron_error *error)
{
    struct neuron_custom_failure failure = {.where = library->path, .function = function_name};
    neuron_custom_program_fn *function = NULL;
    enum neuron_status status = find_function(library, &function, error);

    if (status != NEURON_OK) {
        return status;
    }
    failure.error.status = NEURON_UNSUPPORTED_MODEL; /* unless it says better */
    const struct neuron_custom_program *program = function(library->config, &failure.error);

    if (program == NULL) {
        failure.status = failure.error.status;
        return neuron_custom_failure_report(&failure, error);
    }
    status = neuron_custom_program_check(program, &failure.error);
    if (status != NEURON_OK) {
        return NEURON_FAIL(error, status, "%.100s: %s", library->path, failure.error.text);
    }
    return copy_program(library, program, error);
}

enum neuron_status
neuron_custom_library_open(const char *path, const char *config,
                           struct neuron_custom_library **library, struct neuron_error *error)
{
    /* To the loader an empty path is the program itself. */
    if (path == NULL || path[0] == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the path of a custom program's library is empty: name a file");
    }
    struct neuron_custom_library *opened = calloc(1, sizeof(*opened));

    if (opened == NULL || !copy_text(config, &opened->config)) {
        free(opened);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%.100s: no memory to open it", path);
    }
    enum neuron_status status = load_file(opened, path, error);

    if (status == NEURON_OK) {
        status = take_program(opened, error);
    }
    if (status != NEURON_OK) {
        neuron_custom_library_close(opened);
        return status;
    }
    *library = opened;
    return NEURON_OK;
}

const struct neuron_custom_program *
neuron_custom_library_program(const struct neuron_custom_library *library)
{
    return &library->program;
}

const char *
neuron_custom_library_path(const struct neuron_custom_library *library)
{
    return library->path;
}

const char *
neuron_custom_library_config(const struct neuron_custom_library *library)
{
    return library->config;
}

void
neuron_custom_library_close(struct neuron_custom_library *library)
{
    if (library == NULL) {
        return;
    }
    if (library->file != NULL) {
        (void)dlclose(library->file);
    }
    free(library->inputs);
    free(library->outputs);
    free(library->name);
    free(library->program_config);
    free(library->config);
    free(library->path);
    free(library);
}
