/* SPDX-License-Identifier: Apache-2.0 */
#include "score/output_layout.h"

#include <stdlib.h>
#include <string.h>

#include "score/output_files.h"

enum { ALIGNMENT_BYTES = 64 };

/* What all parts of a file are below, so that no sum of them overflows. */
static const uint64_t size_limit = (uint64_t)INT64_MAX / 4;

bool
neuron_output_kind_is_dense(enum neuron_output_kind kind)
{
    return kind == NEURON_OUTPUT_NPY || kind == NEURON_OUTPUT_NPZ;
}

/* Finds the size of a row, and the shape of all of them. */
static enum neuron_status
measure_rows(const struct neuron_output_plan *plan, uint32_t output,
             struct neuron_output_place *place, struct neuron_error *error)
{
    const struct neuron_tensor_spec *spec = &plan->outputs[output];
    struct neuron_tensor_shape row = spec->shape;
    uint64_t bytes = 0;

    if (row.rank == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "output %.60s of %s has no rows; compile the model with a batch",
                           spec->name, plan->model_path);
    }
    row.dims[0] = 1;
    if (!neuron_tensor_shape_element_count(&row, &place->row_values)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "output %.60s of %s has no valid shape",
                           spec->name, plan->model_path);
    }
    place->row_bytes = place->row_values * neuron_type_size_bytes(row.type);
    if (plan->rows > (uint64_t)INT64_MAX ||
        __builtin_mul_overflow(plan->rows, (uint64_t)place->row_bytes, &bytes) ||
        bytes > size_limit) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "output %.60s would be larger than any file; score fewer rows",
                           spec->name);
    }
    place->shape = row;
    place->shape.dims[0] = (int64_t)plan->rows;
    return NEURON_OK;
}

static uint64_t
payload_bytes(const struct neuron_output_place *place)
{
    return (uint64_t)place->shape.dims[0] * place->row_bytes;
}

static enum neuron_status
place_npy(struct neuron_output_file *file, struct neuron_output_place *places,
          struct neuron_error *error)
{
    struct neuron_output_place *place = &places[file->outputs[0]];
    enum neuron_status status =
        neuron_npy_format(&place->shape, file->header, &file->header_bytes, error);

    place->offset = file->header_bytes;
    file->size_bytes = place->offset + payload_bytes(place);
    return status;
}

static enum neuron_status
place_npz(const struct neuron_output_plan *plan, struct neuron_output_file *file,
          struct neuron_output_place *places, struct neuron_error *error)
{
    struct neuron_npz_member *members = calloc((size_t)file->output_count + 1, sizeof(*members));

    if (members == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
    }
    for (uint32_t i = 0; i < file->output_count; i += 1) {
        members[i] = (struct neuron_npz_member){.name = plan->outputs[file->outputs[i]].name,
                                                .shape = places[file->outputs[i]].shape};
    }
    enum neuron_status status =
        neuron_npz_layout_create(members, file->output_count, &file->npz, error);
    free(members);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < file->output_count; i += 1) {
        places[file->outputs[i]].offset = neuron_npz_layout_payload_offset(file->npz, i);
    }
    file->size_bytes = neuron_npz_layout_size_bytes(file->npz);
    return NEURON_OK;
}

/* One output behind the other. */
static enum neuron_status
place_text(struct neuron_output_file *file, struct neuron_output_place *places,
           struct neuron_error *error)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < file->output_count; i += 1) {
        struct neuron_output_place *place = &places[file->outputs[i]];

        place->offset = (end + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        end = place->offset + payload_bytes(place);
        if (end > size_limit) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s would be larger than any file; score fewer rows", file->path);
        }
    }
    file->size_bytes = end;
    return NEURON_OK;
}

/* Places the outputs of a file in it. */
static enum neuron_status
place_file(const struct neuron_output_plan *plan, struct neuron_output_layout *layout,
           uint32_t index, struct neuron_error *error)
{
    struct neuron_output_file *file = &layout->files[index];

    for (uint32_t i = 0; i < file->output_count; i += 1) {
        layout->places[file->outputs[i]].file = index;
        layout->places[file->outputs[i]].member = i;
    }
    if (file->kind == NEURON_OUTPUT_NPY) {
        return place_npy(file, layout->places, error);
    }
    return file->kind == NEURON_OUTPUT_NPZ ? place_npz(plan, file, layout->places, error)
                                           : place_text(file, layout->places, error);
}

static enum neuron_status
place_all(const struct neuron_output_plan *plan, struct neuron_output_layout *layout,
          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < plan->output_count; i += 1) {
        status = measure_rows(plan, i, &layout->places[i], error);
        if (__builtin_add_overflow(layout->row_bytes, layout->places[i].row_bytes,
                                   &layout->row_bytes)) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "the rows of %s are larger than memory", plan->model_path);
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < layout->file_count; i += 1) {
        status = place_file(plan, layout, i, error);
        if (__builtin_add_overflow(layout->size_bytes, layout->files[i].size_bytes,
                                   &layout->size_bytes)) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "the outputs are larger than any disk; score fewer rows");
        }
    }
    return status;
}

enum neuron_status
neuron_output_layout_create(const struct neuron_output_plan *plan,
                            struct neuron_output_layout *layout, struct neuron_error *error)
{
    *layout = (struct neuron_output_layout){.output_count = plan->output_count};
    enum neuron_status status = neuron_output_files_choose(plan, layout, error);

    if (status == NEURON_OK) {
        layout->places = calloc(plan->output_count, sizeof(*layout->places));
        if (layout->places == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
        }
    }
    if (status == NEURON_OK) {
        status = place_all(plan, layout, error);
    }
    if (status != NEURON_OK) {
        neuron_output_layout_destroy(layout);
    }
    return status;
}

uint32_t
neuron_output_frame_count(const struct neuron_output_file *file)
{
    if (file->kind == NEURON_OUTPUT_NPZ) {
        return file->output_count + 1;
    }
    return file->kind == NEURON_OUTPUT_NPY ? 1 : 0;
}

struct neuron_npz_frame
neuron_output_frame(const struct neuron_output_file *file, uint32_t frame)
{
    if (file->kind == NEURON_OUTPUT_NPY) {
        return (struct neuron_npz_frame){.bytes = file->header, .size_bytes = file->header_bytes};
    }
    return frame == file->output_count ? neuron_npz_layout_directory(file->npz)
                                       : neuron_npz_layout_head(file->npz, frame);
}

void
neuron_output_layout_destroy(struct neuron_output_layout *layout)
{
    for (uint32_t i = 0; i < layout->file_count; i += 1) {
        struct neuron_output_file *file = &layout->files[i];

        free(file->path);
        free(file->part_path);
        free(file->text_path);
        free(file->outputs);
        neuron_npz_layout_destroy(file->npz);
    }
    free(layout->files);
    free(layout->places);
    *layout = (struct neuron_output_layout){0};
}
