/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/detour.h"

#include <stdlib.h>
#include <string.h>

enum { DETOUR_ALIGNMENT = 64 };

static uint32_t
port_count(const struct nrt_model *model)
{
    return model->input_count + model->output_count;
}

static bool
overlaps(const struct libnrt_binding *binding, uint32_t left, uint32_t right)
{
    const struct libnrt_port *ports = binding->model->ports;
    uintptr_t left_begin = (uintptr_t)binding->bound[left].address;
    uintptr_t right_begin = (uintptr_t)binding->bound[right].address;

    if (ports[left].size_bytes == 0 || ports[right].size_bytes == 0) {
        return false;
    }
    return left_begin < right_begin + ports[right].size_bytes &&
           right_begin < left_begin + ports[left].size_bytes;
}

/* Says whether an output overlaps one of the tensors from `first` to before `end`. */
static bool
overlaps_any(const struct libnrt_binding *binding, uint32_t output, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i += 1) {
        if (overlaps(binding, output, i)) {
            return true;
        }
    }
    return false;
}

static size_t
detour_size(size_t size_bytes)
{
    return (size_bytes / DETOUR_ALIGNMENT + 1) * DETOUR_ALIGNMENT;
}

/* Says whether a tensor does not begin at a multiple of the size of its elements. */
static bool
is_misaligned(const struct libnrt_binding *binding, uint32_t port)
{
    enum neuron_type type = binding->model->ports[port].spec->shape.type;

    return (uintptr_t)binding->bound[port].address % neuron_type_size_bytes(type) != 0;
}

/* Takes the addresses of tensors away that a run cannot use, and sums up their sizes. */
static NRT_STATUS
find_detours(const char *call, const struct libnrt_binding *binding, size_t *size_bytes)
{
    const struct nrt_model *model = binding->model;

    for (uint32_t i = 0; i < port_count(model); i += 1) {
        bool is_output = i >= model->input_count;

        if (is_output && overlaps_any(binding, i, i + 1, port_count(model))) {
            return libnrt_refuse(NRT_INVALID, call,
                                 "tensor %s overlaps another output of the run model=%u",
                                 model->ports[i].spec->name, model->id);
        }
        if (is_misaligned(binding, i) ||
            (is_output && overlaps_any(binding, i, 0, model->input_count))) {
            binding->inputs[i] = NULL; /* the outputs follow in the same array */
            *size_bytes += detour_size(model->ports[i].size_bytes);
        }
    }
    return NRT_SUCCESS;
}

NRT_STATUS
libnrt_detour_prepare(const char *call, struct libnrt_binding *binding)
{
    const struct nrt_model *model = binding->model;
    size_t size_bytes = 0;
    NRT_STATUS status = find_detours(call, binding, &size_bytes);

    if (status != NRT_SUCCESS || size_bytes == 0) {
        return status;
    }
    binding->detour = aligned_alloc(DETOUR_ALIGNMENT, size_bytes);
    if (binding->detour == NULL) {
        return libnrt_refuse(NRT_RESOURCE, call,
                             "out of memory for tensors that are not aligned, or outputs that "
                             "overlap inputs model=%u",
                             model->id);
    }
    unsigned char *place = binding->detour;
    for (uint32_t i = 0; i < port_count(model); i += 1) {
        if (binding->inputs[i] == NULL) {
            binding->inputs[i] = place;
            place += detour_size(model->ports[i].size_bytes);
        }
    }
    return NRT_SUCCESS;
}

void
libnrt_detour_enter(const struct libnrt_binding *binding)
{
    const struct nrt_model *model = binding->model;

    for (uint32_t i = 0; binding->detour != NULL && i < model->input_count; i += 1) {
        if (binding->inputs[i] != (void *)binding->bound[i].address) {
            memcpy(binding->inputs[i], binding->bound[i].address, model->ports[i].size_bytes);
        }
    }
}

void
libnrt_detour_leave(const struct libnrt_binding *binding)
{
    const struct nrt_model *model = binding->model;

    for (uint32_t i = 0; binding->detour != NULL && i < model->output_count; i += 1) {
        uint32_t output = model->input_count + i;
        unsigned char *address = binding->bound[output].address;

        if (binding->outputs[i] != (void *)address) {
            memcpy(address, binding->outputs[i], model->ports[output].size_bytes);
        }
    }
}
