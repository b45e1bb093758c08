/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "score/row_source_body.h"

static enum neuron_status
load_from_npz(struct neuron_shared_input *shared, const struct neuron_tensor_spec *spec,
              struct neuron_error *error)
{
    const char *path = shared->files.paths[0];
    uint32_t index = 0;
    enum neuron_status status = neuron_npz_load(path, &shared->npz, error);

    if (status == NEURON_OK) {
        status = neuron_array_choose_member(shared->npz, path, shared->files.member, spec->name,
                                            &index, error);
    }
    return status == NEURON_OK ? neuron_npz_read(shared->npz, index, &shared->array, error)
                               : status;
}

enum neuron_status
neuron_shared_input_open(struct neuron_shared_input *shared,
                         const struct neuron_row_source_plan *plan, struct neuron_error *error)
{
    const struct neuron_tensor_spec *spec = &plan->inputs[shared->input];
    const char *path = shared->files.paths[0];
    char actual[80] = "";
    char expected[80] = "";

    if (shared->files.count != 1 || neuron_input_kind_is_text(shared->files.kind)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: input %.40s of %.60s is shared by all rows; give one npy or npz "
                           "file for it",
                           shared->files.path, spec->name, plan->model_path);
    }
    if (stat(path, &shared->status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", path,
                           strerrordesc_np(errno));
    }
    enum neuron_status status = shared->files.kind == NEURON_INPUT_NPZ
                                    ? load_from_npz(shared, spec, error)
                                    : neuron_npy_array_load(path, &shared->array, error);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_tensor_view view = neuron_npy_array_view(shared->array);
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&view);
    if (!neuron_tensor_shape_equals(&shape, &spec->shape)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is %s, but input %.40s of %.60s, which all rows share, is %s; save "
                           "it like that",
                           path, neuron_tensor_shape_format(&shape, actual, sizeof(actual)),
                           spec->name, plan->model_path,
                           neuron_tensor_shape_format(&spec->shape, expected, sizeof(expected)));
    }
    return NEURON_OK;
}

void
neuron_shared_input_destroy(struct neuron_shared_input *shared)
{
    neuron_npy_array_destroy(shared->array);
    neuron_npz_destroy(shared->npz);
    neuron_input_files_destroy(&shared->files);
    *shared = (struct neuron_shared_input){0};
}
