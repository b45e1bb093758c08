/* SPDX-License-Identifier: Apache-2.0 */
/* From the names of a model's inputs and outputs to addresses that stay until the run is done. */
#include <stdlib.h>

#include "nrt/detour.h"
#include "nrt/input_dump.h"
#include "nrt/log.h"
#include "nrt/tensor_set.h"

static uint32_t
port_count(const struct nrt_model *model)
{
    return model->input_count + model->output_count;
}

/* Points the arrays of a binding at memory for the model's tensors. */
static bool
provide_arrays(const struct nrt_model *model, struct libnrt_binding *binding)
{
    uint32_t count = port_count(model);

    if (count <= LIBNRT_FEW) {
        binding->inputs = binding->few_addresses;
        binding->bound = binding->few_bound;
    } else {
        if (count > binding->many_count) {
            free(binding->many);
            binding->many = calloc(count, sizeof(struct libnrt_bound) + sizeof(void *));
            binding->many_count = binding->many == NULL ? 0 : count;
        }
        if (binding->many == NULL) {
            return false;
        }
        binding->bound = binding->many;
        binding->inputs = (void **)(void *)&binding->bound[binding->many_count];
    }
    binding->outputs = binding->inputs + model->input_count;
    return true;
}

/* Checks a tensor against the input or output that it is to be. */
static NRT_STATUS
check_tensor(struct libnrt_refusal *refusal, const struct nrt_model *model,
             const struct libnrt_port *port, const struct nrt_tensor *tensor)
{
    const struct libnrt_storage *storage = tensor->locked.storage;

    if (storage == NULL) {
        return libnrt_note(refusal, NRT_INVALID,
                           "tensor %s has no memory; attach a buffer to it first model=%u",
                           port->spec->name, model->id);
    }
    if (tensor->locked.size_bytes != port->size_bytes) {
        return libnrt_note(
            refusal, NRT_INVALID, "tensor %s has %zu bytes, and the model takes %zu model=%u",
            port->spec->name, tensor->locked.size_bytes, port->size_bytes, model->id);
    }
    if (storage->vnc >= 0 && !model->has_core[storage->vnc]) {
        return libnrt_note(refusal, NRT_INVALID,
                           "Tensor %s allocated on vnc %d must be allocated on same vnc as model "
                           "(%u) model=%u",
                           port->spec->name, storage->vnc, model->first_vnc, model->id);
    }
    return NRT_SUCCESS;
}

/* Finds the tensor of an input or output, and counts its use. */
static NRT_STATUS
bind_port(struct libnrt_refusal *refusal, const struct nrt_model *model,
          const struct libnrt_tensor_set *set, const struct libnrt_port *port, uint32_t *position,
          struct libnrt_bound *bound)
{
    const struct libnrt_set_entry *entry =
        libnrt_find_entry(set, port->spec->name, port->name_hash, position);

    if (entry == NULL) {
        return libnrt_note(refusal, NRT_INVALID, "the set has no tensor %s model=%u",
                           port->spec->name, model->id);
    }
    struct nrt_tensor *tensor = libnrt_entry_tensor(entry);
    if (tensor == NULL) {
        return libnrt_note(refusal, NRT_INVALID, "tensor %s of the set was freed model=%u",
                           port->spec->name, model->id);
    }
    NRT_STATUS status = check_tensor(refusal, model, port, tensor);
    if (status != NRT_SUCCESS) {
        return status;
    }
    bound->tensor = tensor;
    bound->serial = tensor->serial;
    bound->storage = tensor->locked.storage;
    bound->address = bound->storage->address + tensor->locked.offset;
    bound->storage->use_count += 1;
    return NRT_SUCCESS;
}

/* Counts a completion of each output that still lives; the lock is held. */
static void
count_completions(const struct libnrt_binding *binding)
{
    const struct nrt_model *model = binding->model;

    for (uint32_t i = model->input_count; i < port_count(model); i += 1) {
        struct nrt_tensor *tensor = binding->bound[i].tensor;

        if (libnrt_knows(tensor, LIBNRT_TENSOR) && tensor->serial == binding->bound[i].serial) {
            tensor->locked.completion_count += 1;
        }
    }
}

/* Counts the use of a model down; the lock is held. */
static void
drop_model(struct nrt_model *model)
{
    model->use_count -= 1;
    libnrt_announce_change();
}

void
libnrt_give_up_model(struct nrt_model *model)
{
    libnrt_lock();
    drop_model(model);
    libnrt_unlock();
}

/* Gives back what a binding keeps, but the model where `kept` is to receive it, and says of its
   outputs that they were written. */
static void
release(struct libnrt_binding *binding, bool is_written, struct nrt_model **kept)
{
    struct nrt_model *model = binding->model;
    uint32_t count = port_count(model);

    libnrt_lock();
    if (is_written) {
        count_completions(binding);
    }
    for (uint32_t i = 0; i < count; i += 1) {
        /* What is left is what has to be destroyed, without the lock. */
        binding->bound[i].storage = libnrt_drop_storage(binding->bound[i].storage);
    }
    if (kept == NULL) {
        drop_model(model);
    } else {
        *kept = model;
        libnrt_announce_change();
    }
    libnrt_unlock();
    for (uint32_t i = 0; i < count; i += 1) {
        libnrt_destroy_storage(binding->bound[i].storage);
    }
    free(binding->detour);
    binding->detour = NULL;
    binding->model = NULL;
}

void
libnrt_unbind(struct libnrt_binding *binding)
{
    release(binding, false, NULL);
}

/* Binds the tensors one after the other; `*bound_count` says how far it got. The lock is held. */
static NRT_STATUS
bind_ports(struct libnrt_refusal *refusal, const struct libnrt_tensor_set *input_set,
           const struct libnrt_tensor_set *output_set, struct libnrt_binding *binding,
           uint32_t *bound_count)
{
    const struct nrt_model *model = binding->model;
    NRT_STATUS status = NRT_SUCCESS;
    uint32_t position = 0;

    for (uint32_t i = 0; i < port_count(model); i += 1) {
        const struct libnrt_tensor_set *set = i < model->input_count ? input_set : output_set;

        position = i == model->input_count ? 0 : position;
        status = bind_port(refusal, model, set, &model->ports[i], &position, &binding->bound[i]);
        if (status != NRT_SUCCESS) {
            return status;
        }
        binding->inputs[i] = binding->bound[i].address;
        *bound_count += 1;
    }
    return NRT_SUCCESS;
}

/* Takes the model and all memory into use, or nothing. The lock is held. */
static NRT_STATUS
bind_handles(struct libnrt_refusal *refusal, nrt_model_t *model, const nrt_tensor_set_t *input_set,
             const nrt_tensor_set_t *output_set, struct libnrt_binding *binding)
{
    uint32_t bound_count = 0;

    if (!libnrt_knows(model, LIBNRT_MODEL)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE, "no live model has this handle");
    }
    if (!libnrt_knows(input_set, LIBNRT_TENSOR_SET) ||
        !libnrt_knows(output_set, LIBNRT_TENSOR_SET)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE,
                           "no live set has the handle of the inputs, or that of the outputs");
    }
    if (!provide_arrays(model, binding)) {
        return libnrt_note(refusal, NRT_RESOURCE, "out of memory for a run model=%u", model->id);
    }
    binding->model = model;
    NRT_STATUS status = bind_ports(refusal, input_set, output_set, binding, &bound_count);
    if (status == NRT_SUCCESS) {
        model->use_count += 1;
        return NRT_SUCCESS;
    }
    for (uint32_t i = 0; i < bound_count; i += 1) {
        binding->bound[i].storage->use_count -= 1; /* the tensor has it in use, too */
    }
    binding->model = NULL;
    return status;
}

NRT_STATUS
libnrt_bind(const char *call, nrt_model_t *model, const nrt_tensor_set_t *input_set,
            nrt_tensor_set_t *output_set, struct libnrt_binding *binding)
{
    struct libnrt_refusal refusal = {.status = NRT_SUCCESS};

    libnrt_lock();
    NRT_STATUS status = bind_handles(&refusal, model, input_set, output_set, binding);
    libnrt_unlock();
    (void)libnrt_refuse_noted(call, &refusal);
    if (status != NRT_SUCCESS) {
        neuron_runtime_count_refusal(libnrt_runtime(), status == NRT_RESOURCE
                                                           ? NEURON_OUT_OF_MEMORY
                                                           : NEURON_INVALID_ARGUMENT);
    } else {
        status = libnrt_detour_prepare(call, binding);
        if (status != NRT_SUCCESS) {
            libnrt_unbind(binding);
        }
    }
    return status;
}

NRT_STATUS
libnrt_finish(const char *call, struct libnrt_binding *binding, enum neuron_status status,
              const struct neuron_error *error, struct nrt_model **kept)
{
    const struct nrt_model *model = binding->model;
    NRT_STATUS ended = libnrt_run_status_of(status);

    if (status == NEURON_OK) {
        libnrt_log(LIBNRT_TRACE, call, "ran %s model=%u", neuron_model_name(model->model),
                   model->id);
    } else {
        (void)libnrt_refuse(ended, call, "%s model=%u", error->text, model->id);
    }
    /* Before inputs that overlap outputs are overwritten. */
    libnrt_input_dump(call, binding, ended);
    bool is_written = status == NEURON_OK || status == NEURON_NUMERICAL_ERROR;
    if (is_written) {
        libnrt_detour_leave(binding);
    }
    release(binding, is_written, kept);
    return ended;
}

void
libnrt_binding_dispose(struct libnrt_binding *binding)
{
    free(binding->many);
    binding->many = NULL;
    binding->many_count = 0;
}
