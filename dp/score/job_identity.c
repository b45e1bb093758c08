/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_identity.h"

#include <stdio.h>
#include <string.h>

/* The folder does not matter: it may be mounted elsewhere next time. */
static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static enum neuron_status
add_tensors(const struct neuron_job_files *files, struct neuron_error *error)
{
    const struct neuron_tensor_spec *specs = neuron_scored_program_outputs(files->program);
    uint32_t count = neuron_scored_program_output_count(files->program);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        char key[32] = "";
        char shape[128] = "";

        (void)snprintf(key, sizeof(key), "output %u", i);
        status = neuron_job_fingerprint_add(
            files->fingerprint, key, error, "%s %s", specs[i].name,
            neuron_tensor_shape_format(&specs[i].shape, shape, sizeof(shape)));
    }
    return status;
}

static enum neuron_status
add_files(const struct neuron_job_files *files, struct neuron_error *error)
{
    const struct neuron_named_list *outputs = &files->options->outputs;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < outputs->count; i += 1) {
        const struct neuron_named_text *output = &outputs->items[i];
        char key[32] = "";

        (void)snprintf(key, sizeof(key), "file %u", i);
        status = neuron_job_fingerprint_add(
            files->fingerprint, key, error, "%s%s%s", output->name == NULL ? "" : output->name,
            output->name == NULL ? "" : "=", name_of(output->value));
    }
    return status;
}

static enum neuron_status
add_failures(const struct neuron_job_files *files, struct neuron_error *error)
{
    const struct neuron_score_options *options = files->options;
    enum neuron_status status =
        neuron_job_fingerprint_add(files->fingerprint, "nan", error, "%s",
                                   options->nan == NEURON_NAN_IS_ALLOWED ? "allowed" : "an error");

    if (status == NEURON_OK && options->has_fill) {
        status =
            neuron_job_fingerprint_add(files->fingerprint, "fill", error, "%.17g", options->fill);
    }
    return status;
}

static enum neuron_status
add_columns(const struct neuron_job_files *files, struct neuron_error *error)
{
    const struct neuron_score_options *options = files->options;
    enum neuron_status status = NEURON_OK;

    if (options->join_key != NULL) {
        status = neuron_job_fingerprint_add(files->fingerprint, "join key", error, "%s",
                                            options->join_key);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < options->passthrough_count; i += 1) {
        char key[32] = "";

        (void)snprintf(key, sizeof(key), "passthrough %u", i);
        status = neuron_job_fingerprint_add(files->fingerprint, key, error, "%s",
                                            options->passthrough[i]);
    }
    return status;
}

enum neuron_status
neuron_job_identify_outputs(const struct neuron_job_files *files, struct neuron_error *error)
{
    enum neuron_status status = neuron_job_fingerprint_add(
        files->fingerprint, "rows", error, "%llu from %llu on", (unsigned long long)files->rows,
        (unsigned long long)files->options->first_row);

    if (status == NEURON_OK) {
        status = add_tensors(files, error);
    }
    if (status == NEURON_OK) {
        status = add_files(files, error);
    }
    if (status == NEURON_OK) {
        status = add_failures(files, error);
    }
    return status == NEURON_OK ? add_columns(files, error) : status;
}
