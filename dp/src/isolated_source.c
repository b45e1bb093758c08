/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/core_set.h"
#include "neuron/model_weights.h"
#include "neuron/process_mark.h"

#include "executor_path.h"
#include "program_digest.h"

struct neuron_isolated_source {
    const struct neuron_runtime *runtime;
    const struct neuron_model *model;            /* NULL for a custom program */
    const struct neuron_custom_program *program; /* NULL for a model */
    int model_file;                              /* -1 for a custom program */
    char *library_path;                          /* NULL for a model */
    char *config;                                /* of the library; NULL for none */
    struct neuron_process_mark *process;
    char executor_path[PATH_MAX];
};

/* Copies a text, or NULL. */
static enum neuron_status
copy_text(const char *text, char **copy, struct neuron_error *error)
{
    *copy = text == NULL ? NULL : strdup(text);
    if (text != NULL && *copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for isolated executors");
    }
    return NEURON_OK;
}

static enum neuron_status
create_empty(const struct neuron_runtime *runtime, const char *executor_path,
             struct neuron_isolated_source **source, struct neuron_error *error)
{
    struct neuron_isolated_source *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for isolated executors");
    }
    created->runtime = runtime;
    created->model_file = -1;
    enum neuron_status status = neuron_process_mark_create(&created->process, error);
    if (status == NEURON_OK) {
        status = neuron_executor_path_find(executor_path, created->executor_path, error);
    }
    if (status != NEURON_OK) {
        neuron_isolated_source_destroy(created);
        return status;
    }
    *source = created;
    return NEURON_OK;
}

/* Makes the file that children read the model from. */
static enum neuron_status
copy_model(struct neuron_isolated_source *source, struct neuron_error *error)
{
    enum neuron_status status = neuron_model_check_weights(source->model, error);

    if (status != NEURON_OK) {
        return status;
    }
    source->model_file = memfd_create("neuron-model", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (source->model_file < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make a file in memory: %s",
                           strerrordesc_np(errno));
    }
    status = neuron_model_write(source->model, source->model_file, error);
    if (status == NEURON_OK &&
        fcntl(source->model_file, F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot seal the copy of a model: %s",
                           strerrordesc_np(errno));
    }
    return status;
}

enum neuron_status
neuron_isolated_source_create(const struct neuron_runtime *runtime,
                              const struct neuron_model *model, const char *executor_path,
                              struct neuron_isolated_source **source, struct neuron_error *error)
{
    struct neuron_isolated_source *created = NULL;
    enum neuron_status status = create_empty(runtime, executor_path, &created, error);

    if (status != NEURON_OK) {
        return status;
    }
    created->model = model;
    status = copy_model(created, error);
    if (status != NEURON_OK) {
        neuron_isolated_source_destroy(created);
        return status;
    }
    *source = created;
    return NEURON_OK;
}

/* Copies what names a library. A file is found again from whatever folder the process is in. */
static enum neuron_status
name_library(struct neuron_isolated_source *source, const struct neuron_isolated_library *library,
             struct neuron_error *error)
{
    bool is_file = strchr(library->path, '/') != NULL;

    source->library_path = is_file ? realpath(library->path, NULL) : strdup(library->path);
    if (source->library_path == NULL) {
        return NEURON_FAIL(error, errno == ENOMEM ? NEURON_OUT_OF_MEMORY : NEURON_SYSTEM,
                           "cannot find the library %.120s: %s", library->path,
                           strerrordesc_np(errno));
    }
    if (strlen(source->library_path) >= PATH_MAX) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the path of the library %.60s... is too long", library->path);
    }
    return copy_text(library->config, &source->config, error);
}

enum neuron_status
neuron_isolated_source_create_custom(const struct neuron_runtime *runtime,
                                     const struct neuron_isolated_library *library,
                                     const char *executor_path,
                                     struct neuron_isolated_source **source,
                                     struct neuron_error *error)
{
    struct neuron_isolated_source *created = NULL;

    if (library->path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the custom program %.60s is part of this one, and cannot run in "
                           "another process; open it from a shared library, or run without "
                           "isolation",
                           library->program->name);
    }
    enum neuron_status status = create_empty(runtime, executor_path, &created, error);
    if (status != NEURON_OK) {
        return status;
    }
    created->program = library->program;
    status = name_library(created, library, error);
    if (status != NEURON_OK) {
        neuron_isolated_source_destroy(created);
        return status;
    }
    *source = created;
    return NEURON_OK;
}

enum neuron_status
neuron_isolated_source_check_process(const struct neuron_isolated_source *source,
                                     struct neuron_error *error)
{
    if (!neuron_process_mark_is_own(source->process)) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "the isolated executors are those of the parent of this forked process; "
                           "make a runtime here");
    }
    return NEURON_OK;
}

const struct neuron_runtime *
neuron_isolated_source_runtime(const struct neuron_isolated_source *source)
{
    return source->runtime;
}

const char *
neuron_isolated_source_executor_path(const struct neuron_isolated_source *source)
{
    return source->executor_path;
}

uint32_t
neuron_isolated_source_core_count(const struct neuron_isolated_source *source)
{
    return source->model == NULL ? 1 : neuron_model_core_count(source->model);
}

int64_t
neuron_isolated_source_limit_rows(const struct neuron_isolated_source *source, int64_t rows)
{
    uint32_t limit = source->program == NULL ? 0 : source->program->row_limit;

    return limit != 0 && rows > limit ? limit : rows;
}

bool
neuron_isolated_source_pads(const struct neuron_isolated_source *source)
{
    return source->model != NULL;
}

int
neuron_isolated_source_model_file(const struct neuron_isolated_source *source)
{
    return source->model_file;
}

enum neuron_status
neuron_isolated_source_list_tensors(const struct neuron_isolated_source *source, int64_t rows,
                                    struct neuron_isolated_tensors *tensors,
                                    struct neuron_error *error)
{
    *tensors = (struct neuron_isolated_tensors){0};
    return source->model != NULL
               ? neuron_isolated_tensors_of_model(source->model, tensors, error)
               : neuron_isolated_tensors_of_program(source->program, rows, tensors, error);
}

/* Names the cores of a child. */
static enum neuron_status
format_cores(const struct neuron_isolated_source *source, uint32_t nc,
             struct neuron_isolated_setup *setup, struct neuron_error *error)
{
    const struct neuron_core_set *owned = neuron_runtime_cores(source->runtime);
    uint32_t count = neuron_isolated_source_core_count(source);
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = neuron_core_set_add(cores, neuron_core_set_at(owned, nc + i), error);
    }
    if (status == NEURON_OK) {
        (void)neuron_core_set_format(cores, setup->cores, sizeof(setup->cores));
    }
    neuron_core_set_destroy(cores);
    return status;
}

/* Fills in all but the cores. */
static void
fill_setup(const struct neuron_isolated_source *source, uint32_t nc, int64_t rows,
           struct neuron_isolated_setup *setup)
{
    neuron_runtime_lend(source->runtime, &setup->options);
    setup->subject = source->model != NULL ? NEURON_ISOLATED_MODEL : NEURON_ISOLATED_LIBRARY;
    setup->parent_pid = (int32_t)getpid();
    setup->nc = nc;
    setup->core = neuron_core_set_at(neuron_runtime_cores(source->runtime), nc);
    setup->run_rows = rows;
    (void)snprintf(setup->lease_folder, sizeof(setup->lease_folder), "%s",
                   setup->options.lease.directory);
    (void)snprintf(setup->tag, sizeof(setup->tag), "%s", setup->options.process_tag);
    if (source->program != NULL) {
        setup->program_digest = neuron_program_digest(source->program);
        (void)snprintf(setup->library, sizeof(setup->library), "%s", source->library_path);
    }
}

enum neuron_status
neuron_isolated_source_write_setup(const struct neuron_isolated_source *source, uint32_t nc,
                                   int64_t rows, const char *address, int *descriptor,
                                   struct neuron_error *error)
{
    struct neuron_isolated_setup *setup = calloc(1, sizeof(*setup));

    if (setup == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a setup");
    }
    fill_setup(source, nc, rows, setup);
    (void)snprintf(setup->address, sizeof(setup->address), "%s", address);
    enum neuron_status status = format_cores(source, nc, setup, error);
    if (status == NEURON_OK) {
        status = neuron_isolated_setup_write(setup, source->config, descriptor, error);
    }
    free(setup);
    return status;
}

void
neuron_isolated_source_destroy(struct neuron_isolated_source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->model_file >= 0) {
        (void)close(source->model_file);
    }
    free(source->library_path);
    free(source->config);
    neuron_process_mark_destroy(source->process);
    free(source);
}
