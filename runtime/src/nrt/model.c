/* SPDX-License-Identifier: Apache-2.0 */
/* Models: loaded to cores, and unloaded. */
#include <stdatomic.h>
#include <stdlib.h>

#include "nrt/log.h"
#include "nrt/objects.h"
#include "nrt/shared_model.h"
#include "nrt/tensor_set.h"

enum { AUTOMATIC = -1 };

/* What a program asks for. */
struct load {
    const char *call;
    const void *neff_bytes;
    size_t size_bytes;
    int32_t vnc;
    int32_t vnc_count;
};

/* Checks what can be said without the model. */
static NRT_STATUS
check_load(const struct load *load, nrt_model_t *const *model)
{
    if (load->neff_bytes == NULL || load->size_bytes == 0 || model == NULL) {
        return libnrt_refuse(NRT_INVALID, load->call, "%s",
                             model == NULL ? "model is NULL" : "there are no neff_bytes");
    }
    NRT_STATUS status =
        load->vnc == AUTOMATIC ? NRT_SUCCESS : libnrt_check_vnc(load->call, load->vnc);
    if (status != NRT_SUCCESS) {
        return status;
    }
    if (load->vnc_count == 0 || load->vnc_count < AUTOMATIC) {
        return libnrt_refuse(NRT_INVALID, load->call,
                             "vnc_count is %d; give -1 for one replica, or a number of cores",
                             load->vnc_count);
    }
    return NRT_SUCCESS;
}

/* Checks that there are as many cores as the load, and the model, take. */
static NRT_STATUS
check_core_count(const struct load *load, const struct neuron_model *model)
{
    uint32_t core_count = neuron_runtime_core_count(libnrt_runtime());
    uint32_t taken = neuron_model_core_count(model);
    uint32_t wanted = load->vnc_count == AUTOMATIC ? taken : (uint32_t)load->vnc_count;
    uint32_t first = load->vnc == AUTOMATIC ? 0 : (uint32_t)load->vnc;

    if (wanted < taken) {
        return libnrt_refuse(NRT_LOAD_NOT_ENOUGH_NC, load->call,
                             "vnc_count is %u, and the model %s takes %u cores", wanted,
                             neuron_model_name(model), taken);
    }
    if (wanted > core_count - first) {
        return libnrt_refuse(NRT_LOAD_NOT_ENOUGH_NC, load->call,
                             "%u cores from vnc %u on are asked for, and the process owns %u in "
                             "all; see NEURON_RT_NUM_CORES",
                             wanted, first, core_count);
    }
    return NRT_SUCCESS;
}

/* Describes the inputs and outputs, for the runs to come. */
static bool
describe_ports(struct nrt_model *model)
{
    uint32_t count = model->input_count + model->output_count;

    model->ports = calloc((size_t)count + 1, sizeof(model->ports[0]));
    model->views = calloc((size_t)count + 1, sizeof(model->views[0]));
    if (model->ports == NULL || model->views == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec =
            i < model->input_count ? neuron_model_input(model->model, i)
                                   : neuron_model_output(model->model, i - model->input_count);

        model->ports[i] =
            (struct libnrt_port){.spec = spec,
                                 .size_bytes = neuron_tensor_shape_size_bytes(&spec->shape),
                                 .name_hash = libnrt_hash_name(spec->name)};
        model->views[i] = neuron_tensor_view_of(&spec->shape, NULL);
    }
    return true;
}

/* Notes on which cores the replicas are. */
static bool
describe_cores(struct nrt_model *model)
{
    model->replica_count = neuron_module_replica_count(model->module);
    model->replica_core_count = neuron_model_core_count(model->model);
    model->first_vnc = neuron_module_replica_core(model->module, 0);
    model->has_core = calloc(neuron_runtime_core_count(libnrt_runtime()), sizeof(bool));
    if (model->has_core == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < model->replica_count; i += 1) {
        uint32_t first = neuron_module_replica_core(model->module, i);

        for (uint32_t core = 0; core < model->replica_core_count; core += 1) {
            model->has_core[first + core] = true;
        }
    }
    return true;
}

/* Loads the model to cores, in a handle that is filled as far as it gets. */
static NRT_STATUS
place_model(const struct load *load, struct nrt_model *model)
{
    static _Atomic uint32_t last_id;
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = load->vnc, .nc_count = load->vnc_count};
    struct neuron_error error = {.text = ""};

    NRT_STATUS status = check_core_count(load, model->model);
    if (status != NRT_SUCCESS) {
        return status;
    }
    enum neuron_status created =
        neuron_module_create(libnrt_runtime(), model->model, &placement, &model->module, &error);
    if (created != NEURON_OK) {
        return libnrt_refuse(libnrt_status_of(created), load->call, "%s", error.text);
    }
    model->id = atomic_fetch_add(&last_id, 1) + 1;
    model->input_count = neuron_model_input_count(model->model);
    model->output_count = neuron_model_output_count(model->model);
    if (!describe_ports(model) || !describe_cores(model)) {
        return libnrt_refuse(NRT_RESOURCE, load->call, "out of memory for a model");
    }
    return NRT_SUCCESS;
}

/*
 * Says that a model is loaded, and makes its handle live. That comes last: a program that unloads a
 * handle twice may hit this one, whose address another model had before, as soon as it is live.
 */
static NRT_STATUS
publish_model(const struct load *load, const struct nrt_model *model)
{
    struct neuron_error lack = {.text = ""};

    libnrt_log(LIBNRT_INFO, load->call, "loaded %s model=%u vnc=%u replicas=%u bytes=%zu",
               neuron_model_name(model->model), model->id, model->first_vnc, model->replica_count,
               load->size_bytes);
    if (neuron_model_check_machine(model->model, &lack) != NEURON_OK) {
        libnrt_log(LIBNRT_WARN, load->call, "%s: %s", neuron_model_name(model->model), lack.text);
    }
    return libnrt_register(model, LIBNRT_MODEL)
               ? NRT_SUCCESS
               : libnrt_refuse(NRT_RESOURCE, load->call, "out of memory for a model");
}

static NRT_STATUS
load_model(const struct load *load, nrt_model_t **model)
{
    struct neuron_error error = {.text = ""};
    NRT_STATUS status = check_load(load, model);

    if (status != NRT_SUCCESS) {
        return status;
    }
    struct nrt_model *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return libnrt_refuse(NRT_RESOURCE, load->call, "out of memory for a model");
    }
    enum neuron_status opened =
        libnrt_shared_model_open(load->neff_bytes, load->size_bytes, &created->shared, &error);
    if (opened != NEURON_OK) {
        free(created);
        return libnrt_refuse(libnrt_status_of(opened), load->call, "%s", error.text);
    }
    created->model = libnrt_shared_model_of(created->shared);
    status = place_model(load, created);
    if (status == NRT_SUCCESS) {
        status = publish_model(load, created);
    }
    if (status != NRT_SUCCESS) {
        libnrt_model_destroy(created);
        return status;
    }
    *model = created;
    return NRT_SUCCESS;
}

static NRT_STATUS
enter_and_load(const struct load *load, nrt_model_t **model)
{
    NRT_STATUS status = libnrt_enter(load->call);

    if (status == NRT_SUCCESS) {
        status = load_model(load, model);
        libnrt_leave();
    }
    return status;
}

NRT_STATUS
nrt_load(const void *neff_bytes, size_t size, int32_t vnc, int32_t vnc_count, nrt_model_t **model)
{
    const struct load load = {.call = "nrt_load",
                              .neff_bytes = neff_bytes,
                              .size_bytes = size,
                              .vnc = vnc,
                              .vnc_count = vnc_count};

    return enter_and_load(&load, model);
}

/* Checks that a model of several that work together has none to work with. */
static NRT_STATUS
check_participants(const char *call, uint32_t device_id, uint32_t device_count)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    libnrt_leave();
    if (device_id >= device_count) {
        return libnrt_refuse(NRT_INVALID, call, "there is no device %u of %u", device_id,
                             device_count);
    }
    if (device_count > 1) {
        return libnrt_refuse(NRT_RESOURCE, call,
                             "there is no such hardware: CPU cores have no collective operations, "
                             "and this model is one of %u that work together",
                             device_count);
    }
    return NRT_SUCCESS;
}

/* Seven parameters: the signature is the interface's. */
NRT_STATUS /* NOLINTNEXTLINE(readability-function-size) */
nrt_load_collectives(const void *neff_bytes, size_t size, int32_t vnc, int32_t vnc_count,
                     uint32_t ctx_device_id, uint32_t ctx_device_count, nrt_model_t **model)
{
    const struct load load = {.call = "nrt_load_collectives",
                              .neff_bytes = neff_bytes,
                              .size_bytes = size,
                              .vnc = vnc,
                              .vnc_count = vnc_count};
    NRT_STATUS status = check_participants(load.call, ctx_device_id, ctx_device_count);

    return status == NRT_SUCCESS ? enter_and_load(&load, model) : status;
}

void
libnrt_model_destroy(struct nrt_model *model)
{
    neuron_module_destroy(model->module);
    libnrt_shared_model_drop(model->shared);
    free(model->ports);
    free(model->views);
    free(model->has_core);
    free(model);
}

NRT_STATUS
nrt_unload(nrt_model_t *model)
{
    static const char call[] = "nrt_unload";
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    libnrt_lock();
    bool was_live = libnrt_forget(model, LIBNRT_MODEL);
    while (was_live && model->use_count > 0) {
        libnrt_wait_for_change(UINT64_MAX);
    }
    libnrt_unlock();
    if (!was_live) {
        status = libnrt_refuse(NRT_INVALID_HANDLE, call, "no live model has this handle");
    } else {
        libnrt_log(LIBNRT_INFO, call, "unloaded %s model=%u", neuron_model_name(model->model),
                   model->id);
        libnrt_model_destroy(model);
    }
    libnrt_leave();
    return status;
}
