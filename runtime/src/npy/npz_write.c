/* SPDX-License-Identifier: Apache-2.0 */
#include "npy/npz_file.h"

#include <stdlib.h>

#include "neuron/npz_layout.h"

static enum neuron_status
write_frame(const struct neuron_whole_file *file, const struct neuron_npz_frame *frame,
            struct neuron_error *error)
{
    return neuron_whole_file_write(file, frame->bytes, frame->size_bytes, frame->offset, error);
}

/* Writes an array, and what stands before it. */
static enum neuron_status
write_member(const struct neuron_whole_file *file, struct neuron_npz_layout *layout, uint32_t index,
             const struct neuron_tensor_view *tensor, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(tensor);
    size_t payload_bytes = neuron_tensor_shape_size_bytes(&shape);

    if (payload_bytes > 0) {
        neuron_npz_layout_set_checksum(layout, index,
                                       neuron_npz_checksum(0, tensor->data, payload_bytes));
    }
    struct neuron_npz_frame head = neuron_npz_layout_head(layout, index);
    enum neuron_status status = write_frame(file, &head, error);
    return status == NEURON_OK
               ? neuron_whole_file_write(file, tensor->data, payload_bytes,
                                         neuron_npz_layout_payload_offset(layout, index), error)
               : status;
}

static enum neuron_status
write_all(const struct neuron_whole_file *file, struct neuron_npz_layout *layout,
          const struct neuron_npz_entry *entries, uint32_t count, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = write_member(file, layout, i, &entries[i].tensor, error);
    }
    if (status == NEURON_OK) {
        struct neuron_npz_frame directory = neuron_npz_layout_directory(layout);

        status = write_frame(file, &directory, error);
    }
    return status;
}

enum neuron_status
neuron_npz_write(const struct neuron_npz_entry *entries, uint32_t count,
                 struct neuron_whole_file *file, struct neuron_error *error)
{
    struct neuron_npz_member *members = calloc((size_t)count + 1, sizeof(*members));
    struct neuron_npz_layout *layout = NULL;

    if (members == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %s", file->path);
    }
    for (uint32_t i = 0; i < count; i += 1) {
        members[i] = (struct neuron_npz_member){
            .name = entries[i].name, .shape = neuron_tensor_view_shape(&entries[i].tensor)};
    }
    enum neuron_status status = neuron_npz_layout_create(members, count, &layout, error);
    if (status == NEURON_OK) {
        status = write_all(file, layout, entries, count, error);
    }
    neuron_npz_layout_destroy(layout);
    free(members);
    return status == NEURON_OK ? neuron_whole_file_settle(file, error) : status;
}

enum neuron_status
neuron_npz_save(const struct neuron_npz_entry *entries, uint32_t count, const char *path,
                struct neuron_error *error)
{
    struct neuron_whole_file file = {0};
    enum neuron_status status = neuron_whole_file_open(&file, path, error);

    if (status == NEURON_OK) {
        status = neuron_npz_write(entries, count, &file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&file, error);
    }
    neuron_whole_file_close(&file);
    return status;
}
