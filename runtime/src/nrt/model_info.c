/* SPDX-License-Identifier: Apache-2.0 */
/* What a program asks about a loaded model. */
#include <stdio.h>
#include <stdlib.h>

#include "nrt/libnrt.h"
#include "nrt/nrt_experimental.h"
#include "nrt/struct_size.h"

/* Numbers of a model, which never change. */
struct model_facts {
    uint32_t replica_count;
    uint32_t core_count;
    uint32_t first_vnc;
};

static NRT_STATUS
refuse_model(const char *call)
{
    return libnrt_refuse(NRT_INVALID_HANDLE, call, "no live model has this handle");
}

/* Reads the numbers, where the caller has a place for what it wants of them. */
static NRT_STATUS
read_facts(const char *call, const nrt_model_t *model, const void *place, struct model_facts *facts)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    libnrt_lock();
    bool is_live = libnrt_knows(model, LIBNRT_MODEL);
    if (is_live) {
        facts->replica_count = model->replica_count;
        facts->core_count = model->replica_count * model->replica_core_count;
        facts->first_vnc = model->first_vnc;
    }
    libnrt_unlock();
    if (!is_live) {
        status = refuse_model(call);
    } else if (place == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "there is no place for the answer: it is NULL");
    }
    libnrt_leave();
    return status;
}

static NRT_STATUS
count_cores(const char *call, const nrt_model_t *model, uint32_t *count)
{
    struct model_facts facts = {.core_count = 0};
    NRT_STATUS status = read_facts(call, model, count, &facts);

    if (status == NRT_SUCCESS) {
        *count = facts.core_count;
    }
    return status;
}

NRT_STATUS
nrt_get_model_nc_count(const nrt_model_t *model, uint32_t *vnc_count)
{
    return count_cores("nrt_get_model_nc_count", model, vnc_count);
}

NRT_STATUS
nrt_get_model_vnc_count(const nrt_model_t *model, uint32_t *vnc_count)
{
    return count_cores("nrt_get_model_vnc_count", model, vnc_count);
}

NRT_STATUS
nrt_get_model_instance_count(nrt_model_t *model, uint32_t *instance_count)
{
    struct model_facts facts = {.core_count = 0};
    NRT_STATUS status = read_facts("nrt_get_model_instance_count", model, instance_count, &facts);

    if (status == NRT_SUCCESS) {
        *instance_count = facts.replica_count;
    }
    return status;
}

NRT_STATUS
nrt_get_model_info(const nrt_model_t *model, nrt_model_info_t *info, size_t info_size_in,
                   size_t *info_size_out)
{
    struct model_facts facts = {.core_count = 0};
    NRT_STATUS status = read_facts("nrt_get_model_info", model, info, &facts);

    if (status != NRT_SUCCESS) {
        return status;
    }
    const nrt_model_info_t known = {.vnc = facts.first_vnc};
    size_t written = libnrt_copy_struct(info, info_size_in, &known, sizeof(known));
    if (info_size_out != NULL) {
        *info_size_out = written;
    }
    return NRT_SUCCESS;
}

static nrt_dtype_t
dtype_of(enum neuron_type type)
{
    static const nrt_dtype_t dtypes[] = {
        [NEURON_NO_TYPE] = NRT_DTYPE_UNKNOWN,   [NEURON_FLOAT32] = NRT_DTYPE_FLOAT32,
        [NEURON_FLOAT64] = NRT_DTYPE_UNKNOWN, /* no accelerator has it */
        [NEURON_BFLOAT16] = NRT_DTYPE_BFLOAT16, [NEURON_FLOAT16] = NRT_DTYPE_FLOAT16,
        [NEURON_INT8] = NRT_DTYPE_INT8,         [NEURON_UINT8] = NRT_DTYPE_UINT8,
        [NEURON_INT32] = NRT_DTYPE_INT32,       [NEURON_INT64] = NRT_DTYPE_INT64,
        [NEURON_BOOL] = NRT_DTYPE_UINT8, /* one byte, 0 or 1 */
    };
    size_t index = (size_t)type;

    return index < sizeof(dtypes) / sizeof(dtypes[0]) ? dtypes[index] : NRT_DTYPE_UNKNOWN;
}

/* Describes one input or output; the shape goes to memory behind the array. */
static void
describe_port(const struct libnrt_port *port, uint32_t *shape, nrt_tensor_info_t *described)
{
    const struct neuron_tensor_shape *dims = &port->spec->shape;

    (void)snprintf(described->name, sizeof(described->name), "%s", port->spec->name);
    described->size = port->size_bytes;
    described->dtype = dtype_of(dims->type);
    described->ndim = dims->rank;
    described->shape = shape;
    for (uint32_t i = 0; i < dims->rank; i += 1) {
        shape[i] = (uint32_t)dims->dims[i];
    }
}

/* One allocation: the array, and behind it the shapes. */
static nrt_tensor_info_array_t *
describe_model(const nrt_model_t *model)
{
    size_t count = (size_t)model->input_count + model->output_count;
    size_t array_bytes = sizeof(nrt_tensor_info_array_t) + count * sizeof(nrt_tensor_info_t);
    nrt_tensor_info_array_t *described =
        calloc(1, array_bytes + count * NEURON_RANK_LIMIT * sizeof(uint32_t));

    if (described == NULL) {
        return NULL;
    }
    uint32_t *shapes = (uint32_t *)&described->tensor_array[count];
    described->tensor_count = count;
    for (size_t i = 0; i < count; i += 1) {
        describe_port(&model->ports[i], &shapes[i * NEURON_RANK_LIMIT],
                      &described->tensor_array[i]);
        described->tensor_array[i].usage =
            i < model->input_count ? NRT_TENSOR_USAGE_INPUT : NRT_TENSOR_USAGE_OUTPUT;
    }
    return described;
}

static NRT_STATUS
create_description(const char *call, const nrt_model_t *model,
                   nrt_tensor_info_array_t **tensor_info)
{
    if (tensor_info == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "tensor_info is NULL");
    }
    libnrt_lock();
    bool is_live = libnrt_knows(model, LIBNRT_MODEL);
    nrt_tensor_info_array_t *described = is_live ? describe_model(model) : NULL;
    libnrt_unlock();
    if (!is_live) {
        return refuse_model(call);
    }
    if (described == NULL || !libnrt_register(described, LIBNRT_TENSOR_INFO)) {
        free(described);
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for the description of a model");
    }
    *tensor_info = described;
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_get_model_tensor_info(nrt_model_t *model, nrt_tensor_info_array_t **tensor_info)
{
    static const char call[] = "nrt_get_model_tensor_info";
    NRT_STATUS status = libnrt_enter(call);

    if (status == NRT_SUCCESS) {
        status = create_description(call, model, tensor_info);
        libnrt_leave();
    }
    return status;
}

NRT_STATUS
nrt_free_model_tensor_info(nrt_tensor_info_array_t *tensor_info)
{
    static const char call[] = "nrt_free_model_tensor_info";
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (libnrt_unregister(tensor_info, LIBNRT_TENSOR_INFO)) {
        free(tensor_info);
    } else {
        status = libnrt_refuse(NRT_INVALID, call, "no live array has this address");
    }
    libnrt_leave();
    return status;
}
